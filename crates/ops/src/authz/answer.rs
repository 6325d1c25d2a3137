//! A decision in the words of the schema.

use policy::{Decision, Outcome, Set};
use schema::authz::v1::{self as wire, DecidedBy, PolicySet, Verdict};

use super::resource::Target;
use super::{Asked, Subject};

pub(super) fn verdict(
    subject: &Subject<'_>,
    question: &Asked<'_>,
    target: &Target<'_>,
    decision: &Decision,
) -> Verdict {
    Verdict {
        decision: outcome(decision.outcome).into(),
        decided_by: Some(decided_by(subject, target, decision)),
        message: message(subject, question, decision),
        fault: None,
    }
}

pub(super) fn message(
    subject: &Subject<'_>,
    question: &Asked<'_>,
    decision: &Decision,
) -> Option<String> {
    let (arn, action, resource) = (subject.arn(), question.action, question.resource);
    (!decision.is_allowed()).then(|| subject.policies().refusal(arn, action, resource, decision))
}

pub(super) fn decided_by(
    subject: &Subject<'_>,
    target: &Target<'_>,
    decision: &Decision,
) -> DecidedBy {
    let reason = decision.reason;
    let set = set(reason.set).into();
    if reason.set == Set::Trust && target.is_foreign_trust {
        return DecidedBy { set, ..Default::default() };
    }
    let owned = subject.policies().owned(reason.set, reason.policy);
    let policy = match reason.set {
        Set::Resource | Set::Trust => target.policy.as_deref(),
        _ => owned.map(|owned| &*owned.policy),
    };
    let sid = reason.statement.and_then(|at| policy?.statements().nth(at)?.sid);
    DecidedBy {
        set,
        policy_arn: owned.and_then(|owned| owned.arn.clone()).filter(|_| reason.policy.is_some()),
        policy_name: owned.and_then(|owned| owned.name.clone()),
        statement: reason.statement.map(number),
        sid: sid.map(str::to_owned),
    }
}

pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn outcome(outcome: Outcome) -> wire::Decision {
    match outcome {
        Outcome::Allowed => wire::Decision::Allowed,
        Outcome::ExplicitlyDenied => wire::Decision::ExplicitlyDenied,
        Outcome::ImplicitlyDenied => wire::Decision::ImplicitlyDenied,
    }
}

pub(super) fn set(set: Set) -> PolicySet {
    match set {
        Set::Identity => PolicySet::Identity,
        Set::Boundary => PolicySet::Boundary,
        Set::Session => PolicySet::Session,
        Set::Resource => PolicySet::Resource,
        Set::Trust => PolicySet::Trust,
        Set::Scp => PolicySet::ServiceControl,
        Set::Rcp => PolicySet::ResourceControl,
        Set::Root => PolicySet::Root,
        Set::Always => PolicySet::Always,
    }
}
