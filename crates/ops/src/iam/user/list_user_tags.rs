//! ListUserTags: lists the tags of a user, in the order of their keys.

use schema::Fault;
use schema::iam::v1::{ListUserTagsRequest, ListUserTagsResponse};

use super::find;
use crate::page::Page;
use crate::{Access, Operation, Read, View, tags};

impl Operation for ListUserTagsRequest {
    type Response = ListUserTagsResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:ListUserTags", view, &self.user_name)]
    }
}

impl Read for ListUserTagsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListUserTagsResponse, Fault> {
        let page = Page::new(view, "ListUserTags", self.marker.as_deref(), self.max_items)?;
        let paged = tags::page(&page, &find(view, &self.user_name)?.tags);
        Ok(ListUserTagsResponse {
            tags: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, Tag};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn list(user_name: &str) -> ListUserTagsRequest {
        ListUserTagsRequest { user_name: user_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn tags_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        let tag = |key: &str| Tag { key: key.to_owned(), value: format!("{key}!") };
        let tags = vec![tag("b"), tag("a"), tag("c")];
        cell.write(CreateUserRequest { user_name: "alice".to_owned(), tags, ..Default::default() })
            .unwrap();
        let first = ListUserTagsRequest { max_items: Some(2), ..list("alice") };
        let first = cell.read(first).unwrap();
        assert_eq!((first.tags, first.is_truncated), (vec![tag("a"), tag("b")], Some(true)));
        let rest = ListUserTagsRequest { marker: first.marker, ..list("alice") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((rest.tags, rest.is_truncated), (vec![tag("c")], Some(false)));
    }

    /// A tag key has up to 128 characters of any script, a marker up to 320 of Latin.
    #[test]
    fn markers_of_the_longest_keys_are_taken_back() {
        let operation = schema::operation(schema::Service::Iam, "ListUserTags").unwrap();
        let mut cell = Cell::new();
        let tag = |last: char| Tag {
            key: format!("{}{last}", "\u{20000}".repeat(127)),
            value: String::new(),
        };
        let tags = vec![tag('a'), tag('b'), tag('c')];
        cell.write(CreateUserRequest { user_name: "alice".to_owned(), tags, ..Default::default() })
            .unwrap();
        let (mut marker, mut seen) = (None, Vec::new());
        for left in [true, true, false] {
            let request = ListUserTagsRequest { marker, max_items: Some(1), ..list("alice") };
            wire::validate(operation, &prost::Message::encode_to_vec(&request)).unwrap();
            let page = cell.read(request).unwrap();
            assert_eq!(page.is_truncated, Some(left));
            seen.extend(page.tags.into_iter().map(|tag| tag.key));
            marker = page.marker;
        }
        seen.sort();
        assert_eq!(seen, [tag('a').key, tag('b').key, tag('c').key]);
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().read(list("nobody")), "NoSuchEntity", message);
    }
}
