//! AssumeRole: temporary credentials of a role that trusts the caller.
//!
//! Source: STS API reference, AssumeRole; IAM User Guide, "Methods to assume a role".

use std::sync::Arc;

use model::v1::{self, session};
use model::{Stored, arn};
use schema::Fault;
use schema::sts::v1::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, Credentials};

use super::{session_policy, session_tags};
use crate::{Access, Mint, Operation, View, faults};

const DEFAULT_S: u64 = 3_600;
const CHAINED_MAX_S: u64 = 3_600;

impl Operation for AssumeRoleRequest {
    type Response = AssumeRoleResponse;

    fn check(&self, view: &View<'_>) -> Result<(), Fault> {
        let parts = arn::parse(&self.role_arn);
        let Some(parts) = parts.filter(|parts| parts.partition == arn::PARTITION) else {
            return Err(faults::validation(format!("{} is invalid", self.role_arn)));
        };
        let is_role = parts.service == "iam" && parts.rest.starts_with("role/");
        if !is_role || !parts.region.is_empty() || !arn::is_account(parts.account) {
            return Err(faults::validation(format!("ARN {} is not valid.", self.role_arn)));
        }
        if view.principal().is_root() {
            return Err(faults::access_denied("Roles may not be assumed by root accounts."));
        }
        check_mfa(self.serial_number.as_deref(), self.token_code.as_deref())
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let assume = access_to(self, "sts:AssumeRole", view);
        let tag =
            (!self.tags.is_empty()).then(|| Access { action: "sts:TagSession", ..assume.clone() });
        // Every role of a chain must let the identity through that its caller brings.
        let calling = view.principal().session.as_ref();
        let is_set = self.source_identity.is_some()
            || calling.is_some_and(|session| !session.source_identity.is_empty());
        let identity = is_set.then(|| Access { action: "sts:SetSourceIdentity", ..assume.clone() });
        std::iter::once(assume).chain(tag).chain(identity).collect()
    }
}

impl Mint for AssumeRoleRequest {
    fn mint(&self, view: &View<'_>) -> Result<(v1::Session, AssumeRoleResponse), Fault> {
        // INVARIANT: authorization refuses a role that does not exist.
        let role = find(view, &self.role_arn).ok_or_else(|| faults::no_role(&self.role_arn))?;
        let chained = view.principal().role.is_some();
        let duration_s = duration_s(self.duration_seconds, role, chained)?;
        let mut session = v1::Session {
            account_id: role.account_id.clone(),
            issued_ms: view.now_ms(),
            expires_ms: view.now_ms().saturating_add(duration_s.saturating_mul(1000)),
            subject: Some(session::Subject::Role(v1::RoleSession {
                role_id: role.id.clone(),
                role_name: role.name.clone(),
                session_name: self.role_session_name.clone(),
                chained,
            })),
            ..Default::default()
        };
        session_policy::set(&mut session, view, self.policy.as_deref(), &self.policy_arns)?;
        session_tags::set(&mut session, view, &self.tags, &self.transitive_tag_keys)?;
        session_tags::set_source_identity(&mut session, view, self.source_identity.as_deref())?;
        let response = AssumeRoleResponse {
            assumed_role_user: Some(AssumedRoleUser {
                assumed_role_id: format!("{}:{}", role.id, self.role_session_name),
                arn: arn::assumed_role(&role.account_id, &role.name, &self.role_session_name),
            }),
            packed_policy_size: session_policy::packed_size(&session)?,
            source_identity: (!session.source_identity.is_empty())
                .then(|| session.source_identity.clone()),
            ..Default::default()
        };
        Ok((session, response))
    }

    fn deliver(response: &mut AssumeRoleResponse, credentials: Credentials) {
        response.credentials = Some(credentials);
    }
}

