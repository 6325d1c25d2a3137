//! ListEntitiesForPolicy: lists the groups, roles and users that carry a managed policy.

use std::collections::BTreeMap;

use model::account::Attached;
use model::{Name, v1};
use schema::Fault;
use schema::iam::v1::{
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole,
    PolicyUser,
};

use super::check_arn;
use super::usage::Usage;
use crate::page::Page;
use crate::{Access, Operation, Read, View, faults};

impl Operation for ListEntitiesForPolicyRequest {
    type Response = ListEntitiesForPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:ListEntitiesForPolicy", view, &self.policy_arn)]
    }
}

impl Read for ListEntitiesForPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<ListEntitiesForPolicyResponse, Fault> {
        let (marker, max_items) = (self.marker.as_deref(), self.max_items);
        let page = Page::new(view, "ListEntitiesForPolicy", marker, max_items)?;
        if view.attachable(&self.policy_arn).is_none() {
            return Err(faults::not_attachable(&self.policy_arn));
        }
        let used = view.account().index().attached(&self.policy_arn);
        let carriers = used.map(|used| carriers(self, view, used)).unwrap_or_default();
        let paged = page.take_sorted(carriers);
        let mut response = ListEntitiesForPolicyResponse {
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
            ..Default::default()
        };
        for carrier in paged.items {
            match carrier {
                Carrier::Group(group) => response.policy_groups.push(group),
                Carrier::Role(role) => response.policy_roles.push(role),
                Carrier::User(user) => response.policy_users.push(user),
            }
        }
        Ok(response)
    }
}

enum Carrier {
    Group(PolicyGroup),
    Role(PolicyRole),
    User(PolicyUser),
}

/// Who carries the policy, as far as the filters of the request let through, with page keys that
/// put groups before roles before users.
fn carriers(
    request: &ListEntitiesForPolicyRequest,
    view: &View<'_>,
    used: &Attached,
) -> BTreeMap<Name, Carrier> {
    let prefix = request.path_prefix.as_deref().unwrap_or("/");
    let usage = Usage::of(request.policy_usage_filter.as_deref());
    let wants = |kind: &str| request.entity_filter.as_deref().is_none_or(|filter| filter == kind);
    let attached = |kind: &str| wants(kind) && usage.has_attachments();
    let bounded = |kind: &str| wants(kind) && usage.has_boundaries();
    let account = view.account();
    let groups = used.groups.iter().filter(|_| attached("Group"));
    let roles = used.roles.iter().filter(|_| attached("Role"));
    let roles = roles.chain(used.bounded_roles.iter().filter(|_| bounded("Role")));
    let users = used.users.iter().filter(|_| attached("User"));
    let users = users.chain(used.bounded_users.iter().filter(|_| bounded("User")));

    let groups = groups.filter_map(|key| account.groups().get(key)).map(|group| group.record());
    let groups = groups.filter(|group| group.path.starts_with(prefix)).map(of_group);
    let roles = roles.filter_map(|key| account.roles().get(key)).map(|role| role.record());
    let roles = roles.filter(|role| role.path.starts_with(prefix)).map(of_role);
    let users = users.filter_map(|key| account.users().get(key)).map(|user| user.record());
    let users = users.filter(|user| user.path.starts_with(prefix)).map(of_user);
    // One that carries the policy both ways stands under one key.
    groups.chain(roles).chain(users).collect()
}

fn key(order: char, name: &str) -> Name {
    Name::new(&format!("{order}/{name}"))
}

fn of_group(group: &v1::Group) -> (Name, Carrier) {
    let (group_name, group_id) = (Some(group.name.clone()), Some(group.id.clone()));
    (key('a', &group.name), Carrier::Group(PolicyGroup { group_name, group_id }))
}

fn of_role(role: &v1::Role) -> (Name, Carrier) {
    let (role_name, role_id) = (Some(role.name.clone()), Some(role.id.clone()));
    (key('b', &role.name), Carrier::Role(PolicyRole { role_name, role_id }))
}

