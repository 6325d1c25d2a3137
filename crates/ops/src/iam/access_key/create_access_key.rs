//! CreateAccessKey: makes a key for a user, by default the caller; its secret is told once.

use model::{id, quota, v1};
use schema::Fault;
use schema::iam::v1::{AccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse};

use super::super::timestamp;
use super::{access, owner, status};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateAccessKeyRequest {
    type Response = CreateAccessKeyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        access("iam:CreateAccessKey", view, self.user_name.as_deref())
    }
}

impl Write for CreateAccessKeyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateAccessKeyResponse, Fault> {
        let owner = owner(&txn.view(), self.user_name.as_deref())?;
        if txn.account().keys_of(&owner.id).count() >= quota::ACCESS_KEYS_PER_USER {
            return Err(faults::quota("AccessKeysPerUser", quota::ACCESS_KEYS_PER_USER));
        }
        // A name may have gone to another user since the secret was sealed for its bearer.
        let secret = txn.sealed_for(&owner.id)?;
        let key = v1::AccessKey {
            id: id::access_key_id(&txn.account_id(), txn.revision()),
            account_id: txn.account_id(),
            owner_id: owner.id,
            active: true,
            secret: Some(secret),
            created_ms: txn.now_ms(),
            last_used: None,
        };
        let told = AccessKey {
            user_name: owner.user_name.unwrap_or_default(),
            access_key_id: key.id.clone(),
            status: status(&key),
            create_date: Some(timestamp(key.created_ms)),
            ..Default::default()
        };
        txn.put(key);
        Ok(CreateAccessKeyResponse { access_key: Some(told) })
    }

    fn secret_owner(&self, view: &View<'_>) -> Result<Option<String>, Fault> {
        owner(view, self.user_name.as_deref()).map(|owner| Some(owner.id))
    }

    fn reveal(response: &mut CreateAccessKeyResponse, secret: &str) {
        if let Some(key) = &mut response.access_key {
            secret.clone_into(&mut key.secret_access_key);
        }
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use schema::iam::v1::{CreateUserRequest, DeleteUserRequest, GetUserRequest};

    use super::*;
    use crate::table::Indexed;
    use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault, long_term};

    fn create(user_name: Option<&str>) -> CreateAccessKeyRequest {
        CreateAccessKeyRequest { user_name: user_name.map(str::to_owned) }
    }

    fn user(name: &str) -> CreateUserRequest {
        CreateUserRequest { user_name: name.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_key_signs_for_its_user() {
        let mut cell = Cell::new();
        cell.write(user("Alice")).unwrap();
        cell.allow("alice", &allow("iam:GetUser", "*"));
        let key = cell.write(create(Some("alice"))).unwrap().access_key.unwrap();
        assert_eq!((key.user_name.as_str(), key.status.as_str()), ("Alice", "Active"));
        assert_eq!(id::access_key_account(&key.access_key_id).as_deref(), Some(ACCOUNT));
        let caller = long_term(&key.access_key_id);
        let found = cell.read_as(&caller, GetUserRequest::default()).unwrap().user.unwrap();
        assert_eq!(found.user_name, "Alice");
    }

    #[test]
    fn the_secret_is_put_in_at_the_front_door_only() {
        let mut cell = Cell::new();
        let response = cell.write(create(None)).unwrap();
        assert_eq!(response.access_key.as_ref().unwrap().secret_access_key, "");
        let index = CreateAccessKeyRequest::INDEX;
        let told = crate::call::reveal(index, &response.encode_to_vec(), "s3cret").unwrap();
        let told = CreateAccessKeyResponse::decode(told).unwrap().access_key.unwrap();
        assert_eq!(told.secret_access_key, "s3cret");
        assert!(!format!("{told:?}").contains("s3cret"));
    }

    #[test]
    fn a_user_has_at_most_two_and_so_has_root() {
        let mut cell = Cell::new();
        let message = "Cannot exceed quota for AccessKeysPerUser: 2";
        cell.user("alice");
        cell.write(create(Some("alice"))).unwrap();
        assert_fault(cell.write(create(Some("alice"))), "LimitExceeded", message);
        let key = cell.write(create(None)).unwrap().access_key.unwrap();
        assert_eq!(key.user_name, "");
        assert_fault(cell.write(create(None)), "LimitExceeded", message);
    }

    #[test]
    fn a_user_makes_its_own_by_default() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.user("bob");
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        cell.allow("alice", &allow("iam:CreateAccessKey", &arn));
        let key = cell.write_as(&caller, create(None)).unwrap().access_key.unwrap();
        assert_eq!(key.user_name, "alice");
        let refused = cell.write_as(&caller, create(Some("bob")));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
        let message = "The user with name nobody cannot be found.";
        assert_fault(cell.write(create(Some("nobody"))), "NoSuchEntity", message);
    }

    /// The name went to another user between sealing and applying: nobody gets a key whose secret
    /// was sealed for somebody else.
    #[test]
    fn a_secret_sealed_for_another_makes_no_key() {
        let mut cell = Cell::new();
        cell.write(user("alice")).unwrap();
        let sealed_for = cell.state.account(ACCOUNT).unwrap().users().named("alice").unwrap();
        let sealed = v1::SealedSecret { owner_id: sealed_for.id.clone(), ..Default::default() };
        cell.write(DeleteUserRequest { user_name: "alice".to_owned() }).unwrap();
        cell.write(user("alice")).unwrap();
        for sealed in [Some(sealed), None] {
            let entry = v1::Entry {
                stamp: Some(v1::Stamp { time_ms: NOW_MS, ..Default::default() }),
                operation: CreateAccessKeyRequest::INDEX.into(),
                request: create(Some("alice")).encode_to_vec().into(),
                caller: Some(cell.root.clone()),
                sealed,
                ..Default::default()
            };
            let applied = crate::apply(cell.state.clone(), &entry, cell.state.revision() + 1);
            assert_eq!(applied.outcome.unwrap_err().code, "ConcurrentModification");
            assert_eq!(applied.changes, []);
        }
    }
}
