//! ListInstanceProfileTags: lists the tags of an instance profile, in the order of their keys.

use schema::Fault;
use schema::iam::v1::{ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse};

use super::find;
use crate::page::Page;
use crate::{Access, Operation, Read, View, tags};

impl Operation for ListInstanceProfileTagsRequest {
    type Response = ListInstanceProfileTagsResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        vec![Access::instance_profile("iam:ListInstanceProfileTags", view, name)]
    }
}

impl Read for ListInstanceProfileTagsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListInstanceProfileTagsResponse, Fault> {
        let operation = "ListInstanceProfileTags";
        let page = Page::new(view, operation, self.marker.as_deref(), self.max_items)?;
        let paged = tags::page(&page, &find(view, &self.instance_profile_name)?.tags);
        Ok(ListInstanceProfileTagsResponse {
            tags: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{Tag, TagInstanceProfileRequest};

    use super::super::tests::cell;
    use super::*;
    use crate::testing::assert_fault;

    fn list(name: &str) -> ListInstanceProfileTagsRequest {
        ListInstanceProfileTagsRequest {
            instance_profile_name: name.to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn tags_come_in_pages_and_in_order() {
        let mut cell = cell();
        let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
        let (instance_profile_name, tags) = ("machine".to_owned(), vec![tag("b"), tag("a")]);
        cell.write(TagInstanceProfileRequest { instance_profile_name, tags }).unwrap();
        let first = ListInstanceProfileTagsRequest { max_items: Some(1), ..list("machine") };
        let first = cell.read(first).unwrap();
        assert_eq!((first.tags, first.is_truncated), (vec![tag("a")], Some(true)));
        let rest = ListInstanceProfileTagsRequest { marker: first.marker, ..list("machine") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((rest.tags, rest.is_truncated), (vec![tag("b")], Some(false)));
    }

    #[test]
    fn no_such_profile() {
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(cell().read(list("nothing")), "NoSuchEntity", message);
    }
}