fn of_user(user: &v1::User) -> (Name, Carrier) {
    let (user_name, user_id) = (Some(user.name.clone()), Some(user.id.clone()));
    (key('c', &user.name), Carrier::User(PolicyUser { user_name, user_id }))
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AttachGroupPolicyRequest, AttachRolePolicyRequest, AttachUserPolicyRequest,
        CreateGroupRequest, CreateUserRequest, PutUserPermissionsBoundaryRequest,
    };

    use super::super::super::role;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    /// The policy is attached to a group, a role and a user, and bounds that user and another.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        let policy_arn = || READ_ONLY.to_owned();
        let group_name = || "group".to_owned();
        cell.write(CreateGroupRequest { group_name: group_name(), ..Default::default() }).unwrap();
        let (group_name, role_name) = (group_name(), "role".to_owned());
        cell.write(AttachGroupPolicyRequest { group_name, policy_arn: policy_arn() }).unwrap();
        role::made(&mut cell, "role", ACCOUNT);
        cell.write(AttachRolePolicyRequest { role_name, policy_arn: policy_arn() }).unwrap();
        for (path, user_name) in [("/", "both"), ("/team/", "bounded")] {
            let (path, user_name) = (Some(path.to_owned()), user_name.to_owned());
            let create =
                CreateUserRequest { path, user_name: user_name.clone(), ..Default::default() };
            cell.write(create).unwrap();
            let permissions_boundary = policy_arn();
            cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary })
                .unwrap();
        }
        let (user_name, policy_arn) = ("both".to_owned(), policy_arn());
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        cell
    }

    fn all() -> ListEntitiesForPolicyRequest {
        ListEntitiesForPolicyRequest { policy_arn: READ_ONLY.to_owned(), ..Default::default() }
    }

    fn names(response: &ListEntitiesForPolicyResponse) -> Vec<&str> {
        let groups = response.policy_groups.iter().map(|group| group.group_name());
        let roles = response.policy_roles.iter().map(|role| role.role_name());
        let users = response.policy_users.iter().map(|user| user.user_name());
        groups.chain(roles).chain(users).collect()
    }

    #[test]
    fn filters_narrow_what_is_listed() {
        let cell = cell();
        let kind = |kind: &str| ListEntitiesForPolicyRequest {
            entity_filter: Some(kind.to_owned()),
            ..all()
        };
        let usage = |usage: &str| ListEntitiesForPolicyRequest {
            policy_usage_filter: Some(usage.to_owned()),
            ..all()
        };
        let path_prefix = Some("/team/".to_owned());
        let below = ListEntitiesForPolicyRequest { path_prefix, ..all() };
        for (request, expected) in [
            (all(), vec!["group", "role", "both", "bounded"]),
            (kind("Group"), vec!["group"]),
            (kind("Role"), vec!["role"]),
            (kind("User"), vec!["both", "bounded"]),
            (kind("AWSManagedPolicy"), vec![]),
            (usage("PermissionsPolicy"), vec!["group", "role", "both"]),
            (usage("PermissionsBoundary"), vec!["both", "bounded"]),
            (below, vec!["bounded"]),
        ] {
            let answer = cell.read(request.clone()).unwrap();
            assert_eq!(names(&answer), expected, "{request:?}");
            assert_eq!(answer.is_truncated, Some(false));
        }
    }

    #[test]
    fn pages_go_over_all_kinds() {
        let cell = cell();
        let first = ListEntitiesForPolicyRequest { max_items: Some(3), ..all() };
        let first = cell.read(first).unwrap();
        assert_eq!(names(&first), ["group", "role", "both"]);
        assert!(first.policy_groups[0].group_id().starts_with("AGPA"));
        assert_eq!(first.is_truncated, Some(true));
        let rest = ListEntitiesForPolicyRequest { marker: first.marker, ..all() };
        assert_eq!(names(&cell.read(rest).unwrap()), ["bounded"]);
    }

    #[test]
    fn no_such_policy() {
        let policy_arn = format!("arn:aws:iam::{ACCOUNT}:policy/NonExistentPolicy");
        let message = format!("Policy {policy_arn} does not exist or is not attachable.");
        let request = ListEntitiesForPolicyRequest { policy_arn, ..Default::default() };
        assert_fault(Cell::new().read(request), "NoSuchEntity", &message);
    }
}