fn access_to(request: &AssumeRoleRequest, action: &'static str, view: &View<'_>) -> Access {
    let account = arn::parse(&request.role_arn).map(|parts| parts.account.to_owned());
    let role = find(view, &request.role_arn);
    let mut access = Access::new(action, &request.role_arn)
        .requesting(request.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())))
        .with("sts:RoleSessionName", &request.role_session_name);
    access.resource_account = account;
    // A role that does not exist trusts nobody: the answer is the same as for one that does not trust the caller.
    access.policy = role.map(|role| Arc::clone(&role.derived.trust));
    for tag in role.iter().flat_map(|role| &role.tags) {
        access.keys.push((format!("aws:ResourceTag/{}", tag.key), tag.value.clone()));
        access.keys.push((format!("iam:ResourceTag/{}", tag.key), tag.value.clone()));
    }
    let given = [
        ("sts:ExternalId", request.external_id.clone()),
        ("sts:SourceIdentity", request.source_identity.clone()),
        ("sts:DurationSeconds", request.duration_seconds.map(|seconds| seconds.to_string())),
    ];
    for (key, value) in given.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        access.keys.push((key.to_owned(), value));
    }
    if !request.transitive_tag_keys.is_empty() {
        let keys = request.transitive_tag_keys.clone();
        access.lists.push(("sts:TransitiveTagKeys".to_owned(), keys));
    }
    access
}

/// The role of an ARN, path and all.
fn find<'a>(view: &View<'a>, role_arn: &str) -> Option<&'a Arc<Stored<v1::Role>>> {
    use model::arn::HasArn;
    let parts = arn::parse(role_arn)?;
    let name = parts.rest.rsplit('/').next()?;
    let role = view.state().account(parts.account)?.roles().named(name)?;
    (role.has_arn(role_arn)).then_some(role)
}

