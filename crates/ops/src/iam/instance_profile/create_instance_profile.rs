//! CreateInstanceProfile: makes an instance profile without a role.

use model::id::Prefix;
use model::{quota, v1};
use schema::Fault;
use schema::iam::v1::{CreateInstanceProfileRequest, CreateInstanceProfileResponse};

use super::full;
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateInstanceProfileRequest {
    type Response = CreateInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let (kind, path) = ("instance-profile", self.path.as_deref());
        let name = &self.instance_profile_name;
        let create = Access::new_entity("iam:CreateInstanceProfile", view, kind, path, name)
            .requesting(tags::pairs(&self.tags));
        tags::with_tagging(create, "iam:TagInstanceProfile", &self.tags)
    }
}

impl Write for CreateInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateInstanceProfileResponse, Fault> {
        let name = &self.instance_profile_name;
        if txn.account().profiles().named(name).is_some() {
            return Err(faults::already_exists(format!("Instance Profile {name} already exists.")));
        }
        if txn.account().profiles().len() >= quota::INSTANCE_PROFILES {
            return Err(faults::quota("InstanceProfilesPerAccount", quota::INSTANCE_PROFILES));
        }
        let profile = v1::InstanceProfile {
            account_id: txn.account_id(),
            name: name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            tags: tags::new(&self.tags, Keys::Caseless)?,
            id: txn.new_id(Prefix::InstanceProfile),
            created_ms: txn.now_ms(),
            role_id: String::new(),
        };
        let told = full(&txn.view(), &profile);
        txn.put(profile);
        Ok(CreateInstanceProfileResponse { instance_profile: Some(told) })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetInstanceProfileRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn create(name: &str) -> CreateInstanceProfileRequest {
        CreateInstanceProfileRequest {
            instance_profile_name: name.to_owned(),
            ..Default::default()
        }
    }

    fn tagged(name: &str) -> CreateInstanceProfileRequest {
        let tags = vec![Tag { key: "k".to_owned(), value: "v".to_owned() }];
        CreateInstanceProfileRequest { tags, ..create(name) }
    }

    #[test]
    fn a_profile_is_made_and_found() {
        let mut cell = Cell::new();
        let request =
            CreateInstanceProfileRequest { path: Some("/web/".to_owned()), ..tagged("Machine") };
        let made = cell.write(request).unwrap().instance_profile.unwrap();
        assert_eq!(made.arn, format!("arn:aws:iam::{ACCOUNT}:instance-profile/web/Machine"));
        assert!(made.instance_profile_id.starts_with("AIPA"));
        assert_eq!((made.roles.len(), made.tags.len()), (0, 1));
        let request = GetInstanceProfileRequest { instance_profile_name: "machine".to_owned() };
        assert_eq!(cell.read(request).unwrap().instance_profile, Some(made));
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let mut cell = Cell::new();
        cell.write(create("Machine")).unwrap();
        assert_fault(
            cell.write(create("machine")),
            "EntityAlreadyExists",
            "Instance Profile machine already exists.",
        );
    }

    #[test]
    fn who_may_create_may_not_tag() {
        let mut cell = Cell::new();
        let caller = cell.user("maker");
        cell.allow("maker", &allow("iam:CreateInstanceProfile", "*"));
        cell.write_as(&caller, create("plain")).unwrap();
        assert_fault(
            cell.write_as(&caller, tagged("tagged")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/maker is not authorized to perform: \
                 iam:TagInstanceProfile on resource: \
                 arn:aws:iam::{ACCOUNT}:instance-profile/tagged because no identity-based policy \
                 allows the iam:TagInstanceProfile action"
            ),
        );
    }
}
