//! The decision: all sets of policies that apply to a request, in AWS's order.
//!
//! Source: IAM User Guide, Policy evaluation logic (and its page on cross-account requests).

mod place;
mod set;

use crate::{
    Context, Decision, Outcome, Policy, Pool, Principal, PrincipalKind, Reason, Set,
    action::RequestAction, arn::RequestResource, compile::Question, principal::Levels,
};
use alloc::vec::Vec;
pub(crate) use place::Place;
use set::{Found, search, search_pooled};

/// A request to be decided. Every authorisation that an operation needs is one request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `service:Name`, in any case of letters.
    pub action: &'a str,
    /// The resource's ARN, or `*` for actions without resource types.
    pub resource: &'a str,
    /// The account that owns the resource.
    pub resource_account: &'a str,
    /// All condition keys of the request. Nothing is derived from the other fields.
    pub context: &'a Context<'a>,
}

/// The policies that apply to a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies<'a> {
    /// All identity policies of the caller: inline, managed, of groups.
    pub identity: &'a [&'a Policy],
    /// More of them, indexed as a whole. They come first: the places of `identity` go on after theirs.
    pub pool: Option<&'a Pool>,
    /// The policy of the resource; for `sts:` actions the trust policy of the role.
    pub resource: Option<&'a Policy>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// The session policies, taken as one set. None or an empty list: none were passed.
    pub session: Option<&'a [&'a Policy]>,
    /// Service control policies from the root of the organization down to the caller's account.
    /// Leave them out for the management account and service-linked roles.
    pub scps: &'a [&'a [&'a Policy]],
    /// Resource control policies from the root down to the resource's account.
    /// `RCPFullAWSAccess` is implied on every level.
    pub rcps: &'a [&'a [&'a Policy]],
}

/// Decides a request.
pub fn decide(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let question = question(request, policies);
    // "No permissions are required", not even an explicit deny counts (GetCallerIdentity, STS API).
    if question.is_about_caller_identity() && question.caller.kind != PrincipalKind::Anonymous {
        return answer(Outcome::Allowed, Reason::of(Set::Always));
    }
    let findings = Findings::gather(&question, policies);
    match findings {
        Ok(findings) => findings.conclude(request, &question),
        Err(decision) => decision,
    }
}

/// The request as statements look at it.
#[inline]
pub(crate) fn question<'a>(request: &'a Request<'a>, policies: &Policies<'_>) -> Question<'a> {
    Question {
        caller: &request.principal,
        action: RequestAction::new(request.action),
        resource: RequestResource::new(request.resource),
        context: request.context,
        has_boundary: policies.boundary.is_some(),
    }
}

/// Hands over every set that has a say, level by level, in the order in which they are looked at.
pub(crate) fn sets(
    question: &Question<'_>,
    policies: &Policies<'_>,
    mut visit: impl FnMut(Set, usize, &[&Policy]),
) {
    for (level, pooled) in scps(question, policies).iter().enumerate() {
        visit(Set::Scp, level, pooled);
    }
    for (level, pooled) in policies.rcps.iter().enumerate() {
        visit(Set::Rcp, level, pooled);
    }
    if policies.resource.is_some() {
        visit(resource_set(question), 0, policies.resource.as_slice());
    }
    match policies.pool {
        Some(pool) => {
            let pooled = pool.policies().iter().map(|policy| &**policy);
            let all: Vec<&Policy> = pooled.chain(policies.identity.iter().copied()).collect();
            visit(Set::Identity, 0, &all);
        }
        None => visit(Set::Identity, 0, policies.identity),
    }
    if policies.boundary.is_some() {
        visit(Set::Boundary, 0, policies.boundary.as_slice());
    }
    if let Some(session) = policies.session.filter(|session| !session.is_empty()) {
        visit(Set::Session, 0, session);
    }
}

/// Services and callers without account are under nobody's service control policies.
fn scps<'a>(question: &Question<'_>, policies: &Policies<'a>) -> &'a [&'a [&'a Policy]] {
    if question.caller.has_account() { policies.scps } else { &[] }
}

/// The policy of a resource that an `sts:` action is about is a trust policy.
fn resource_set(question: &Question<'_>) -> Set {
    if question.action.has_service(b"sts") { Set::Trust } else { Set::Resource }
}

fn answer(outcome: Outcome, reason: Reason) -> Decision {
    Decision { outcome, reason }
}

fn implicitly_denied(set: Set) -> Decision {
    answer(Outcome::ImplicitlyDenied, Reason::of(set))
}

/// What each set says, once it is known that nothing denies explicitly.
struct Findings {
    identity: Found,
    resource: Found,
    /// `None`: there is none.
    boundary: Option<Found>,
    session: Option<Found>,
    resource_set: Set,
    has_resource_policy: bool,
}

