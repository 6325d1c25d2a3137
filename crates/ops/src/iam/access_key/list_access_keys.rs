//! ListAccessKeys: lists the keys of a user, by default the caller, oldest first.

use model::{Name, id, v1};
use schema::Fault;
use schema::iam::v1::{AccessKeyMetadata, ListAccessKeysRequest, ListAccessKeysResponse};

use super::super::timestamp;
use super::{Owner, access, owner, status};
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAccessKeysRequest {
    type Response = ListAccessKeysResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        access("iam:ListAccessKeys", view, self.user_name.as_deref())
    }
}

impl Read for ListAccessKeysRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAccessKeysResponse, Fault> {
        let page = Page::new(view, "ListAccessKeys", self.marker.as_deref(), self.max_items)?;
        let owner = owner(view, self.user_name.as_deref())?;
        let keys = view.account().keys_of(&owner.id);
        let paged = page.take_sorted(keys.map(|key| (by_age(key), metadata(&owner, key))));
        Ok(ListAccessKeysResponse {
            access_key_metadata: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

/// A key that sorts by the revision that the id was made at; ids themselves do not, as base 32 has
/// its digits after its letters.
fn by_age(key: &v1::AccessKey) -> Name {
    let birth = id::access_key_birth(&key.id).unwrap_or_default();
    Name::exact(&format!("{birth:012}/{}", key.id))
}

fn metadata(owner: &Owner, key: &v1::AccessKey) -> AccessKeyMetadata {
    AccessKeyMetadata {
        user_name: owner.user_name.clone(),
        access_key_id: Some(key.id.clone()),
        status: Some(status(key)),
        create_date: Some(timestamp(key.created_ms)),
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateAccessKeyRequest, CreateUserRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn list(user_name: Option<&str>) -> ListAccessKeysRequest {
        ListAccessKeysRequest { user_name: user_name.map(str::to_owned), ..Default::default() }
    }

    #[test]
    fn keys_come_in_pages_oldest_first() {
        let mut cell = Cell::new();
        // The first key's id ends in Z, the second's in 2.
        while cell.state.revision() < 23 {
            let name = format!("user-{}", cell.state.revision());
            cell.write(CreateUserRequest { user_name: name, ..Default::default() }).unwrap();
        }
        let first = cell.user("alice").access_key_id;
        let create = CreateAccessKeyRequest { user_name: Some("alice".to_owned()) };
        let second = cell.write(create).unwrap().access_key.unwrap().access_key_id;
        assert!(first > second, "{first} {second}");
        let request = ListAccessKeysRequest { max_items: Some(1), ..list(Some("alice")) };
        let page = cell.read(request).unwrap();
        let key = &page.access_key_metadata[0];
        assert_eq!((&key.access_key_id, page.is_truncated), (&Some(first), Some(true)));
        assert_eq!(key.user_name.as_deref(), Some("alice"));
        let request = ListAccessKeysRequest { marker: page.marker, ..list(Some("alice")) };
        let page = cell.read(request).unwrap();
        assert_eq!(page.access_key_metadata[0].access_key_id, Some(second));
        assert_eq!((page.access_key_metadata.len(), page.is_truncated), (1, Some(false)));
    }

    #[test]
    fn root_and_users_see_their_own_by_default() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:ListAccessKeys", "*"));
        for (caller, name) in [(caller, Some("alice")), (cell.root.clone(), None)] {
            let keys = cell.read_as(&caller, list(None)).unwrap().access_key_metadata;
            assert_eq!(keys.len(), 1);
            assert_eq!(keys[0].access_key_id.as_deref(), Some(caller.access_key_id.as_str()));
            assert_eq!(keys[0].user_name.as_deref(), name);
        }
    }

    #[test]
    fn a_session_of_a_role_must_name_a_user() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("sts:AssumeRole", "*"));
        cell.write(schema::iam::v1::CreateRoleRequest {
            role_name: "admin".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            ..Default::default()
        })
        .unwrap();
        cell.write(schema::iam::v1::PutRolePolicyRequest {
            role_name: "admin".to_owned(),
            policy_name: "all".to_owned(),
            policy_document: allow("*", "*"),
        })
        .unwrap();
        let request = schema::sts::v1::AssumeRoleRequest {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/admin"),
            role_session_name: "session".to_owned(),
            ..Default::default()
        };
        let (session, _) = cell.mint_as(&caller, request).unwrap();
        assert_fault(
            cell.read_as(&session, list(None)),
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        );
        assert_eq!(
            cell.read_as(&session, list(Some("alice"))).unwrap().access_key_metadata.len(),
            1
        );
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().read(list(Some("nobody"))), "NoSuchEntity", message);
    }
}
