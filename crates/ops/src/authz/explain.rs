//! An explanation in the words of the schema.

use policy::{Context, Effect, Explanation, Value};
use schema::authz::v1::{
    self as wire, ExplainResponse, FailedCondition, Layer, MatchedStatement, UnmetStatement, Values,
};

use super::answer::{decided_by, message, number, outcome, set};
use super::resource::Target;
use super::{Asked, Subject};

pub(super) fn response(
    subject: &Subject<'_>,
    question: &Asked<'_>,
    target: &Target<'_>,
    explanation: Explanation,
    context: &Context<'_>,
) -> ExplainResponse {
    let decision = &explanation.decision;
    let layers = explanation.layers.iter().map(|layer| Layer {
        set: set(layer.set).into(),
        level: number(layer.level),
        decision: outcome(layer.outcome).into(),
    });
    let matched = explanation.matched.iter().map(|matched| MatchedStatement {
        place: Some(place(subject, &matched.place)),
        direct: matched.grant.direct,
        role: matched.grant.role,
        account: matched.grant.account,
    });
    let known = |(key, value): (&str, Value<'_>)| {
        let values = value.all().map(str::to_owned).collect();
        (key.to_owned(), Values { values })
    };
    let context = context.iter().map(known);
    ExplainResponse {
        decision: outcome(decision.outcome).into(),
        decided_by: Some(decided_by(subject, target, decision)),
        message: message(subject, question, decision),
        layers: layers.collect(),
        matched: matched.collect(),
        unmet: explanation.unmet.iter().map(|unmet| unmet_statement(subject, unmet)).collect(),
        context: context.collect(),
        missing_keys: explanation.missing_keys,
        ..Default::default()
    }
}

fn unmet_statement(subject: &Subject<'_>, unmet: &policy::UnmetStatement) -> UnmetStatement {
    let failed = unmet.failed.iter().map(|failed| FailedCondition {
        operator: failed.operator.clone(),
        key: failed.key.clone(),
        wanted: failed.wanted.clone(),
        got: failed.got.as_deref().map(values),
    });
    UnmetStatement { place: Some(place(subject, &unmet.place)), failed: failed.collect() }
}

fn place(subject: &Subject<'_>, place: &policy::StatementPlace) -> wire::StatementPlace {
    let owned = subject.policies().owned(place.set, Some(place.policy));
    wire::StatementPlace {
        set: set(place.set).into(),
        level: number(place.level),
        policy_arn: owned.and_then(|owned| owned.arn.clone()),
        policy_name: owned.and_then(|owned| owned.name.clone()),
        policy: number(place.policy),
        statement: number(place.statement),
        sid: place.sid.clone(),
        begin: number(place.span.start),
        end: number(place.span.end),
        effect: match place.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
        .to_owned(),
    }
}

fn values(values: &[String]) -> Values {
    Values { values: values.to_vec() }
}
