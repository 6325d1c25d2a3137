//! UpdateAccessKey: switches a key off or on.

use schema::Fault;
use schema::iam::v1::{UpdateAccessKeyRequest, UpdateAccessKeyResponse};

use super::{access, find, owner};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for UpdateAccessKeyRequest {
    type Response = UpdateAccessKeyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        access("iam:UpdateAccessKey", view, self.user_name.as_deref())
    }
}

impl Write for UpdateAccessKeyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateAccessKeyResponse, Fault> {
        let active = match self.status.as_str() {
            "Active" => true,
            "Inactive" => false,
            // The schema also knows `Expired`, which is for answers only.
            _ => return Err(no_such_status()),
        };
        let owner = owner(&txn.view(), self.user_name.as_deref())?;
        let mut key = find(&txn.view(), &owner, &self.access_key_id)?.record().clone();
        key.active = active;
        txn.put(key);
        Ok(UpdateAccessKeyResponse {})
    }
}

fn no_such_status() -> Fault {
    faults::validation(
        "1 validation error detected: Value at 'status' failed to satisfy constraint: \
         Member must satisfy enum value set",
    )
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserRequest, ListAccessKeysRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn update(user_name: Option<&str>, key_id: &str, status: &str) -> UpdateAccessKeyRequest {
        UpdateAccessKeyRequest {
            user_name: user_name.map(str::to_owned),
            access_key_id: key_id.to_owned(),
            status: status.to_owned(),
        }
    }

    #[test]
    fn a_key_that_is_off_signs_nothing_until_it_is_on_again() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:*", "*"));
        let key_id = caller.access_key_id.clone();
        cell.write(update(Some("alice"), &key_id, "Inactive")).unwrap();
        let request =
            ListAccessKeysRequest { user_name: Some("alice".to_owned()), ..Default::default() };
        let listed = cell.read(request).unwrap().access_key_metadata;
        assert_eq!(listed[0].status.as_deref(), Some("Inactive"));
        assert_fault(
            cell.read_as(&caller, GetUserRequest::default()),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
        cell.write(update(Some("alice"), &key_id, "Active")).unwrap();
        cell.read_as(&caller, GetUserRequest::default()).unwrap();
    }

    #[test]
    fn another_owners_key_is_not_found() {
        let mut cell = Cell::new();
        let key_id = cell.user("alice").access_key_id;
        cell.user("bob");
        let message = format!("The Access Key with id {key_id} cannot be found.");
        for user_name in [Some("bob"), None] {
            let answer = cell.write(update(user_name, &key_id, "Inactive"));
            assert_fault(answer, "NoSuchEntity", &message);
        }
        assert_fault(
            cell.write(update(Some("alice"), "AKIAIOSFODNN7EXAMPLE", "Inactive")),
            "NoSuchEntity",
            "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.",
        );
    }

    #[test]
    fn nobody_makes_a_key_expire() {
        let mut cell = Cell::new();
        let key_id = cell.user("alice").access_key_id;
        assert_fault(
            cell.write(update(Some("alice"), &key_id, "Expired")),
            "ValidationError",
            "1 validation error detected: Value at 'status' failed to satisfy constraint: \
             Member must satisfy enum value set",
        );
    }
}
