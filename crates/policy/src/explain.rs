//! The decision with everything that led to it: for people, simulators and audits.
//!
//! Source: IAM API reference, `SimulateCustomPolicy` and `EvaluationResult`.

mod keys;
mod statement;

pub use keys::context_keys;

use crate::{
    Decision, Effect, Outcome, Policies, Policy, Request, Set, Span,
    decide::{decide, question, sets},
    document,
};
use alloc::{string::String, vec::Vec};
use core::convert::Infallible;
use statement::{Seen, failures, missing_keys, see};

/// A decision, and why it is not another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision that [`decide`] makes; its reason names the set that decided.
    pub decision: Decision,
    /// AWS's `AccessDenied` text. `None` when allowed.
    pub message: Option<String>,
    /// What each set of policies, or level of a chain, says by itself, in the order of evaluation.
    pub layers: Vec<Layer>,
    /// Every statement that applies, of either effect, ordered by set, level, policy and place.
    pub matched: Vec<MatchedStatement>,
    /// Every statement that would apply if its conditions held, in the same order.
    pub unmet: Vec<UnmetStatement>,
    /// The context keys that the request lacks and these statements, or others that cover the
    /// action, name: as first written, each once.
    pub missing_keys: Vec<String>,
}

/// What one set of policies says, taken alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// The set.
    pub set: Set,
    /// The level in a chain of service or resource control policies, the root first; otherwise 0.
    pub level: usize,
    /// Denied explicitly if a statement denies, else allowed if one allows, else implicitly denied.
    pub outcome: Outcome,
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPlace {
    /// The set of policies.
    pub set: Set,
    /// The level in a chain; otherwise 0.
    pub level: usize,
    /// The index of the policy in its set or level.
    pub policy: usize,
    /// The index of the statement in its policy.
    pub statement: usize,
    /// The statement's `Sid`.
    pub sid: Option<String>,
    /// The statement's bytes in the policy's text, braces included. [`position`](crate::position)
    /// turns them into lines and columns.
    pub span: Span,
    /// Its effect.
    pub effect: Effect,
}

/// A statement that applies to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedStatement {
    /// Where it stands.
    pub place: StatementPlace,
    /// How it names the caller.
    pub grant: Grant,
}

/// How a statement names the caller, which decides whether identity policies, boundary and session
/// policies must allow as well (Policy evaluation logic). Several may be true at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Itself, or everyone; also a statement that names nobody, as in identity policies.
    pub direct: bool,
    /// By the role or user behind the session.
    pub role: bool,
    /// By its account.
    pub account: bool,
}

/// A statement that only its conditions keep from applying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetStatement {
    /// Where it stands.
    pub place: StatementPlace,
    /// The conditions that do not hold, at least one.
    pub failed: Vec<FailedCondition>,
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCondition {
    /// The operator as written, qualifier and `IfExists` included.
    pub operator: String,
    /// The condition key as written.
    pub key: String,
    /// The policy's values as written, variables not replaced.
    pub wanted: Vec<String>,
    /// The request's values. `None`: the request lacks the key.
    pub got: Option<Vec<String>>,
}

/// Decides a request as [`decide`] does, and tells all that led to it.
///
/// Costs far more than deciding: it reads the text of policies again.
pub fn explain(request: &Request<'_>, policies: &Policies<'_>) -> Explanation {
    let decision = decide(request, policies);
    let mut explanation = Explanation {
        decision,
        message: decision.message(request, None),
        layers: Vec::new(),
        matched: Vec::new(),
        unmet: Vec::new(),
        missing_keys: Vec::new(),
    };
    let question = question(request, policies);
    sets(&question, policies, |set, level, policies| {
        // `RCPFullAWSAccess` is implied on every level.
        let mut outcome =
            if set == Set::Rcp { Outcome::Allowed } else { Outcome::ImplicitlyDenied };
        for (index, policy) in policies.iter().enumerate() {
            let said = explanation.look(&question, (set, level, index), policy);
            outcome = match (outcome, said) {
                (Outcome::ExplicitlyDenied, _) | (_, Outcome::ExplicitlyDenied) => {
                    Outcome::ExplicitlyDenied
                }
                (Outcome::Allowed, _) | (_, Outcome::Allowed) => Outcome::Allowed,
                _ => Outcome::ImplicitlyDenied,
            };
        }
        explanation.layers.push(Layer { set, level, outcome });
    });
    explanation
}

impl Explanation {
    /// Looks at every statement of a policy; what the policy says by itself.
    fn look(
        &mut self,
        question: &crate::compile::Question<'_>,
        (set, level, policy_index): (Set, usize, usize),
        policy: &Policy,
    ) -> Outcome {
        let mut outcome = Outcome::ImplicitlyDenied;
        // Read only for a policy that has something to tell.
        let mut written: Option<document::Document<'_>> = None;
        let mut covering = Vec::new();
        let gathered: Result<(), Infallible> = policy.covering(&question.action, |candidate| {
            covering.push(candidate);
            Ok(())
        });
        let Ok(()) = gathered;
        for candidate in covering {
            let (index, compiled) =
                (candidate.statement as usize, policy.compiled(candidate.statement));
            let is_of_resource = matches!(set, Set::Resource | Set::Trust);
            let seen = see(compiled, question, is_of_resource);
            if seen == Seen::Elsewhere {
                continue;
            }
            let label = policy.label(candidate.statement);
            let place = StatementPlace {
                set,
                level,
                policy: policy_index,
                statement: index,
                sid: label.sid.as_deref().map(String::from),
                span: label.span.clone(),
                effect: compiled.effect,
            };
            if written.is_none() {
                written = document::read_loaded(policy.source_text()).ok();
            }
            let text = written.as_ref().and_then(|document| document.statements.get(index));
            if let Some(text) = text {
                missing_keys(text, policy.version(), question.context, &mut self.missing_keys);
            }
            match seen {
                Seen::Applies(grant) => {
                    self.matched.push(MatchedStatement { place, grant });
                    match compiled.effect {
                        Effect::Deny => outcome = Outcome::ExplicitlyDenied,
                        Effect::Allow if outcome != Outcome::ExplicitlyDenied => {
                            outcome = Outcome::Allowed;
                        }
                        Effect::Allow => {}
                    }
                }
                Seen::Unmet => {
                    let failed = failures(compiled, text, question.context);
                    self.unmet.push(UnmetStatement { place, failed });
                }
                Seen::Unresolved | Seen::Elsewhere => {}
            }
        }
        outcome
    }
}
