//! A smallest valid request for any operation, made from its shape.

use bytes::Bytes;
use schema::{Cardinality, OperationInfo, Shape};

use crate::cell::{ACCOUNT, Cell, policy, trust};

/// What samples name: one entity of each kind, in [`ACCOUNT`].
pub struct World {
    /// The key of user `target`.
    access_key_id: String,
}

impl World {
    /// Makes what samples name.
    pub fn new(cell: &mut Cell) -> Self {
        use schema::iam::v1 as iam;
        let root = cell.root.clone();
        let target = cell.user(&root, "target", &[]);
        let group_name = "team".to_owned();
        cell.write(&root, iam::CreateGroupRequest { group_name, ..Default::default() });
        cell.write(
            &root,
            iam::CreateRoleRequest {
                role_name: "worker".to_owned(),
                assume_role_policy_document: trust(&[ACCOUNT]),
                ..Default::default()
            },
        );
        cell.write(
            &root,
            iam::CreatePolicyRequest {
                policy_name: "managed".to_owned(),
                policy_document: policy("Allow", &["s3:*"]),
                ..Default::default()
            },
        );
        let instance_profile_name = "machine".to_owned();
        cell.write(
            &root,
            iam::CreateInstanceProfileRequest { instance_profile_name, ..Default::default() },
        );
        World { access_key_id: target.access_key_id }
    }

    /// A request with every member that must be there and no other.
    pub fn request(&self, operation: &OperationInfo) -> Bytes {
        let mut form = String::new();
        self.members(operation, &operation.request, "", &mut form);
        let limits = wire::Limits::default();
        let form = wire::parse_form(form.as_bytes(), &limits).expect("a form");
        let request = wire::decode(operation, &form);
        request.unwrap_or_else(|fault| panic!("{}: {fault:?}", operation.name)).into()
    }

    fn members(&self, operation: &OperationInfo, shape: &Shape, prefix: &str, form: &mut String) {
        for field in shape.fields.iter().filter(|field| field.rules.required) {
            let list = if field.cardinality == Cardinality::List { ".member.1" } else { "" };
            let name = format!("{prefix}{}{list}", field.name);
            match &field.member {
                Some(member) => self.members(operation, member, &format!("{name}."), form),
                None => {
                    let value = self.value(operation, &field.name);
                    form.push_str(&format!("{name}={value}&"));
                }
            }
        }
    }

    fn value(&self, operation: &OperationInfo, member: &str) -> String {
        let fixed = match member {
            "UserName" => "target",
            "GroupName" => "team",
            "RoleName" => "worker",
            "InstanceProfileName" => "machine",
            "PolicyName" => "inline",
            "AccountAlias" => "alias",
            "Status" => "Inactive",
            "VersionId" => "v1",
            "Description" => "words",
            "Key" | "Value" | "TagKeys" => "k",
            "RoleSessionName" => "work",
            "Email" => "new@example.com",
            "AccountId" => "333333333333",
            "AccessKeyId" => &self.access_key_id,
            "AssumeRolePolicyDocument" => return trust(&[ACCOUNT]),
            "PolicyDocument" if operation.name == "UpdateAssumeRolePolicy" => {
                return trust(&[ACCOUNT]);
            }
            "PolicyDocument" | "PolicyInputList" => return policy("Allow", &["s3:*"]),
            "PolicyArn" | "PermissionsBoundary" => {
                return format!("arn:aws:iam::{ACCOUNT}:policy/managed");
            }
            "EncodedMessage" => return format!("{ACCOUNT}%0A{{}}"),
            "ActionNames" => "s3:GetObject",
            "PolicySourceArn" => return format!("arn:aws:iam::{ACCOUNT}:user/target"),
            "RoleArn" => return format!("arn:aws:iam::{ACCOUNT}:role/worker"),
            _ => panic!("{} needs {member}: say here what stands in it", operation.name),
        };
        fixed.to_owned()
    }
}
