//! UpdateRole: changes the description or the longest session of a role.

use schema::Fault;
use schema::iam::v1::{UpdateRoleRequest, UpdateRoleResponse};

use super::{description, find, max_session_s};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UpdateRoleRequest {
    type Response = UpdateRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:UpdateRole", view, &self.role_name)]
    }
}

impl Write for UpdateRoleRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateRoleResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        // What is left out stays, also the session: the API reference says that it becomes one
        // hour, but AWS does not do that.
        if let Some(text) = &self.description {
            role.description = description(text);
        }
        if let Some(seconds) = max_session_s(self.max_session_duration) {
            role.max_session_s = seconds;
        }
        txn.put(role);
        Ok(UpdateRoleResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::GetRoleRequest;

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn update(description: Option<&str>, max_session_duration: Option<i32>) -> UpdateRoleRequest {
        UpdateRoleRequest {
            role_name: "worker".to_owned(),
            description: description.map(str::to_owned),
            max_session_duration,
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        for (request, expected) in [
            (update(Some("works"), None), (Some("works"), Some(3_600))),
            (update(None, Some(7_200)), (Some("works"), Some(7_200))),
            (update(None, None), (Some("works"), Some(7_200))),
            (update(Some(""), None), (None, Some(7_200))),
        ] {
            cell.write(request).unwrap();
            let role = cell.read(GetRoleRequest { role_name: "worker".to_owned() }).unwrap();
            let role = role.role.unwrap();
            assert_eq!((role.description.as_deref(), role.max_session_duration), expected);
        }
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name worker cannot be found.";
        assert_fault(Cell::new().write(update(None, None)), "NoSuchEntity", message);
    }
}
