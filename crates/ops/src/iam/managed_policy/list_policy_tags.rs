//! ListPolicyTags: lists the tags of a managed policy, in the order of their keys.

use schema::Fault;
use schema::iam::v1::{ListPolicyTagsRequest, ListPolicyTagsResponse};

use super::{check_arn, find};
use crate::page::Page;
use crate::{Access, Operation, Read, View, tags};

impl Operation for ListPolicyTagsRequest {
    type Response = ListPolicyTagsResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:ListPolicyTags", view, &self.policy_arn)]
    }
}

impl Read for ListPolicyTagsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListPolicyTagsResponse, Fault> {
        let page = Page::new(view, "ListPolicyTags", self.marker.as_deref(), self.max_items)?;
        let paged = tags::page(&page, &find(view, &self.policy_arn)?.tags);
        Ok(ListPolicyTagsResponse {
            tags: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{Tag, TagPolicyRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn list(policy_arn: &str) -> ListPolicyTagsRequest {
        ListPolicyTagsRequest { policy_arn: policy_arn.to_owned(), ..Default::default() }
    }

    #[test]
    fn tags_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let tag = |key: &str| Tag { key: key.to_owned(), value: format!("{key}!") };
        let (policy_arn, tags) = (arn.clone(), vec![tag("b"), tag("a"), tag("c")]);
        cell.write(TagPolicyRequest { policy_arn, tags }).unwrap();
        let first = ListPolicyTagsRequest { max_items: Some(2), ..list(&arn) };
        let first = cell.read(first).unwrap();
        assert_eq!((first.tags, first.is_truncated), (vec![tag("a"), tag("b")], Some(true)));
        let rest = cell.read(ListPolicyTagsRequest { marker: first.marker, ..list(&arn) });
        let rest = rest.unwrap();
        assert_eq!((rest.tags, rest.is_truncated), (vec![tag("c")], Some(false)));
    }

    #[test]
    fn no_such_policy() {
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/NotAPolicy");
        let message = format!("Policy {none} was not found.");
        assert_fault(Cell::new().read(list(&none)), "NoSuchEntity", &message);
    }
}
