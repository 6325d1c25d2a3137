//! UpdateGroup: renames or moves a group.

use schema::Fault;
use schema::iam::v1::{UpdateGroupRequest, UpdateGroupResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for UpdateGroupRequest {
    type Response = UpdateGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        // A rename or a move needs the right on the group's new ARN as well as on the one it has.
        let old = Access::group("iam:UpdateGroup", view, &self.group_name);
        if self.new_group_name.is_none() && self.new_path.is_none() {
            return vec![old];
        }
        let group = view.account().groups().named(&self.group_name);
        let (path, name) = group
            .map_or((None, &self.group_name), |group| (Some(group.path.as_str()), &group.name));
        let name = self.new_group_name.as_ref().unwrap_or(name);
        let path = self.new_path.as_deref().or(path);
        vec![old, Access::new_entity("iam:UpdateGroup", view, "group", path, name)]
    }
}

impl Write for UpdateGroupRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateGroupResponse, Fault> {
        let old = find(&txn.view(), &self.group_name)?.record().clone();
        let mut group = old.clone();
        if let Some(name) = &self.new_group_name {
            let taken = txn.account().groups().named(name).is_some_and(|other| other.id != old.id);
            if taken {
                return Err(faults::already_exists(format!(
                    "Group with name {name} already exists."
                )));
            }
            group.name.clone_from(name);
        }
        if let Some(path) = &self.new_path {
            group.path.clone_from(path);
        }
        txn.delete(&old);
        txn.put(group);
        Ok(UpdateGroupResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, CreateGroupRequest, GetGroupRequest, PutGroupPolicyRequest,
    };

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn rename(from: &str, to: &str) -> UpdateGroupRequest {
        UpdateGroupRequest {
            group_name: from.to_owned(),
            new_group_name: Some(to.to_owned()),
            new_path: Some("/new/".to_owned()),
        }
    }

    fn create(name: &str) -> CreateGroupRequest {
        CreateGroupRequest { group_name: name.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_renamed_group_keeps_its_members_and_they_their_rights() {
        let mut cell = Cell::new();
        cell.write(create("old")).unwrap();
        let caller = cell.user("alice");
        cell.write(AddUserToGroupRequest {
            group_name: "old".to_owned(),
            user_name: "alice".to_owned(),
        })
        .unwrap();
        cell.write(PutGroupPolicyRequest {
            group_name: "old".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:GetGroup", "*"),
        })
        .unwrap();
        cell.write(rename("old", "New")).unwrap();
        let request = GetGroupRequest { group_name: "new".to_owned(), ..Default::default() };
        let found = cell.read_as(&caller, request).unwrap();
        assert!(found.group.unwrap().arn.ends_with(":group/new/New"));
        assert_eq!(found.users.len(), 1);
    }

    #[test]
    fn a_name_that_is_taken_is_refused_but_a_change_of_case_is_not() {
        let mut cell = Cell::new();
        cell.write(create("a")).unwrap();
        cell.write(create("b")).unwrap();
        let message = "Group with name B already exists.";
        assert_fault(cell.write(rename("a", "B")), "EntityAlreadyExists", message);
        cell.write(rename("a", "A")).unwrap();
        assert_fault(
            cell.write(rename("nonexisting", "c")),
            "NoSuchEntity",
            "The group with name nonexisting cannot be found.",
        );
    }

    /// Source: IAM API reference, UpdateGroup, "permissions on both the source and the target".
    #[test]
    fn the_right_is_asked_for_on_the_old_arn_and_on_the_new_one() {
        let mut cell = Cell::new();
        cell.write(CreateGroupRequest { path: Some("/a/".to_owned()), ..create("one") }).unwrap();
        let caller = cell.user("alice");
        let below = format!("arn:aws:iam::{ACCOUNT}:group/a/*");
        cell.allow("alice", &allow("iam:UpdateGroup", &below));
        let update = |new_path: Option<&str>, new_group_name: Option<&str>| UpdateGroupRequest {
            group_name: "one".to_owned(),
            new_path: new_path.map(str::to_owned),
            new_group_name: new_group_name.map(str::to_owned),
        };
        cell.write_as(&caller, update(None, Some("One"))).unwrap();
        cell.write_as(&caller, update(Some("/a/b/"), None)).unwrap();
        for request in [update(Some("/c/"), None), update(Some("/c/"), Some("two"))] {
            let refused = cell.write_as(&caller, request);
            assert_eq!(refused.unwrap_err().code, "AccessDenied");
        }
    }
}