impl Findings {
    /// Looks through every set; a decision is final when a statement denies or a level of the
    /// service control policies allows nothing.
    #[inline]
    fn gather(question: &Question<'_>, policies: &Policies<'_>) -> Result<Self, Decision> {
        let resource_set = resource_set(question);
        let silent_scp = search_chain(question, Set::Scp, scps(question, policies))?;
        search_chain(question, Set::Rcp, policies.rcps)?;
        let resource = search(question, resource_set, policies.resource.as_slice());
        let resource = unless_denied(resource, resource_set, 0)?;
        let identity = match policies.pool {
            Some(pool) => search_pooled(question, pool, policies.identity),
            None => search(question, Set::Identity, policies.identity),
        };
        let identity = unless_denied(identity, Set::Identity, 0)?;
        let limit = |set, policies: Option<&[&Policy]>| match policies {
            Some(policies) => unless_denied(search(question, set, policies), set, 0).map(Some),
            None => Ok(None),
        };
        let boundary = policies.boundary.is_some().then_some(policies.boundary.as_slice());
        let boundary = limit(Set::Boundary, boundary)?;
        let session = policies.session.filter(|session| !session.is_empty());
        let session = limit(Set::Session, session)?;
        match silent_scp {
            // Rule A-13: AWS's text calls this explicit "even if the denial is implicit".
            Some(level) => {
                Err(answer(Outcome::ImplicitlyDenied, Reason { level, ..Reason::of(Set::Scp) }))
            }
            None => {
                let has_resource_policy = policies.resource.is_some();
                Ok(Self {
                    identity,
                    resource,
                    boundary,
                    session,
                    resource_set,
                    has_resource_policy,
                })
            }
        }
    }

    /// The decision, given that nothing denies explicitly.
    fn conclude(&self, request: &Request<'_>, question: &Question<'_>) -> Decision {
        let caller = question.caller;
        if !caller.has_account() {
            return match self.resource.levels.has(Levels::DIRECT) {
                true => self.by_resource(),
                false => implicitly_denied(self.resource_set),
            };
        }
        let is_local = caller.account == request.resource_account;
        if is_local && self.resource.levels.has(Levels::DIRECT) {
            return self.by_resource();
        }
        if is_local && self.resource.levels.has(Levels::ROLE) && self.limit().is_none() {
            return self.by_resource();
        }
        if !self.identity_allows(caller) {
            return implicitly_denied(self.first_silent_of_caller(caller));
        }
        if let Some(limit) = self.limit() {
            return implicitly_denied(limit);
        }
        let has_consent = match is_local {
            true => !self.demands_consent(question) || self.resource.levels.has(Levels::ACCOUNT),
            false => !self.resource.levels.is_none(),
        };
        if !has_consent {
            return implicitly_denied(self.resource_set);
        }
        match self.identity.place {
            Some(place) => answer(Outcome::Allowed, place.reason(Set::Identity, 0)),
            None => answer(Outcome::Allowed, Reason::of(Set::Root)),
        }
    }

    /// Whether the caller's own policies allow: a root user needs none, and a federated user has
    /// no permissions of its own without a session policy.
    fn identity_allows(&self, caller: &Principal<'_>) -> bool {
        match caller.kind {
            PrincipalKind::Root => true,
            PrincipalKind::FederatedUser if self.session.is_none() => false,
            _ => self.identity.allows(),
        }
    }

    fn first_silent_of_caller(&self, caller: &Principal<'_>) -> Set {
        let is_federated = caller.kind == PrincipalKind::FederatedUser;
        if is_federated && self.session.is_none() { Set::Session } else { Set::Identity }
    }

    /// The boundary or session policies, if they do not allow.
    fn limit(&self) -> Option<Set> {
        let is_silent = |found: &Option<Found>| found.is_some_and(|found| !found.allows());
        if is_silent(&self.boundary) {
            Some(Set::Boundary)
        } else if is_silent(&self.session) {
            Some(Set::Session)
        } else {
            None
        }
    }

    /// Whether the resource's own policy must allow even inside the account: role trust policies
    /// and KMS key policies (Policy evaluation logic, step on resource-based policies).
    fn demands_consent(&self, question: &Question<'_>) -> bool {
        let action = &question.action;
        if action.has_service(b"sts") {
            let assumes = |head: &[u8]| head.eq_ignore_ascii_case(b"assumerole");
            return self.has_resource_policy || action.name().get(..10).is_some_and(assumes);
        }
        action.has_service(b"kms")
            && question.resource.rest().is_some_and(|rest| rest.starts_with("key/"))
    }

    fn by_resource(&self) -> Decision {
        let own = Reason::of(self.resource_set);
        let reason = self.resource.place.map_or(own, |place| place.reason(self.resource_set, 0));
        answer(Outcome::Allowed, reason)
    }
}

/// What a set says; the error is the decision that a matching Deny makes.
#[inline]
fn unless_denied(found: Found, set: Set, level: usize) -> Result<Found, Decision> {
    match found.place {
        Some(place) if found.denies() => {
            Err(answer(Outcome::ExplicitlyDenied, place.reason(set, level)))
        }
        _ => Ok(found),
    }
}

/// Looks through a chain of levels; the first level that allows nothing.
#[inline]
fn search_chain(
    question: &Question<'_>,
    set: Set,
    levels: &[&[&Policy]],
) -> Result<Option<usize>, Decision> {
    let mut silent = None;
    for (level, policies) in levels.iter().enumerate() {
        let found = unless_denied(search(question, set, policies), set, level)?;
        if !found.allows() && silent.is_none() {
            silent = Some(level);
        }
    }
    Ok(silent)
}

#[cfg(test)]
mod tests;
