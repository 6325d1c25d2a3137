//! TagUser: puts tags on a user, in place of those of the same keys.

use schema::Fault;
use schema::iam::v1::{TagUserRequest, TagUserResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for TagUserRequest {
    type Response = TagUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let tag = Access::user("iam:TagUser", view, &self.user_name);
        vec![tag.requesting(tags::pairs(&self.tags))]
    }
}

impl Write for TagUserRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<TagUserResponse, Fault> {
        let mut user = find(&txn.view(), &self.user_name)?.record().clone();
        tags::add(&mut user.tags, &self.tags, Keys::Caseless)?;
        txn.put(user);
        Ok(TagUserResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{ListUserTagsRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn tag(user_name: &str, tags: &[(&str, &str)]) -> TagUserRequest {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        TagUserRequest { user_name: user_name.to_owned(), tags: tags.iter().map(tag).collect() }
    }

    fn tags_of(cell: &Cell, user_name: &str) -> Vec<Tag> {
        let request = ListUserTagsRequest { user_name: user_name.to_owned(), ..Default::default() };
        cell.read(request).unwrap().tags
    }

    #[test]
    fn a_key_in_another_case_takes_the_old_ones_place() {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.write(tag("alice", &[("Team", "red"), ("level", "1")])).unwrap();
        cell.write(tag("alice", &[("team", "blue")])).unwrap();
        let expected = tag("", &[("level", "1"), ("team", "blue")]).tags;
        assert_eq!(tags_of(&cell, "alice"), expected);
    }

    #[test]
    fn a_user_has_at_most_fifty() {
        let mut cell = Cell::new();
        cell.user("alice");
        let keys: Vec<String> = (0..51).map(|number| format!("k{number:02}")).collect();
        let pairs: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        cell.write(tag("alice", &pairs[..50])).unwrap();
        cell.write(tag("alice", &[("K00", "again")])).unwrap();
        assert_fault(
            cell.write(tag("alice", &pairs[50..])),
            "LimitExceeded",
            "The number of tags has reached the maximum limit.",
        );
        assert_eq!(tags_of(&cell, "alice").len(), 50);
    }

    #[test]
    fn duplicates_and_strangers_are_refused() {
        let mut cell = Cell::new();
        cell.user("alice");
        assert_fault(
            cell.write(tag("alice", &[("k", "1"), ("K", "2")])),
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
        assert_fault(
            cell.write(tag("nobody", &[("k", "1")])),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
    }

    /// Source: IAM User Guide, "Controlling access using tags", `aws:RequestTag` and `aws:TagKeys`.
    #[test]
    fn a_policy_can_say_which_tags() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow(
            "alice",
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:TagUser",
                "Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"}}}}"#,
        );
        cell.write_as(&caller, tag("alice", &[("team", "red")])).unwrap();
        assert_fault(
            cell.write_as(&caller, tag("alice", &[("team", "blue")])),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:TagUser on resource: user alice because no identity-based policy allows \
                 the iam:TagUser action"
            ),
        );
    }
}
