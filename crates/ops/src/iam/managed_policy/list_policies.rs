//! ListPolicies: lists managed policies, the account's own before the AWS-named ones, by name.

use model::arn::HasArn;
use model::{AWS_ACCOUNT, Account, Name, v1};
use schema::Fault;
use schema::iam::v1::{ListPoliciesRequest, ListPoliciesResponse};

use super::brief;
use super::usage::Usage;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListPoliciesRequest {
    type Response = ListPoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let list = Access::list("iam:ListPolicies", view, "policy", Some(prefix));
        vec![Access { label: Some(format!("policy path {prefix}")), ..list }]
    }
}

impl Read for ListPoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListPoliciesResponse, Fault> {
        let page = Page::new(view, "ListPolicies", self.marker.as_deref(), self.max_items)?;
        let own = view.account();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let usage = usage(self);
        let policies = accounts(self.scope(), view)
            .flat_map(|(order, account)| account.policies().values().map(move |p| (order, p)))
            .map(|(order, policy)| (key(order, policy), policy))
            .filter(|(key, _)| page.after().is_none_or(|after| key > after))
            .filter(|(_, policy)| policy.path.starts_with(prefix))
            .filter(|(_, policy)| usage.is_of(own.index().attached(&policy.arn())));
        let paged = page.take(policies.map(|(key, policy)| (key, brief(view, policy))));
        Ok(ListPoliciesResponse {
            policies: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

/// The accounts whose policies are in the scope, with the letters that put them in order.
fn accounts<'a>(scope: &str, view: &View<'a>) -> impl Iterator<Item = (char, &'a Account)> {
    let own = (scope != "AWS").then(|| ('a', view.account()));
    let aws = (scope != "Local").then(|| view.state().account(AWS_ACCOUNT)).flatten();
    own.into_iter().chain(aws.map(|account| ('b', account)))
}

fn usage(request: &ListPoliciesRequest) -> Usage {
    match Usage::of(request.policy_usage_filter.as_deref()) {
        Usage::Any if request.only_attached() => Usage::Attachment,
        usage => usage,
    }
}

fn key(order: char, policy: &v1::ManagedPolicy) -> Name {
    Name::new(&format!("{order}/{}", policy.name))
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachUserPolicyRequest, PutUserPermissionsBoundaryRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn list(cell: &Cell, request: ListPoliciesRequest) -> Vec<String> {
        let policies = cell.read(request).unwrap().policies;
        policies.into_iter().filter_map(|policy| policy.policy_name).collect()
    }

    fn scope(scope: &str) -> ListPoliciesRequest {
        ListPoliciesRequest { scope: Some(scope.to_owned()), ..Default::default() }
    }

    fn cell() -> Cell {
        let mut cell = Cell::new();
        for name in ["b", "ReadOnlyAccess", "A"] {
            made(&mut cell, name, "s3:Get*");
        }
        cell
    }

    #[test]
    fn a_scope_selects_and_all_is_what_is_meant_without_one() {
        let cell = cell();
        let own = list(&cell, scope("Local"));
        assert_eq!(own, ["A", "b", "ReadOnlyAccess"]);
        let aws = list(&cell, scope("AWS"));
        assert!(aws.contains(&"AdministratorAccess".to_owned()), "{aws:?}");
        assert!(aws.contains(&"ReadOnlyAccess".to_owned()), "{aws:?}");
        let all: Vec<String> = own.into_iter().chain(aws).collect();
        assert_eq!(list(&cell, scope("All")), all);
        assert_eq!(list(&cell, ListPoliciesRequest::default()), all);
    }

    #[test]
    fn pages_follow_each_other() {
        let cell = cell();
        let mut request = ListPoliciesRequest { max_items: Some(2), ..Default::default() };
        let mut names = Vec::new();
        loop {
            let page = cell.read(request.clone()).unwrap();
            assert!(page.policies.len() <= 2);
            assert_eq!(page.is_truncated(), page.marker.is_some());
            names.extend(page.policies.into_iter().filter_map(|policy| policy.policy_name));
            let Some(marker) = page.marker else { break };
            request.marker = Some(marker);
        }
        assert_eq!(names, list(&cell, ListPoliciesRequest::default()));
    }

    #[test]
    fn usage_and_path_select() {
        let mut cell = cell();
        cell.user("alice");
        let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let (user_name, policy_arn) = ("alice".to_owned(), arn("A"));
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        let (user_name, permissions_boundary) = ("alice".to_owned(), arn("b"));
        cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
        let usage = |usage: &str| ListPoliciesRequest {
            policy_usage_filter: Some(usage.to_owned()),
            ..Default::default()
        };
        let attached = ListPoliciesRequest { only_attached: Some(true), ..Default::default() };
        assert_eq!(list(&cell, attached), ["A"]);
        assert_eq!(list(&cell, usage("PermissionsPolicy")), ["A"]);
        assert_eq!(list(&cell, usage("PermissionsBoundary")), ["b"]);
        let path_prefix = Some("/job-function/".to_owned());
        let below = ListPoliciesRequest { path_prefix, ..Default::default() };
        assert_eq!(list(&cell, below), ["Billing", "ViewOnlyAccess"]);
    }

    #[test]
    fn a_refusal_names_the_path() {
        let mut cell = cell();
        let caller = cell.user("alice");
        assert_fault(
            cell.read_as(&caller, ListPoliciesRequest::default()),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:ListPolicies on resource: policy path / because no identity-based policy \
                 allows the iam:ListPolicies action"
            ),
        );
    }
}
