//! ListPolicyVersions: lists the versions of a managed policy, the newest first.

use model::Name;
use schema::Fault;
use schema::iam::v1::{ListPolicyVersionsRequest, ListPolicyVersionsResponse};

use super::{check_arn, version};
use crate::page::Page;
use crate::{Access, Operation, Read, View, faults};

impl Operation for ListPolicyVersionsRequest {
    type Response = ListPolicyVersionsResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:ListPolicyVersions", view, &self.policy_arn)]
    }
}

impl Read for ListPolicyVersionsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListPolicyVersionsResponse, Fault> {
        let page = Page::new(view, "ListPolicyVersions", self.marker.as_deref(), self.max_items)?;
        let policy = view
            .attachable(&self.policy_arn)
            .ok_or_else(|| faults::not_attachable(&self.policy_arn))?;
        let versions = policy.versions.iter().map(|v| (newest_first(v.number), v));
        let paged = page.take_sorted(versions.map(|(key, v)| (key, version::brief(policy, v))));
        Ok(ListPolicyVersionsResponse {
            versions: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

fn newest_first(number: u32) -> Name {
    Name::exact(&format!("{:010}", u32::MAX - number))
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreatePolicyVersionRequest, DeletePolicyVersionRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn list(policy_arn: &str) -> ListPolicyVersionsRequest {
        ListPolicyVersionsRequest { policy_arn: policy_arn.to_owned(), ..Default::default() }
    }

    fn ids(response: &ListPolicyVersionsResponse) -> Vec<&str> {
        response.versions.iter().map(|version| version.version_id()).collect()
    }

    #[test]
    fn pages_follow_each_other_from_the_newest_to_the_oldest() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        for number in 2..=10 {
            let create = CreatePolicyVersionRequest {
                policy_arn: arn.clone(),
                policy_document: allow("s3:Put*", "*"),
                set_as_default: None,
            };
            cell.write(create).unwrap();
            if number < 8 {
                let (policy_arn, version_id) = (arn.clone(), format!("v{number}"));
                cell.write(DeletePolicyVersionRequest { policy_arn, version_id }).unwrap();
            }
        }
        let first = ListPolicyVersionsRequest { max_items: Some(3), ..list(&arn) };
        let first = cell.read(first).unwrap();
        assert_eq!((ids(&first), first.is_truncated), (vec!["v10", "v9", "v8"], Some(true)));
        assert!(first.versions.iter().all(|version| version.document.is_none()));
        let rest = ListPolicyVersionsRequest { marker: first.marker.clone(), ..list(&arn) };
        let rest = cell.read(rest).unwrap();
        assert_eq!((ids(&rest), rest.is_truncated), (vec!["v1"], Some(false)));
        assert_eq!(rest.versions[0].is_default_version, Some(true));
    }

    #[test]
    fn no_such_policy() {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        let message = format!("Policy {arn} does not exist or is not attachable.");
        assert_fault(Cell::new().read(list(&arn)), "NoSuchEntity", &message);
    }
}
