//! A decision as the program tells it: lines for people, JSON for programs.

use schema::authz::v1::{DecidedBy, Decision, ExplainResponse, PolicySet, StatementPlace};
use serde_json::{Value, json};

fn name(decision: Decision) -> &'static str {
    decision.as_str_name()
}

fn decided_by(by: &DecidedBy) -> Value {
    json!({"set": by.set().as_str_name(), "policy_arn": by.policy_arn,
        "policy_name": by.policy_name, "statement": by.statement, "sid": by.sid})
}

/// A decision for programs; `explained`: with what led to it.
pub(super) fn value(told: &ExplainResponse, explained: bool) -> Value {
    let mut value = json!({
        "decision": name(told.decision()),
        "decided_by": told.decided_by.as_ref().map(decided_by),
        "message": told.message,
        "revision": told.revision,
        "age_ms": told.age_ms,
        "served_by": told.served_by,
    });
    if explained {
        let layers = told.layers.iter().map(|layer| {
            json!({"set": layer.set().as_str_name(), "level": layer.level,
                "decision": name(layer.decision())})
        });
        let matched = told.matched.iter().map(|matched| {
            let mut told = matched.place.as_ref().map(place).unwrap_or_default();
            told["grant"] = json!({"direct": matched.direct, "role": matched.role,
                "account": matched.account});
            told
        });
        let unmet = told.unmet.iter().map(|unmet| {
            let failed = unmet.failed.iter().map(|failed| {
                json!({"operator": failed.operator, "key": failed.key, "wanted": failed.wanted,
                    "got": failed.got.as_ref().map(|got| &got.values)})
            });
            json!({"place": unmet.place.as_ref().map(place), "failed": failed.collect::<Vec<_>>()})
        });
        value["layers"] = layers.collect();
        value["matched"] = matched.collect();
        value["unmet"] = unmet.collect();
        value["missing_keys"] = json!(told.missing_keys);
        let context = told.context.iter().map(|(key, got)| (key.clone(), json!(got.values)));
        value["context"] = Value::Object(context.collect());
    }
    value
}

fn place(place: &StatementPlace) -> Value {
    json!({"set": place.set().as_str_name(), "level": place.level, "policy": place.policy,
        "policy_arn": place.policy_arn,
        "policy_name": place.policy_name, "statement": place.statement, "sid": place.sid,
        "effect": place.effect, "begin": place.begin, "end": place.end})
}

/// A decision for people.
pub(super) fn lines(told: &ExplainResponse) -> Vec<String> {
    let mut lines = vec![name(told.decision()).to_owned()];
    lines.extend(told.message.clone());
    if let Some(by) = &told.decided_by {
        let policy = by.policy_arn.as_deref().or(by.policy_name.as_deref());
        let place = [Some(by.set().as_str_name()), policy].into_iter().flatten();
        let statement = statement(by.statement, by.sid.as_deref());
        lines.push(format!("decided by {}{statement}", place.collect::<Vec<_>>().join(" ")));
    }
    lines.extend(told.layers.iter().map(|layer| {
        format!("layer      {}: {}", set(layer.set(), layer.level), name(layer.decision()))
    }));
    let matched = told.matched.iter().filter_map(|matched| matched.place.as_ref());
    lines.extend(matched.map(|place| format!("matched    {}", whereabouts(place))));
    for unmet in &told.unmet {
        let place = unmet.place.as_ref().map(whereabouts).unwrap_or_default();
        lines.push(format!("unmet      {place}"));
        lines.extend(unmet.failed.iter().map(|failed| {
            let got = failed.got.as_ref().map(|got| listed(&got.values));
            let (operator, key, wanted) = (&failed.operator, &failed.key, listed(&failed.wanted));
            let got = got.as_deref().unwrap_or("no such key");
            format!("           {operator} {key}: wanted {wanted}; got {got}")
        }));
    }
    if !told.missing_keys.is_empty() {
        lines.push(format!("missing    {}", told.missing_keys.join(", ")));
    }
    lines
}

