//! CreateUser: makes a user.

use model::id::Prefix;
use model::{quota, v1};
use schema::Fault;
use schema::iam::v1::{CreateUserRequest, CreateUserResponse};

use super::super::boundary;
use super::full;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateUserRequest {
    type Response = CreateUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let path = self.path.as_deref();
        let create = Access::new_entity("iam:CreateUser", view, "user", path, &self.user_name)
            .requesting(tags::pairs(&self.tags))
            .bounded(self.permissions_boundary());
        tags::with_tagging(create, "iam:TagUser", &self.tags)
    }
}

impl Write for CreateUserRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateUserResponse, Fault> {
        if txn.account().users().named(&self.user_name).is_some() {
            return Err(faults::already_exists(format!(
                "User with name {} already exists.",
                self.user_name
            )));
        }
        if txn.account().users().len() >= quota::USERS {
            return Err(faults::quota("UsersPerAccount", quota::USERS));
        }
        let user = v1::User {
            account_id: txn.account_id(),
            name: self.user_name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            tags: tags::new(&self.tags, Keys::Caseless)?,
            boundary: boundary::checked(&txn.view(), self.permissions_boundary.as_deref())?,
            id: txn.new_id(Prefix::User),
            created_ms: txn.now_ms(),
            ..Default::default()
        };
        let response = CreateUserResponse { user: Some(full(&user)) };
        txn.put(user);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault};

    fn named(name: &str) -> CreateUserRequest {
        CreateUserRequest { user_name: name.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_user_is_made_and_found() {
        let mut cell = Cell::new();
        let request = CreateUserRequest { path: Some("/team/".to_owned()), ..named("Alice") };
        let made = cell.write(request).unwrap().user.unwrap();
        assert_eq!(made.arn, format!("arn:aws:iam::{ACCOUNT}:user/team/Alice"));
        assert!(made.user_id.starts_with("AIDA"));
        assert_eq!(made.create_date.unwrap().seconds, (NOW_MS / 1000) as i64);
        let found = cell.read(GetUserRequest { user_name: Some("alice".to_owned()) }).unwrap();
        assert_eq!(found.user.unwrap(), made);
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let mut cell = Cell::new();
        cell.write(named("Alice")).unwrap();
        assert_fault(
            cell.write(named("ALICE")),
            "EntityAlreadyExists",
            "User with name ALICE already exists.",
        );
    }

    #[test]
    fn tag_keys_are_unique_without_regard_to_case() {
        let tag = |key: &str| Tag { key: key.to_owned(), value: "v".to_owned() };
        assert_fault(
            Cell::new()
                .write(CreateUserRequest { tags: vec![tag("Team"), tag("team")], ..named("a") }),
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
    }

    #[test]
    fn a_boundary_must_exist() {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        assert_fault(
            Cell::new()
                .write(CreateUserRequest { permissions_boundary: Some(arn.clone()), ..named("a") }),
            "NoSuchEntity",
            &format!("Scope ARN: {arn} does not exist or is not attachable."),
        );
    }

    #[test]
    fn who_may_create_may_not_tag() {
        let mut cell = Cell::new();
        let caller = cell.user("maker");
        cell.allow("maker", &allow("iam:CreateUser", "*"));
        cell.write_as(&caller, named("plain")).unwrap();
        let tags = vec![Tag { key: "k".to_owned(), value: "v".to_owned() }];
        assert_fault(
            cell.write_as(&caller, CreateUserRequest { tags, ..named("tagged") }),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/maker is not authorized to perform: iam:TagUser on resource: \
                 arn:aws:iam::{ACCOUNT}:user/tagged because no identity-based policy allows the iam:TagUser action"
            ),
        );
    }
}
