//! Why a call was refused, in full: what an authorization message holds.
//!
//! Source: STS API reference, "DecodeAuthorizationMessage"; docs/adr/0009-authorization-messages.md.

use policy::{Context, Effect, Explanation, Outcome, Set, StatementPlace};
use schema::Fault;
use serde_json::{Value, json};

use crate::authorize::Gathered;
use crate::{Access, View};

/// Statements, failures and condition keys that are told; a message must fit into a header.
const MOST_ITEMS: usize = 10;
/// Characters of a text that are told.
const MOST_TEXT: usize = 128;

/// A refusal explained.
#[derive(Debug)]
pub struct Denial {
    /// The account whose principals may read it: that of the refused caller.
    pub account_id: String,
    /// The explanation, a JSON object in the form of AWS's decoded messages.
    pub message: String,
}

/// A call refused.
#[derive(Debug)]
pub struct Refused {
    /// What the caller is told.
    pub fault: Fault,
    /// What explains it, where policies refuse.
    pub denial: Option<Box<Denial>>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused { fault, denial: None }
    }
}

impl Denial {
    pub(crate) fn new(
        view: &View<'_>,
        policies: &Gathered,
        access: &Access,
        context: &Context<'_>,
        explained: &Explanation,
    ) -> Self {
        let principal = view.principal;
        // What another account's role trusts is not the caller's to read.
        let is_own =
            access.resource_account.as_ref().is_none_or(|account| *account == principal.account_id);
        let may_tell =
            |place: &&StatementPlace| is_own || !matches!(place.set, Set::Resource | Set::Trust);
        let is_explicit = explained.decision.outcome == Outcome::ExplicitlyDenied;
        let matched = explained.matched.iter().map(|matched| &matched.place).filter(may_tell);
        let matched = matched
            .filter(|place| !is_explicit || place.effect == Effect::Deny)
            .map(|place| statement(policies, place));
        let unmet = explained.unmet.iter().filter(|unmet| may_tell(&&unmet.place));
        let failures = unmet.map(|unmet| {
            let failed = unmet.failed.iter().map(|failed| {
                json!({
                    "operator": cut(&failed.operator),
                    "key": cut(&failed.key),
                    "wanted": values(failed.wanted.iter().map(String::as_str)),
                    "got": failed.got.as_deref().map(|got| values(got.iter().map(String::as_str))),
                })
            });
            let mut told = statement(policies, &unmet.place);
            told["conditions"] = items(failed);
            told
        });
        let conditions = context
            .iter()
            .map(|(key, value)| json!({"key": cut(key), "values": values(value.all())}));
        let message = json!({
            "allowed": false,
            "explicitDeny": is_explicit,
            "decidedBy": explained.decision.reason.set.as_str(),
            "matchedStatements": items(matched),
            "failures": items(failures),
            "context": {
                "principal": {"id": cut(&principal.user_id), "arn": cut(&principal.arn)},
                "action": access.action,
                "resource": long(&access.resource),
                "conditions": {"items": conditions.take(4 * MOST_ITEMS).collect::<Vec<_>>()},
            },
        });
        Denial { account_id: principal.account_id.clone(), message: message.to_string() }
    }
}

/// A statement and where to find it: a `Sid` alone seldom tells, and may be left out.
fn statement(policies: &Gathered, place: &StatementPlace) -> Value {
    let effect = if place.effect == Effect::Deny { "DENY" } else { "ALLOW" };
    let mut told = json!({
        "statementId": cut(place.sid.as_deref().unwrap_or_default()),
        "statementIndex": place.statement,
        "effect": effect,
        "policyType": place.set.as_str(),
    });
    let owned = policies.owned(place.set, Some(place.policy));
    if let Some(arn) = owned.and_then(|owned| owned.arn.as_deref()) {
        told["policyArn"] = long(arn).into();
    }
    if let Some(name) = owned.and_then(|owned| owned.name.as_deref()) {
        told["policyName"] = cut(name).into();
    }
    told
}

fn items(items: impl Iterator<Item = Value>) -> Value {
    json!({"items": items.take(MOST_ITEMS).collect::<Vec<_>>()})
}

fn values<'a>(values: impl Iterator<Item = &'a str>) -> Value {
    items(values.map(|value| json!({"value": cut(value)})))
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}

/// ARNs end in what tells them apart.
fn long(arn: &str) -> String {
    arn.chars().take(4 * MOST_TEXT).collect()
}
