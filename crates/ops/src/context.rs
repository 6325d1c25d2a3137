//! Condition keys of a request: what the caller, the front door and the operation know.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use policy::{Context, PrincipalKind};

use crate::{Access, View};

/// The whole request context for one authorization.
pub(crate) fn context(view: &View<'_>, access: &Access) -> Context {
    let mut context = Context::default();
    of_principal(view, &mut context);
    of_request(view, &mut context);
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

fn of_principal(view: &View<'_>, context: &mut Context) {
    let principal = view.principal;
    context.set("aws:PrincipalArn", principal.principal_arn());
    context.set("aws:PrincipalAccount", &principal.account_id);
    context.set("aws:PrincipalType", principal_type(principal.kind));
    context.set("aws:userid", &principal.user_id);
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:ViaAWSService", "false");
    if let Some(user) = &principal.user {
        context.set("aws:username", &user.name);
    }
    for tag in principal.tags() {
        context.set(&format!("aws:PrincipalTag/{}", tag.key), &tag.value);
    }
    if let Some(session) = &principal.session {
        context.set("aws:TokenIssueTime", seconds(session.issued_ms));
        context
            .set("aws:MultiFactorAuthPresent", if session.mfa_present { "true" } else { "false" });
        if !session.source_identity.is_empty() {
            context.set("aws:SourceIdentity", &session.source_identity);
        }
    }
}

fn of_request(view: &View<'_>, context: &mut Context) {
    let request = view.context;
    context.set("aws:CurrentTime", seconds(view.now_ms));
    context.set("aws:EpochTime", seconds(view.now_ms));
    context.set("aws:SecureTransport", if request.secure_transport { "true" } else { "false" });
    for (key, value) in [
        ("aws:SourceIp", &request.source_ip),
        ("aws:UserAgent", &request.user_agent),
        ("aws:RequestedRegion", &request.region),
        ("aws:referer", &request.referer),
    ] {
        if !value.is_empty() {
            context.set(key, value);
        }
    }
}

/// Dates go as epoch seconds, which the Date operators accept.
fn seconds(time_ms: u64) -> String {
    (time_ms / 1000).to_string()
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
