//! CreatePolicy: makes a managed policy with its first version.

use model::id::Prefix;
use model::{quota, v1};
use schema::Fault;
use schema::iam::v1::{CreatePolicyRequest, CreatePolicyResponse};

use super::{check_document, created};
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreatePolicyRequest {
    type Response = CreatePolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let path = self.path.as_deref();
        let create =
            Access::new_entity("iam:CreatePolicy", view, "policy", path, &self.policy_name)
                .requesting(tags::pairs(&self.tags));
        tags::with_tagging(create, "iam:TagPolicy", &self.tags)
    }
}

impl Write for CreatePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreatePolicyResponse, Fault> {
        check_document(&self.policy_document)?;
        let tags = tags::new(&self.tags, Keys::Exact)?;
        if txn.account().policies().named(&self.policy_name).is_some() {
            return Err(faults::already_exists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                self.policy_name
            )));
        }
        if txn.account().policies().len() >= quota::POLICIES {
            return Err(faults::quota("PoliciesPerAccount", quota::POLICIES));
        }
        let first = v1::PolicyVersion {
            number: 1,
            document: self.policy_document.clone(),
            created_ms: txn.now_ms(),
        };
        let policy = v1::ManagedPolicy {
            account_id: txn.account_id(),
            name: self.policy_name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            id: txn.new_id(Prefix::ManagedPolicy),
            created_ms: txn.now_ms(),
            updated_ms: txn.now_ms(),
            description: self.description.clone().filter(|text| !text.is_empty()),
            tags,
            versions: vec![first],
            default_version: 1,
            next_version: 2,
        };
        let response = CreatePolicyResponse { policy: Some(created(&txn.view(), &policy)) };
        txn.put(policy);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::Tag;

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault};

    fn create(name: &str, policy_document: &str) -> CreatePolicyRequest {
        CreatePolicyRequest {
            policy_name: name.to_owned(),
            policy_document: policy_document.to_owned(),
            ..Default::default()
        }
    }

    fn tag(key: &str) -> Tag {
        Tag { key: key.to_owned(), value: "v".to_owned() }
    }

    #[test]
    fn a_policy_begins_with_its_first_version_and_without_attachments() {
        let request = CreatePolicyRequest {
            path: Some("/team/".to_owned()),
            description: Some("reads".to_owned()),
            tags: vec![tag("k"), tag("K")],
            ..create("Reader", &allow("s3:Get*", "*"))
        };
        let made = Cell::new().write(request).unwrap().policy.unwrap();
        assert_eq!(made.arn(), format!("arn:aws:iam::{ACCOUNT}:policy/team/Reader"));
        assert!(made.policy_id().starts_with("ANPA"));
        assert_eq!((made.path(), made.policy_name()), ("/team/", "Reader"));
        assert_eq!((made.default_version_id(), made.attachment_count), ("v1", Some(0)));
        assert_eq!(
            (made.permissions_boundary_usage_count, made.is_attachable),
            (Some(0), Some(true))
        );
        assert_eq!((made.description, made.tags.len()), (None, 2));
        assert_eq!(made.create_date.unwrap().seconds, (NOW_MS / 1000) as i64);
        assert_eq!(made.create_date, made.update_date);
    }

    #[test]
    fn names_are_unique_without_regard_to_case_but_not_those_of_aws() {
        let mut cell = Cell::new();
        made(&mut cell, "Reader", "s3:Get*");
        made(&mut cell, "ReadOnlyAccess", "s3:Get*");
        assert_fault(
            cell.write(create("READER", &allow("*", "*"))),
            "EntityAlreadyExists",
            "A policy called READER already exists. Duplicate names are not allowed.",
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let mut cell = Cell::new();
        for (document, message) in [
            ("{".to_owned(), "Syntax errors in policy."),
            (
                allow("*", "invalid resource"),
                r#"Resource invalid resource must be in ARN format or "*"."#,
            ),
            (
                allow("s3", "*"),
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
        ] {
            assert_fault(cell.write(create("p", &document)), "MalformedPolicyDocument", message);
        }
        let tags = vec![tag("k"), tag("k")];
        assert_fault(
            cell.write(CreatePolicyRequest { tags, ..create("p", &allow("*", "*")) }),
            "InvalidInput",
            "Duplicate tag keys found.",
        );
    }

    #[test]
    fn white_space_does_not_count_in_its_size() {
        let of_size = |size: usize| {
            let policy = allow("s3:GetObject", "arn:aws:s3:::");
            let fill = "x".repeat(size - policy.len());
            policy.replace("s3:::", &format!("s3:::{fill}")).replace('{', "{ \r\n\t")
        };
        let mut cell = Cell::new();
        cell.write(create("p", &of_size(6_144))).unwrap();
        let message = "Cannot exceed quota for PolicySize: 6144";
        assert_fault(cell.write(create("q", &of_size(6_145))), "LimitExceeded", message);
    }

    #[test]
    fn it_needs_the_right_on_the_arn_it_will_have() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let below = format!("arn:aws:iam::{ACCOUNT}:policy/team/*");
        cell.allow("alice", &allow("iam:CreatePolicy", &below));
        let path = Some("/team/".to_owned());
        let request = CreatePolicyRequest { path, ..create("p", &allow("*", "*")) };
        cell.write_as(&caller, request).unwrap();
        assert_fault(
            cell.write_as(&caller, create("q", &allow("*", "*"))),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:CreatePolicy on resource: arn:aws:iam::{ACCOUNT}:policy/q because no \
                 identity-based policy allows the iam:CreatePolicy action"
            ),
        );
    }
}
