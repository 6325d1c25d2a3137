//! UpdateRoleDescription: changes the description of a role, and answers the role.

use model::Stored;
use schema::Fault;
use schema::iam::v1::{UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};

use super::{described, description, find};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UpdateRoleDescriptionRequest {
    type Response = UpdateRoleDescriptionResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:UpdateRoleDescription", view, &self.role_name)]
    }
}

impl Write for UpdateRoleDescriptionRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateRoleDescriptionResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        role.description = description(&self.description);
        let role = Stored::new(role);
        let response = UpdateRoleDescriptionResponse { role: Some(described(txn.state(), &role)) };
        txn.put(role.into_record());
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn update(name: &str, description: &str) -> UpdateRoleDescriptionRequest {
        UpdateRoleDescriptionRequest {
            role_name: name.to_owned(),
            description: description.to_owned(),
        }
    }

    #[test]
    fn the_role_is_answered_with_its_description_and_without_its_longest_session() {
        let mut cell = Cell::new();
        let old = made(&mut cell, "worker", ACCOUNT);
        let role = cell.write(update("worker", "works")).unwrap().role.unwrap();
        assert_eq!(role, schema::iam::v1::Role { description: Some("works".to_owned()), ..old });
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(Cell::new().write(update("nothing", "x")), "NoSuchEntity", message);
    }
}
