//! May the caller do it: policies gathered, the decision made, the refusal worded.

use std::sync::{Arc, OnceLock};

use model::State;
use model::v1::session;
use policy::{Context, Decision, Kind, Outcome, Policies, Policy, Pool, Set};
use schema::Fault;

use crate::caller::Owned;
use crate::table::{Callers, Handler};
use crate::{Access, Denial, Principal, Refused, View, context, faults};

/// Whether a caller may make a call: of the right sort for the operation, not barred by the rules of its session,
/// and allowed everything the call needs.
///
/// # Errors
/// `AccessDenied` with AWS's wording for the first that is not allowed, `InvalidClientTokenId` for credentials that
/// the operation does not take.
pub(crate) fn permit(
    handler: &Handler,
    view: &View<'_>,
    needed: impl FnOnce() -> Result<Vec<Access>, Fault>,
) -> Result<(), Refusal> {
    admit(handler, view.principal)?;
    if handler.callers == Callers::Principals {
        session_rules(view, &handler.action)?;
        authorize(view, needed()?)?;
    }
    Ok(())
}

/// Why a call is not permitted.
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    /// The policies that do not allow it, and what they do not allow; `None` where a standing rule refuses.
    by: Option<Box<(Gathered, Access)>>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal { fault, by: None }
    }
}

impl Refusal {
    /// With what explains it, from the view that it was decided in.
    pub(crate) fn explained(self, view: &View<'_>) -> Refused {
        let denial = self.by.and_then(|by| {
            let (policies, access) = &*by;
            let context = context::context(view, access);
            let explained = policies.judge(&Ask::new(view, access, &context), policy::explain);
            explained.ok().map(|why| Box::new(Denial::new(view, policies, access, &context, &why)))
        });
        Refused { fault: self.fault, denial }
    }
}

/// Whether a caller is of the right sort for an operation, whatever it may do. Operations of IAM and STS look at
/// their caller's account, so nothing of them runs for a caller who has none.
///
/// # Errors
/// `AccessDenied`, or `InvalidClientTokenId` for credentials that the operation does not take.
pub fn admit(handler: &Handler, principal: &Principal) -> Result<(), Fault> {
    match handler.callers {
        Callers::System if principal.is_system() => Ok(()),
        Callers::Operator if principal.is_operator() => Ok(()),
        Callers::System | Callers::Operator => {
            Err(faults::access_denied("Only the operator's credential may do this."))
        }
        // The operator's credential opens admin/v1 and cluster/v1, never an account.
        Callers::Principals if principal.kind.is_none() => Err(faults::invalid_client_token_id()),
        Callers::Principals => Ok(()),
    }
}

/// Whether the policies of a caller allow all that is needed.
pub(crate) fn authorize(view: &View<'_>, needed: Vec<Access>) -> Result<(), Refusal> {
    let policies = Gathered::of(view.state, view.principal);
    for access in needed {
        let context = context::context(view, &access);
        let named = access.label.as_deref().unwrap_or(&access.resource);
        if let Err(fault) = policies.permit(&Ask::new(view, &access, &context), named) {
            return Err(Refusal { fault, by: Some(Box::new((policies, access))) });
        }
    }
    Ok(())
}

/// What is decided on a role's trust policy.
const ASSUMING: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

/// A caller's policies: the same for each authorization of a call.
pub(crate) struct Gathered {
    identity: Vec<Owned>,
    /// All of `identity`, indexed as a whole, once that is worth while.
    pool: OnceLock<Pool>,
    boundary: Option<Owned>,
    session: Option<Vec<Owned>>,
}

/// What is asked of a caller's policies.
pub(crate) struct Ask<'a> {
    pub principal: &'a Principal,
    pub action: &'a str,
    pub resource: &'a str,
    pub resource_account: &'a str,
    /// The resource's own policy.
    pub policy: Option<&'a Policy>,
    pub context: &'a Context<'a>,
}

impl<'a> Ask<'a> {
    fn new(view: &View<'a>, access: &'a Access, context: &'a Context) -> Self {
        let principal = view.principal;
        Ask {
            principal,
            action: access.action,
            resource: &access.resource,
            resource_account: access.resource_account.as_deref().unwrap_or(&principal.account_id),
            policy: access.policy.as_deref(),
            context,
        }
    }
}

impl Gathered {
    pub(crate) fn of(state: &State, principal: &Principal) -> Self {
        let managed = |arn: &str| {
            let policy = state.managed_policy(arn).map(|policy| Arc::clone(&policy.derived));
            let policy = policy.unwrap_or_else(nothing);
            Owned { policy, arn: Some(arn.to_owned()), name: None }
        };
        let session = principal.session.as_ref().and_then(|session| {
            if session.inline_policy.is_empty() && session.policy_arns.is_empty() {
                return None;
            }
            let inline = (!session.inline_policy.is_empty()).then(|| Owned {
                policy: Policy::parse(&session.inline_policy, Kind::Identity)
                    .map_or_else(|_| nothing(), Arc::new),
                arn: None,
                name: None,
            });
            Some(session.policy_arns.iter().map(|arn| managed(arn)).chain(inline).collect())
        });
        Gathered {
            identity: principal.identity_policies(state),
            pool: OnceLock::new(),
            boundary: principal.boundary().map(managed),
            session,
        }
    }

