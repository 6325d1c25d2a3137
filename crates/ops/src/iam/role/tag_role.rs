//! TagRole: puts tags on a role, in place of those of the same keys.

use schema::Fault;
use schema::iam::v1::{TagRoleRequest, TagRoleResponse};

use super::find;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for TagRoleRequest {
    type Response = TagRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let tag = Access::role("iam:TagRole", view, &self.role_name);
        vec![tag.requesting(tags::pairs(&self.tags))]
    }
}

impl Write for TagRoleRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<TagRoleResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        tags::add(&mut role.tags, &self.tags, Keys::Caseless)?;
        txn.put(role);
        Ok(TagRoleResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateRoleRequest, ListRoleTagsRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn cell() -> Cell {
        let mut cell = Cell::new();
        let request = CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            tags: tags(&[("Team", "red")]),
            ..Default::default()
        };
        cell.write(request).unwrap();
        cell
    }

    fn tags(tags: &[(&str, &str)]) -> Vec<Tag> {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        tags.iter().map(tag).collect()
    }

    fn tag(role_name: &str, added: &[(&str, &str)]) -> TagRoleRequest {
        TagRoleRequest { role_name: role_name.to_owned(), tags: tags(added) }
    }

    #[test]
    fn a_key_in_another_case_takes_the_old_ones_place() {
        let mut cell = cell();
        cell.write(tag("WORKER", &[("team", "blue"), ("level", "1")])).unwrap();
        let request = ListRoleTagsRequest { role_name: "worker".to_owned(), ..Default::default() };
        let found = cell.read(request).unwrap().tags;
        assert_eq!(found, tags(&[("level", "1"), ("team", "blue")]));
    }

    #[test]
    fn duplicates_and_strangers_are_refused() {
        let mut cell = cell();
        assert_fault(
            cell.write(tag("worker", &[("k", "1"), ("K", "2")])),
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.write(tag("nothing", &[("k", "1")])), "NoSuchEntity", message);
    }

    /// Source: IAM User Guide, "Controlling access using tags", `iam:ResourceTag`.
    #[test]
    fn a_policy_can_say_which_roles_by_their_tags() {
        let mut cell = cell();
        let caller = cell.user("alice");
        let condition = r#""Condition":{"StringEquals":{"iam:ResourceTag/team":"red"}},"Effect""#;
        cell.allow("alice", &allow("iam:TagRole", "*").replace(r#""Effect""#, condition));
        cell.write_as(&caller, tag("worker", &[("Team", "blue")])).unwrap();
        let refused = cell.write_as(&caller, tag("worker", &[("Team", "red")]));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }
}
