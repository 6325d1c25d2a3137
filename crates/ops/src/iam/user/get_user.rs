//! GetUser: describes a user, by default the caller.

use schema::Fault;
use schema::iam::v1::{GetUserRequest, GetUserResponse, User};

use super::super::timestamp;
use super::{find, full};
use crate::{Access, Operation, Read, View};

impl Operation for GetUserRequest {
    type Response = GetUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        match (&self.user_name, &view.principal().user) {
            (None, None) => vec![Access::new("iam:GetUser", view.principal().principal_arn())],
            (None, Some(user)) => vec![Access::user("iam:GetUser", view, &user.name)],
            (Some(name), _) => vec![Access::user("iam:GetUser", view, name)],
        }
    }
}

impl Read for GetUserRequest {
    fn read(&self, view: &View<'_>) -> Result<GetUserResponse, Fault> {
        if self.user_name.is_none() && view.principal().is_root() {
            return Ok(GetUserResponse { user: Some(root(view)) });
        }
        let user = find(view, &view.user_name(self.user_name.as_deref())?)?;
        Ok(GetUserResponse { user: Some(full(user)) })
    }
}

/// Root has no name and no path.
fn root(view: &View<'_>) -> User {
    User {
        user_id: view.account().id().to_owned(),
        arn: view.principal().arn.clone(),
        create_date: Some(timestamp(view.account().record().created_ms)),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    #[test]
    fn root_is_described_without_a_name() {
        let user = Cell::new().read(GetUserRequest::default()).unwrap().user.unwrap();
        assert_eq!((user.user_id.as_str(), user.user_name.as_str()), (ACCOUNT, ""));
        assert_eq!(user.arn, format!("arn:aws:iam::{ACCOUNT}:root"));
    }

    #[test]
    fn a_user_is_itself_by_default() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:GetUser", &format!("arn:aws:iam::{ACCOUNT}:user/alice")));
        let user = cell.read_as(&caller, GetUserRequest::default()).unwrap().user.unwrap();
        assert_eq!(user.user_name, "alice");
    }

    #[test]
    fn no_such_user() {
        assert_fault(
            Cell::new().read(GetUserRequest { user_name: Some("nobody".to_owned()) }),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
    }

    #[test]
    fn refused_before_it_is_looked_up() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        assert_fault(
            cell.read_as(&caller, GetUserRequest { user_name: Some("nobody".to_owned()) }),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: iam:GetUser on resource: \
                 user nobody because no identity-based policy allows the iam:GetUser action"
            ),
        );
    }
}
