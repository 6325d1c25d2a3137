//! DeleteAccessKey: deletes a key of a user, by default the caller.

use schema::Fault;
use schema::iam::v1::{DeleteAccessKeyRequest, DeleteAccessKeyResponse};

use super::{access, find, owner};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteAccessKeyRequest {
    type Response = DeleteAccessKeyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        access("iam:DeleteAccessKey", view, self.user_name.as_deref())
    }
}

impl Write for DeleteAccessKeyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteAccessKeyResponse, Fault> {
        let owner = owner(&txn.view(), self.user_name.as_deref())?;
        let key = find(&txn.view(), &owner, &self.access_key_id)?.record().clone();
        txn.delete(&key);
        Ok(DeleteAccessKeyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{DeleteUserRequest, GetUserRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn delete(user_name: Option<&str>, key_id: &str) -> DeleteAccessKeyRequest {
        DeleteAccessKeyRequest {
            user_name: user_name.map(str::to_owned),
            access_key_id: key_id.to_owned(),
        }
    }

    #[test]
    fn a_deleted_key_signs_nothing_and_holds_its_user_no_more() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.write(delete(Some("alice"), &caller.access_key_id)).unwrap();
        assert_fault(
            cell.read_as(&caller, GetUserRequest::default()),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
        let message = format!("The Access Key with id {} cannot be found.", caller.access_key_id);
        let again = cell.write(delete(Some("alice"), &caller.access_key_id));
        assert_fault(again, "NoSuchEntity", &message);
        cell.write(DeleteUserRequest { user_name: "alice".to_owned() }).unwrap();
    }

    #[test]
    fn root_deletes_its_own_by_default() {
        let mut cell = Cell::new();
        let key_id = cell.root.access_key_id.clone();
        cell.write(delete(None, &key_id)).unwrap();
        assert_eq!(cell.read(GetUserRequest::default()).unwrap_err().code, "InvalidClientTokenId");
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        let answer = Cell::new().write(delete(Some("nobody"), "AKIAIOSFODNN7EXAMPLE"));
        assert_fault(answer, "NoSuchEntity", message);
    }
}
