//! UntagRole: takes tags of a role away.

use schema::Fault;
use schema::iam::v1::{UntagRoleRequest, UntagRoleResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UntagRoleRequest {
    type Response = UntagRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let untag = Access::role("iam:UntagRole", view, &self.role_name);
        vec![untag.naming_tags(&self.tag_keys)]
    }
}

impl Write for UntagRoleRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UntagRoleResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        tags::remove(&mut role.tags, &self.tag_keys, Keys::Caseless);
        txn.put(role);
        Ok(UntagRoleResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateRoleRequest, GetRoleRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault, trust};

    fn untag(role_name: &str, tag_keys: &[&str]) -> UntagRoleRequest {
        UntagRoleRequest {
            role_name: role_name.to_owned(),
            tag_keys: tag_keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn keys_go_whatever_their_case_and_unknown_ones_are_no_fault() {
        let mut cell = Cell::new();
        let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
        let request = CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            tags: vec![tag("Team"), tag("level")],
            ..Default::default()
        };
        cell.write(request).unwrap();
        cell.write(untag("worker", &["TEAM", "colour"])).unwrap();
        let role = cell.read(GetRoleRequest { role_name: "worker".to_owned() }).unwrap();
        assert_eq!(role.role.unwrap().tags, [tag("level")]);
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(Cell::new().write(untag("nothing", &["k"])), "NoSuchEntity", message);
    }
}
