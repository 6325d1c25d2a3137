//! GetAccessKeyLastUsed: says when, where and for what a key was last used.

use model::{arn, v1};
use schema::Fault;
use schema::iam::v1::{
    AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse,
};

use super::super::timestamp;
use crate::{Access, Operation, Read, View, faults};

impl Operation for GetAccessKeyLastUsedRequest {
    type Response = GetAccessKeyLastUsedResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let account = view.account();
        let action = "iam:GetAccessKeyLastUsed";
        let key = account.keys().get(self.access_key_id.as_str());
        let owner = match key.map(|key| account.user_by_id(&key.owner_id)) {
            Some(Some(user)) => Access::user(action, view, &user.name),
            Some(None) => Access::new(action, arn::root(account.id())),
            None => Access::account(action),
        };
        vec![Access { label: Some(format!("access key {}", self.access_key_id)), ..owner }]
    }
}

impl Read for GetAccessKeyLastUsedRequest {
    fn read(&self, view: &View<'_>) -> Result<GetAccessKeyLastUsedResponse, Fault> {
        let account = view.account();
        let Some(key) = account.keys().get(self.access_key_id.as_str()) else {
            return Err(unknown(view, &self.access_key_id));
        };
        Ok(GetAccessKeyLastUsedResponse {
            user_name: account.user_by_id(&key.owner_id).map(|user| user.name.clone()),
            access_key_last_used: Some(last_used(key)),
        })
    }
}

/// AWS does not tell an unknown key from one of another account, and has no colon here.
fn unknown(view: &View<'_>, key_id: &str) -> Fault {
    faults::access_denied(format!(
        "User: {} is not authorized to perform iam:GetAccessKeyLastUsed on resource: \
         access key {key_id}",
        view.principal().arn,
    ))
}

/// A key that was never used has `N/A` for service and region, and no date.
fn last_used(key: &v1::AccessKey) -> AccessKeyLastUsed {
    match &key.last_used {
        Some(used) => AccessKeyLastUsed {
            last_used_date: Some(timestamp(used.time_ms)),
            service_name: used.service.clone(),
            region: used.region.clone(),
        },
        None => AccessKeyLastUsed {
            last_used_date: None,
            service_name: "N/A".to_owned(),
            region: "N/A".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn get(key_id: &str) -> GetAccessKeyLastUsedRequest {
        GetAccessKeyLastUsedRequest { access_key_id: key_id.to_owned() }
    }

    #[test]
    fn a_key_that_was_never_used() {
        let mut cell = Cell::new();
        let key_id = cell.user("alice").access_key_id;
        let answer = cell.read(get(&key_id)).unwrap();
        assert_eq!(answer.user_name.as_deref(), Some("alice"));
        let used = answer.access_key_last_used.unwrap();
        assert_eq!((used.service_name.as_str(), used.region.as_str()), ("N/A", "N/A"));
        assert_eq!(used.last_used_date, None);
    }

    #[test]
    fn an_unknown_key_and_another_accounts_are_refused_alike() {
        let mut cell = Cell::new();
        let other = cell.account("999999999999", "other@example.com").access_key_id;
        for key_id in ["AKIAIOSFODNN7EXAMPLE", &other] {
            assert_fault(
                cell.read(get(key_id)),
                "AccessDenied",
                &format!(
                    "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform \
                     iam:GetAccessKeyLastUsed on resource: access key {key_id}"
                ),
            );
        }
    }

    #[test]
    fn the_right_is_asked_for_on_the_keys_user() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let bobs = cell.user("bob").access_key_id;
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        cell.allow("alice", &allow("iam:GetAccessKeyLastUsed", &arn));
        cell.read_as(&caller, get(&caller.access_key_id)).unwrap();
        assert_fault(
            cell.read_as(&caller, get(&bobs)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:GetAccessKeyLastUsed on resource: access key {bobs} because no \
                 identity-based policy allows the iam:GetAccessKeyLastUsed action"
            ),
        );
    }
}
