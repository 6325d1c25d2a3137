//! Trust policies: whom they name, bound to the living entities behind the names.
//!
//! Source: IAM User Guide, "AWS JSON policy elements: Principal", on principals that are deleted
//! and made again.

use model::arn::{self, HasArn};
use model::{State, Stored, quota, v1};
use policy::{Kind, Policy};
use schema::Fault;

use crate::faults;

/// Puts a trust policy into a role, with the ids of the users and roles it names.
///
/// # Errors
/// `MalformedPolicyDocument`, also when it names a user or role that does not exist, and
/// `LimitExceeded`.
pub(super) fn set(state: &State, role: &mut v1::Role, document: &str) -> Result<(), Fault> {
    let policy = Policy::parse(document, Kind::Trust).map_err(|m| faults::malformed_policy(&m))?;
    if policy.size() > quota::TRUST_POLICY_SIZE {
        return Err(faults::quota("ACLSizePerRole", quota::TRUST_POLICY_SIZE));
    }
    if let Some(id) = policy.principal_ids().find(|id| !is_anybody(state, id)) {
        return Err(invalid_principal(id));
    }
    let mut bindings: Vec<v1::PrincipalBinding> = Vec::new();
    for principal_arn in policy.principal_arns().chain(policy.session_arns()) {
        if bindings.iter().any(|binding| binding.arn == principal_arn) {
            continue;
        }
        let unique_id =
            unique_id(state, principal_arn).ok_or_else(|| invalid_principal(principal_arn))?;
        bindings.push(v1::PrincipalBinding { arn: principal_arn.to_owned(), unique_id });
    }
    role.trust_policy = document.to_owned();
    role.principal_bindings = bindings;
    Ok(())
}

/// A role's trust policy as it is read: a user or role shows as the ARN it has now, or, when it is
/// gone, as the id it had.
pub(super) fn shown(state: &State, role: &Stored<v1::Role>) -> String {
    role.derived.trust.displayed_text(|unique_id| {
        let mut bindings = role.principal_bindings.iter();
        let binding = bindings.find(|binding| binding.unique_id == unique_id)?;
        let account = state.account(arn::parse(&binding.arn)?.account)?;
        let user = account.user_by_id(unique_id).map(|user| user.arn());
        user.or_else(|| account.role_by_id(unique_id).map(|role| role.arn()))
    })
}

/// Whether any user or role of the cell has the id; an id does not say its account.
fn is_anybody(state: &State, unique_id: &str) -> bool {
    state.accounts().any(|account| {
        account.user_by_id(unique_id).is_some() || account.role_by_id(unique_id).is_some()
    })
}

/// The id of the user or role of an ARN, path and all, or of the role behind a session's ARN.
fn unique_id(state: &State, principal_arn: &str) -> Option<String> {
    let parts = arn::parse(principal_arn)?;
    let account = state.account(parts.account)?;
    let (kind, rest) = parts.rest.split_once('/')?;
    let name = rest.rsplit('/').next()?;
    match (parts.service, kind) {
        ("iam", "user") => {
            let user = account.users().named(name)?;
            (user.has_arn(principal_arn)).then(|| user.id.clone())
        }
        ("iam", "role") => {
            let role = account.roles().named(name)?;
            (role.has_arn(principal_arn)).then(|| role.id.clone())
        }
        ("sts", "assumed-role") => {
            let (role_name, _session_name) = rest.split_once('/')?;
            account.roles().named(role_name).map(|role| role.id.clone())
        }
        _ => None,
    }
}

fn invalid_principal(principal: &str) -> Fault {
    let message = format!(r#"Invalid principal in policy: "AWS":"{principal}""#);
    Fault::new("MalformedPolicyDocument", message)
}