/// Where a statement stands: `Allow in IDENTITY photos, statement 0 (Sid), bytes 37 to 172`.
fn whereabouts(place: &StatementPlace) -> String {
    let policy = place.policy_arn.as_deref().or(place.policy_name.as_deref());
    let policy = policy.map(|policy| format!(" {policy}")).unwrap_or_default();
    format!(
        "{} in {}{policy}{}, bytes {} to {}",
        place.effect,
        set(place.set(), place.level),
        statement(Some(place.statement), place.sid.as_deref()),
        place.begin,
        place.end
    )
}

fn statement(index: Option<u32>, sid: Option<&str>) -> String {
    let sid = sid.filter(|sid| !sid.is_empty()).map(|sid| format!(" ({sid})")).unwrap_or_default();
    index.map(|index| format!(", statement {index}{sid}")).unwrap_or_default()
}

/// A set of policies; chains alone have levels.
fn set(set: PolicySet, level: u32) -> String {
    match set {
        PolicySet::ServiceControl | PolicySet::ResourceControl => {
            format!("{} level {level}", set.as_str_name())
        }
        _ => set.as_str_name().to_owned(),
    }
}

fn listed(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    if quoted.is_empty() { "no value".to_owned() } else { quoted.join(" or ") }
}

#[cfg(test)]
mod tests {
    use schema::authz::v1::{FailedCondition, Layer, MatchedStatement, UnmetStatement, Values};

    use super::*;

    #[test]
    fn people_read_what_led_to_a_decision() {
        let place = StatementPlace {
            set: PolicySet::Identity.into(),
            policy_name: Some("photos".to_owned()),
            statement: 1,
            sid: Some("Office".to_owned()),
            begin: 37,
            end: 172,
            effect: "Allow".to_owned(),
            ..Default::default()
        };
        let failed = |key: &str, got: Option<Values>| FailedCondition {
            operator: "StringEquals".to_owned(),
            key: key.to_owned(),
            wanted: vec!["x".to_owned(), "y".to_owned()],
            got,
        };
        let got = Values { values: vec!["z".to_owned()] };
        let told = ExplainResponse {
            decision: Decision::ImplicitlyDenied.into(),
            message: Some("No.".to_owned()),
            decided_by: Some(DecidedBy { set: PolicySet::Identity.into(), ..Default::default() }),
            layers: vec![Layer {
                set: PolicySet::ServiceControl.into(),
                level: 2,
                decision: Decision::Allowed.into(),
            }],
            matched: vec![MatchedStatement {
                place: Some(StatementPlace { sid: None, ..place.clone() }),
                direct: true,
                ..Default::default()
            }],
            unmet: vec![UnmetStatement {
                place: Some(place),
                failed: vec![failed("a:b", Some(got)), failed("a:c", None)],
            }],
            missing_keys: vec!["a:c".to_owned()],
            ..Default::default()
        };
        assert_eq!(
            lines(&told),
            [
                "IMPLICITLY_DENIED",
                "No.",
                "decided by IDENTITY",
                "layer      SERVICE_CONTROL level 2: ALLOWED",
                "matched    Allow in IDENTITY photos, statement 1, bytes 37 to 172",
                "unmet      Allow in IDENTITY photos, statement 1 (Office), bytes 37 to 172",
                r#"           StringEquals a:b: wanted "x" or "y"; got "z""#,
                r#"           StringEquals a:c: wanted "x" or "y"; got no such key"#,
                "missing    a:c",
            ]
        );
        let json = value(&told, true);
        let grant = json!({"direct": true, "role": false, "account": false});
        assert_eq!(
            (&json["matched"][0]["grant"], &json["matched"][0]["policy"]),
            (&grant, &json!(0))
        );
        assert_eq!(json["unmet"][0]["failed"][1]["got"], Value::Null);
    }
}
