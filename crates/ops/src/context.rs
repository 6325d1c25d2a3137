//! Condition keys of a request: what the caller, the front door and the operation know.
//!
//! Which keys a request has, and when, stands in docs/context-keys.md.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use model::v1;
use policy::{Context, PrincipalKind};

use crate::{Access, Principal, View};

/// The region of IAM, which has none.
const GLOBAL_REGION: &str = "us-east-1";

/// The whole request context for one authorization.
pub(crate) fn context(view: &View<'_>, access: &Access) -> Context<'static> {
    let mut context = Context::default();
    of_principal(view.principal, view.now_ms, &mut context);
    of_time(view.now_ms, &mut context);
    of_request(view.context, access.action, &mut context);
    let account = access.resource_account.as_deref().unwrap_or(&view.principal.account_id);
    context.set("aws:ResourceAccount", account);
    for (key, value) in &access.keys {
        context.set(key, value);
    }
    for (key, values) in &access.lists {
        context.set_list(key, values.clone());
    }
    context
}

/// What the cell knows of who asks.
pub(crate) fn of_principal(principal: &Principal, now_ms: u64, context: &mut Context<'_>) {
    context.set("aws:PrincipalArn", principal.principal_arn());
    context.set("aws:PrincipalAccount", &principal.account_id);
    context.set("aws:PrincipalType", principal_type(principal.kind));
    context.set("aws:userid", &principal.user_id);
    context.set_bool("aws:PrincipalIsAWSService", false);
    context.set_bool("aws:ViaAWSService", false);
    if let Some(user) = &principal.user {
        context.set("aws:username", &user.name);
    }
    for tag in principal.tags() {
        context.set(&format!("aws:PrincipalTag/{}", tag.key), &tag.value);
    }
    if let Some(session) = &principal.session {
        context.set_time("aws:TokenIssueTime", seconds(session.issued_ms));
        let has_mfa = session.mfa_ms > 0;
        context.set_bool("aws:MultiFactorAuthPresent", has_mfa);
        if has_mfa {
            let age_ms = now_ms.saturating_sub(session.mfa_ms);
            context.set_integer("aws:MultiFactorAuthAge", seconds(age_ms));
        }
        if !session.source_identity.is_empty() {
            context.set("aws:SourceIdentity", &session.source_identity);
        }
    }
}

/// The time, by the cell's clock.
pub(crate) fn of_time(now_ms: u64, context: &mut Context<'_>) {
    context.set_time("aws:CurrentTime", seconds(now_ms));
    context.set_integer("aws:EpochTime", seconds(now_ms));
}

/// What the front door saw of a request for an action.
pub(crate) fn of_request(request: &v1::RequestContext, action: &str, context: &mut Context<'_>) {
    context.set_bool("aws:SecureTransport", request.secure_transport);
    // Whatever region a call of IAM was signed for.
    let region = if action.starts_with("iam:") { GLOBAL_REGION } else { &request.region };
    for (key, value) in [
        ("aws:SourceIp", request.source_ip.as_str()),
        ("aws:UserAgent", &request.user_agent),
        ("aws:RequestedRegion", region),
        ("aws:referer", &request.referer),
    ] {
        if !value.is_empty() {
            context.set(key, value);
        }
    }
}

fn seconds(time_ms: u64) -> i64 {
    i64::try_from(time_ms / 1000).unwrap_or(i64::MAX)
}

pub(crate) fn principal_type(kind: Option<PrincipalKind>) -> &'static str {
    match kind {
        Some(PrincipalKind::Root) => "Account",
        Some(PrincipalKind::User) => "User",
        Some(PrincipalKind::FederatedUser) => "FederatedUser",
        Some(PrincipalKind::AssumedRole) => "AssumedRole",
        _ => "Anonymous",
    }
}

#[cfg(test)]
mod tests;
