//! CreateGroup: makes a group.

use model::id::Prefix;
use model::{quota, v1};
use schema::Fault;
use schema::iam::v1::{CreateGroupRequest, CreateGroupResponse};

use super::message;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateGroupRequest {
    type Response = CreateGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let path = self.path.as_deref();
        vec![Access::new_entity("iam:CreateGroup", view, "group", path, &self.group_name)]
    }
}

impl Write for CreateGroupRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateGroupResponse, Fault> {
        if txn.account().groups().named(&self.group_name).is_some() {
            return Err(faults::already_exists(format!(
                "Group with name {} already exists.",
                self.group_name
            )));
        }
        if txn.account().groups().len() >= quota::GROUPS {
            return Err(faults::quota("GroupsPerAccount", quota::GROUPS));
        }
        let group = v1::Group {
            account_id: txn.account_id(),
            name: self.group_name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            id: txn.new_id(Prefix::Group),
            created_ms: txn.now_ms(),
            ..Default::default()
        };
        let response = CreateGroupResponse { group: Some(message(&group)) };
        txn.put(group);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::GetGroupRequest;

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn named(name: &str) -> CreateGroupRequest {
        CreateGroupRequest { group_name: name.to_owned(), ..Default::default() }
    }

    #[test]
    fn a_group_is_made_and_found() {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { path: Some("/a/b/".to_owned()), ..named("Staff") };
        let made = cell.write(request).unwrap().group.unwrap();
        assert_eq!(made.arn, format!("arn:aws:iam::{ACCOUNT}:group/a/b/Staff"));
        assert!(made.group_id.starts_with("AGPA"));
        let request = GetGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        let found = cell.read(request).unwrap();
        assert_eq!((found.group, found.users.len()), (Some(made), 0));
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let mut cell = Cell::new();
        cell.write(named("Staff")).unwrap();
        assert_fault(
            cell.write(named("staff")),
            "EntityAlreadyExists",
            "Group with name staff already exists.",
        );
    }

    #[test]
    fn an_account_has_at_most_three_hundred() {
        let mut cell = Cell::new();
        for number in 0..quota::GROUPS {
            cell.write(named(&format!("group-{number}"))).unwrap();
        }
        assert_fault(
            cell.write(named("one-more")),
            "LimitExceeded",
            "Cannot exceed quota for GroupsPerAccount: 300",
        );
    }

    #[test]
    fn the_right_is_asked_for_on_the_new_groups_arn() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let below = format!("arn:aws:iam::{ACCOUNT}:group/team/*");
        cell.allow("alice", &allow("iam:CreateGroup", &below));
        let request = CreateGroupRequest { path: Some("/team/".to_owned()), ..named("one") };
        cell.write_as(&caller, request).unwrap();
        assert_fault(
            cell.write_as(&caller, named("two")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:CreateGroup on resource: arn:aws:iam::{ACCOUNT}:group/two because no \
                 identity-based policy allows the iam:CreateGroup action"
            ),
        );
    }
}