fn duration_s(asked: Option<i32>, role: &v1::Role, chained: bool) -> Result<u64, Fault> {
    let asked = asked.and_then(|seconds| u64::try_from(seconds).ok());
    let duration_s = asked.unwrap_or(DEFAULT_S);
    if duration_s > u64::from(role.max_session_s) {
        return Err(faults::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if chained && duration_s > CHAINED_MAX_S {
        return Err(faults::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(duration_s)
}

/// Refuses a call that shows a code: no MFA device exists in this version, so none can be right. A code counts where
/// the call is authorized, so it is looked at before.
pub(super) fn check_mfa(
    serial_number: Option<&str>,
    token_code: Option<&str>,
) -> Result<(), Fault> {
    if serial_number.or(token_code).is_none() {
        return Ok(());
    }
    Err(faults::access_denied(
        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    ))
}

#[cfg(test)]
mod trusting;

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        CreateRoleRequest, DeleteRoleRequest, ListUsersRequest, PutRolePolicyRequest,
    };
    use schema::sts::v1::GetCallerIdentityRequest;

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn role(cell: &mut Cell, name: &str, trusted: &str) -> String {
        let request = CreateRoleRequest {
            role_name: name.to_owned(),
            assume_role_policy_document: trust(trusted),
            ..Default::default()
        };
        cell.write(request).unwrap().role.unwrap().arn
    }

    fn assume(role_arn: &str) -> AssumeRoleRequest {
        AssumeRoleRequest {
            role_arn: role_arn.to_owned(),
            role_session_name: "work".to_owned(),
            ..Default::default()
        }
    }

    fn refusal(role_arn: &str) -> String {
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: sts:AssumeRole on resource: \
             {role_arn}"
        )
    }

    #[test]
    fn trust_that_names_the_user_is_enough_in_its_account() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let arn = role(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        let (session, answer) = cell.mint_as(&alice, assume(&arn)).unwrap();
        let user = answer.assumed_role_user.unwrap();
        assert_eq!(user.arn, format!("arn:aws:sts::{ACCOUNT}:assumed-role/worker/work"));
        assert_eq!((answer.packed_policy_size, answer.source_identity), (None, None));
        let identity = cell.read_as(&session, GetCallerIdentityRequest {}).unwrap();
        assert_eq!(
            (identity.arn(), identity.user_id()),
            (user.arn.as_str(), user.assumed_role_id.as_str())
        );
    }

    #[test]
    fn trust_that_names_the_account_needs_the_callers_policy_too() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let arn = role(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:root"));
        assert_fault(cell.mint_as(&alice, assume(&arn)), "AccessDenied", &refusal(&arn));
        cell.allow("alice", &allow("sts:AssumeRole", &arn));
        assert!(cell.mint_as(&alice, assume(&arn)).is_ok());
    }

    #[test]
    fn another_account_needs_both_sides() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let other = cell.account("222222222222", "other@example.com");
        let request = CreateRoleRequest {
            role_name: "guest".to_owned(),
            assume_role_policy_document: trust(&format!("arn:aws:iam::{ACCOUNT}:user/alice")),
            ..Default::default()
        };
        let arn = cell.write_as(&other, request).unwrap().role.unwrap().arn;
        assert_fault(cell.mint_as(&alice, assume(&arn)), "AccessDenied", &refusal(&arn));
        cell.allow("alice", &allow("sts:AssumeRole", "*"));
        let (session, _) = cell.mint_as(&alice, assume(&arn)).unwrap();
        let identity = cell.read_as(&session, GetCallerIdentityRequest {}).unwrap();
        assert_eq!(identity.account(), "222222222222");
    }

    #[test]
    fn a_role_that_is_not_there_is_refused_like_one_that_does_not_trust() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        cell.allow("alice", &allow("sts:AssumeRole", "*"));
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/nothing");
        assert_fault(cell.mint_as(&alice, assume(&arn)), "AccessDenied", &refusal(&arn));
    }

    #[test]
    fn the_session_has_the_roles_rights_narrowed_by_its_policy() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let arn = role(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        let grant = PutRolePolicyRequest {
            role_name: "worker".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:*", "*"),
        };
        cell.write(grant).unwrap();
        let (wide, _) = cell.mint_as(&alice, assume(&arn)).unwrap();
        assert!(cell.read_as(&wide, ListUsersRequest::default()).is_ok());
        let request = AssumeRoleRequest { policy: Some(allow("iam:GetUser", "*")), ..assume(&arn) };
        let (narrow, answer) = cell.mint_as(&alice, request).unwrap();
        assert!(answer.packed_policy_size.is_some());
        assert_fault(
            cell.read_as(&narrow, ListUsersRequest::default()),
            "AccessDenied",
            &format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/work is not authorized to perform: iam:ListUsers \
                 on resource: arn:aws:iam::{ACCOUNT}:user/ because no session policy allows the iam:ListUsers action"
            ),
        );
    }

    #[test]
    fn a_role_made_again_does_not_revive_its_sessions() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let trusted = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let arn = role(&mut cell, "worker", &trusted);
        let (session, _) = cell.mint_as(&alice, assume(&arn)).unwrap();
        cell.write(DeleteRoleRequest { role_name: "worker".to_owned() }).unwrap();
        role(&mut cell, "worker", &trusted);
        assert_fault(
            cell.read_as(&session, GetCallerIdentityRequest {}),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
    }

    #[test]
    fn durations_have_their_limits() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let arn = role(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        let request = AssumeRoleRequest { duration_seconds: Some(7_200), ..assume(&arn) };
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        assert_fault(cell.mint_as(&alice, request), "ValidationError", message);
    }

    #[test]
    fn what_is_no_role_and_root_are_refused() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let request = assume("arn:a:::something/test-role");
        assert_fault(
            cell.mint_as(&alice, request),
            "ValidationError",
            "arn:a:::something/test-role is invalid",
        );
        let request = assume(&format!("arn:aws:iam::{ACCOUNT}:role/worker"));
        let message = "Roles may not be assumed by root accounts.";
        assert_fault(cell.mint_as(&cell.root, request), "AccessDenied", message);
    }
}
