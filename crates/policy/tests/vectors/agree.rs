//! Whether an explanation fits the decision.

use policy::{Effect, Outcome, Policies, Principal, PrincipalKind, Request, Set, decide, explain};

/// In what an explanation contradicts the decision or itself.
pub fn disagreement(request: &Request<'_>, policies: &Policies<'_>) -> Option<String> {
    let decision = decide(request, policies);
    let explained = explain(request, policies);
    let tell = |what: &str| Some(format!("{what}: {explained:#?}"));
    if explained.decision != decision {
        return tell("explained another decision");
    }
    if explained.message.is_some() == decision.is_allowed() {
        return tell("a message when allowed, or none when denied");
    }
    let is_ordered = |pair: &[policy::StatementPlace]| {
        let at =
            |p: &policy::StatementPlace| (p.set == pair[0].set, p.level, p.policy, p.statement);
        pair[0].set != pair[1].set || at(&pair[0]) < at(&pair[1])
    };
    let places: Vec<_> = explained.matched.iter().map(|found| found.place.clone()).collect();
    if !places.windows(2).all(is_ordered) {
        return tell("statements out of order");
    }
    if explained.unmet.iter().any(|unmet| unmet.failed.is_empty()) {
        return tell("a statement is unmet without a condition that failed");
    }
    if decision.reason.set == Set::Always {
        return None;
    }
    let denies = places.iter().any(|place| place.effect == Effect::Deny);
    if denies != (decision.outcome == Outcome::ExplicitlyDenied) {
        return tell("a matching Deny and no explicit deny, or the reverse");
    }
    let layer = |set| explained.layers.iter().find(|layer| layer.set == set);
    let reason = decision.reason;
    match (reason.policy, reason.statement) {
        (Some(policy), Some(statement)) => {
            let is_there = places.iter().any(|place| {
                let (set, level) = (place.set, place.level);
                (set, level, place.policy, place.statement)
                    == (reason.set, reason.level, policy, statement)
            });
            (!is_there).then(|| tell("the deciding statement does not match"))?
        }
        _ if decision.is_allowed() => None,
        // A set said to be silent allows nothing, unless a level of naming was lacking.
        _ => {
            let allows = layer(reason.set).is_some_and(|l| l.outcome == Outcome::Allowed);
            let may_allow = matches!(reason.set, Set::Resource | Set::Trust)
                || reason.set == Set::Scp
                || is_without_permissions(&request.principal);
            (allows && !may_allow).then(|| tell("a silent set allows"))?
        }
    }
}

/// Federated users have none of their own without session policies.
fn is_without_permissions(caller: &Principal<'_>) -> bool {
    caller.kind == PrincipalKind::FederatedUser
}
