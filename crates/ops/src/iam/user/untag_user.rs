//! UntagUser: takes tags of a user away.

use schema::Fault;
use schema::iam::v1::{UntagUserRequest, UntagUserResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UntagUserRequest {
    type Response = UntagUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let untag = Access::user("iam:UntagUser", view, &self.user_name);
        vec![untag.naming_tags(&self.tag_keys)]
    }
}

impl Write for UntagUserRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UntagUserResponse, Fault> {
        let mut user = find(&txn.view(), &self.user_name)?.record().clone();
        tags::remove(&mut user.tags, &self.tag_keys, Keys::Caseless);
        txn.put(user);
        Ok(UntagUserResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, ListUserTagsRequest, Tag};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn untag(user_name: &str, tag_keys: &[&str]) -> UntagUserRequest {
        UntagUserRequest {
            user_name: user_name.to_owned(),
            tag_keys: tag_keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    fn tagged_user() -> Cell {
        let mut cell = Cell::new();
        let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
        let tags = vec![tag("Team"), tag("level")];
        cell.write(CreateUserRequest { user_name: "alice".to_owned(), tags, ..Default::default() })
            .unwrap();
        cell
    }

    #[test]
    fn keys_go_whatever_their_case_and_unknown_ones_are_no_fault() {
        let mut cell = tagged_user();
        cell.write(untag("alice", &["TEAM", "colour"])).unwrap();
        let request = ListUserTagsRequest { user_name: "alice".to_owned(), ..Default::default() };
        let left = cell.read(request).unwrap().tags;
        assert_eq!(left.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["level"]);
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().write(untag("nobody", &["k"])), "NoSuchEntity", message);
    }

    #[test]
    fn a_policy_can_say_which_keys() {
        let mut cell = tagged_user();
        let caller = cell.user("bob");
        cell.allow(
            "bob",
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UntagUser",
                "Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"level"}}}}"#,
        );
        cell.write_as(&caller, untag("alice", &["level"])).unwrap();
        let refused = cell.write_as(&caller, untag("alice", &["level", "Team"]));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }
}
