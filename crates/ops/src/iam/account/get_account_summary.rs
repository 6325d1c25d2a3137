//! GetAccountSummary: counts what the account has and tells what it may have.

use std::collections::BTreeMap;

use model::{Account, quota};
use schema::Fault;
use schema::iam::v1::{GetAccountSummaryRequest, GetAccountSummaryResponse};

use crate::{Access, Operation, Read, View};

impl Operation for GetAccountSummaryRequest {
    type Response = GetAccountSummaryResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:GetAccountSummary")]
    }
}

impl Read for GetAccountSummaryRequest {
    fn read(&self, view: &View<'_>) -> Result<GetAccountSummaryResponse, Fault> {
        let account = view.account();
        let figures = counts(account).into_iter().chain(flags(account)).chain(quotas());
        let summary_map: BTreeMap<String, i32> = figures
            .map(|(key, figure)| (key.to_owned(), i32::try_from(figure).unwrap_or(i32::MAX)))
            .collect();
        Ok(GetAccountSummaryResponse { summary_map })
    }
}

fn counts(account: &Account) -> [(&'static str, usize); 10] {
    let versions = account.policies().values().map(|policy| policy.versions.len()).sum();
    [
        ("Users", account.users().len()),
        ("Groups", account.groups().len()),
        ("Roles", account.roles().len()),
        ("Policies", account.policies().len()),
        ("PolicyVersionsInUse", versions),
        ("InstanceProfiles", account.profiles().len()),
        // Kinds of things that no operation of this version makes.
        ("ServerCertificates", 0),
        ("Providers", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
    ]
}

/// What root has, as 0 or 1.
fn flags(account: &Account) -> [(&'static str, usize); 5] {
    let has_key = account.keys_of(account.id()).next().is_some();
    let has_password = !account.record().root_password_hash.is_empty();
    [
        ("AccountAccessKeysPresent", has_key.into()),
        ("AccountPasswordPresent", has_password.into()),
        ("AccountMFAEnabled", 0),
        ("AccountSigningCertificatesPresent", 0),
        // Session tokens of version 1, which every region takes.
        ("GlobalEndpointTokenVersion", 1),
    ]
}

fn quotas() -> [(&'static str, usize); 19] {
    [
        ("UsersQuota", quota::USERS),
        ("GroupsQuota", quota::GROUPS),
        ("RolesQuota", quota::ROLES),
        ("PoliciesQuota", quota::POLICIES),
        ("InstanceProfilesQuota", quota::INSTANCE_PROFILES),
        ("ServerCertificatesQuota", 20),
        ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
        ("AccessKeysPerUserQuota", quota::ACCESS_KEYS_PER_USER),
        ("SigningCertificatesPerUserQuota", 2),
        ("AttachedPoliciesPerUserQuota", quota::ATTACHED_POLICIES),
        ("AttachedPoliciesPerGroupQuota", quota::ATTACHED_POLICIES),
        ("AttachedPoliciesPerRoleQuota", quota::ATTACHED_POLICIES),
        ("PolicyVersionsInUseQuota", quota::POLICY_VERSIONS_IN_USE),
        ("VersionsPerPolicyQuota", quota::VERSIONS_PER_POLICY),
        ("PolicySizeQuota", quota::MANAGED_POLICY_SIZE),
        ("UserPolicySizeQuota", quota::USER_INLINE_SIZE),
        ("GroupPolicySizeQuota", quota::GROUP_INLINE_SIZE),
        ("RolePolicySizeQuota", quota::ROLE_INLINE_SIZE),
        ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY_SIZE),
    ]
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, CreatePolicyRequest, DeleteAccessKeyRequest};

    use super::*;
    use crate::testing::{Cell, allow};

    fn summary(cell: &Cell) -> BTreeMap<String, i32> {
        cell.read(GetAccountSummaryRequest {}).unwrap().summary_map
    }

    #[test]
    fn every_key_of_aws_is_there_once() {
        let summary = summary(&Cell::new());
        assert_eq!(summary.len(), 34);
        assert_eq!(summary["UsersQuota"], 5000);
        assert_eq!(summary["AccountPasswordPresent"], 0);
    }

    #[test]
    fn counts_follow_what_is_made() {
        let mut cell = Cell::new();
        let before = summary(&cell);
        cell.user("alice");
        cell.write(CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() })
            .unwrap();
        cell.write(CreatePolicyRequest {
            policy_name: "p".to_owned(),
            policy_document: allow("*", "*"),
            ..Default::default()
        })
        .unwrap();
        let after = summary(&cell);
        for key in ["Users", "Groups", "Policies", "PolicyVersionsInUse"] {
            assert_eq!((before[key], after[key]), (0, 1), "{key}");
        }
    }

    #[test]
    fn roots_key_shows() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:GetAccountSummary", "*"));
        assert_eq!(summary(&cell)["AccountAccessKeysPresent"], 1);
        let access_key_id = cell.root.access_key_id.clone();
        cell.write(DeleteAccessKeyRequest { user_name: None, access_key_id }).unwrap();
        let answer = cell.read_as(&caller, GetAccountSummaryRequest {}).unwrap();
        assert_eq!(answer.summary_map["AccountAccessKeysPresent"], 0);
    }
}