    /// Indexes them, for many questions: about as much work as compiling them.
    pub(crate) fn index(&self) {
        let policies = || self.identity.iter().map(|owned| Arc::clone(&owned.policy)).collect();
        self.pool.get_or_init(|| Pool::new(policies()));
    }

    /// The ARNs of managed policies among them.
    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        let session = self.session.iter().flatten();
        let all = self.identity.iter().chain(&self.boundary).chain(session);
        all.filter_map(|owned| owned.arn.as_deref())
    }

    /// Whether it is allowed; `named`: how AWS names the resource when it refuses.
    ///
    /// # Errors
    /// `AccessDenied` with AWS's wording.
    pub(crate) fn permit(&self, ask: &Ask<'_>, named: &str) -> Result<(), Fault> {
        let decision = self.judge(ask, policy::decide)?;
        if decision.is_allowed() {
            return Ok(());
        }
        let refusal = self.refusal(&ask.principal.arn, ask.action, named, &decision);
        Err(faults::access_denied(refusal))
    }

    /// Puts a question and all the policies that apply to it to the engine.
    pub(crate) fn judge<R>(
        &self,
        ask: &Ask<'_>,
        engine: impl FnOnce(&policy::Request<'_>, &Policies<'_>) -> R,
    ) -> Result<R, Fault> {
        let principal = ask.principal;
        let Some(kind) = principal.kind else { return Err(faults::invalid_client_token_id()) };
        let role_arn = principal.role.is_some().then(|| principal.principal_arn());
        let request = policy::Request {
            principal: policy::Principal {
                kind,
                account: &principal.account_id,
                arn: &principal.arn,
                unique_id: &principal.unique_id,
                role_arn: role_arn.as_deref(),
                user_arn: None,
            },
            action: ask.action,
            resource: ask.resource,
            resource_account: ask.resource_account,
            context: ask.context,
        };
        let pool = self.pool.get();
        let identity = if pool.is_none() { compiled(&self.identity) } else { Vec::new() };
        let session = self.session.as_deref().map(compiled);
        Ok(engine(
            &request,
            &Policies {
                identity: &identity,
                resource: ask.policy,
                boundary: self.boundary.as_ref().map(|boundary| boundary.policy.as_ref()),
                session: session.as_deref(),
                scps: &[],
                rcps: &[],
                pool,
            },
        ))
    }

    /// The policy at a place in a set, where it is one that belongs to the principal.
    pub(crate) fn owned(&self, set: Set, index: Option<usize>) -> Option<&Owned> {
        match set {
            Set::Identity => self.identity.get(index?),
            Set::Boundary => self.boundary.as_ref(),
            Set::Session => self.session.as_ref()?.get(index?),
            _ => None,
        }
    }

    /// The text of a refusal; `named`: how AWS names the resource.
    ///
    /// Source: IAM User Guide, "Troubleshoot access denied error messages".
    pub(crate) fn refusal(
        &self,
        arn: &str,
        action: &str,
        named: &str,
        decision: &Decision,
    ) -> String {
        let owned = self.owned(decision.reason.set, decision.reason.policy);
        let mut message =
            format!("User: {arn} is not authorized to perform: {action} on resource: {named}");
        let why = decision.why(action, owned.and_then(|owned| owned.arn.as_deref()));
        // Where a role's trust has a say, AWS tells no more: the caller may not learn what the role trusts.
        let is_silent = ASSUMING.iter().any(|assuming| action.eq_ignore_ascii_case(assuming));
        let tells = !is_silent || decision.outcome == Outcome::ExplicitlyDenied;
        if tells && !why.is_empty() {
            message.push(' ');
            message.push_str(&why);
        }
        message
    }
}

fn compiled(owned: &[Owned]) -> Vec<&Policy> {
    owned.iter().map(|owned| owned.policy.as_ref()).collect()
}

/// A policy that allows nothing, for one that is named but gone.
pub(crate) fn nothing() -> Arc<Policy> {
    const NOTHING: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    // INVARIANT: the constant is a valid policy.
    Arc::new(Policy::parse(NOTHING, Kind::Identity).expect("the constant policy is valid"))
}

/// The standing rules about temporary credentials, which no policy can change.
///
/// Source: STS API reference, GetSessionToken, "Permissions"; IAM User Guide, "Comparing the AWS STS API operations".
///
/// Answers `InvalidClientTokenId` where IAM takes no such credentials, `AccessDenied` where STS does not.
fn session_rules(view: &View<'_>, action: &str) -> Result<(), Fault> {
    let Some(session) = &view.principal.session else { return Ok(()) };
    let is_user_session = matches!(session.subject, Some(session::Subject::User(_)));
    if is_user_session && action.starts_with("iam:") && session.mfa_ms == 0 {
        return Err(faults::invalid_client_token_id());
    }
    match action {
        "sts:GetSessionToken" => {
            Err(faults::access_denied("Cannot call GetSessionToken with session credentials"))
        }
        "sts:DecodeAuthorizationMessage" if is_user_session => Err(faults::access_denied(
            "Cannot call DecodeAuthorizationMessage with session credentials",
        )),
        "sts:GetAccessKeyInfo" if is_user_session => {
            Err(faults::access_denied("Cannot call GetAccessKeyInfo with session credentials"))
        }
        _ => Ok(()),
    }
}
