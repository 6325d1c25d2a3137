//! Any text is read or refused, whatever it is meant to be.

use policy::{Kind, Policy};

/// The refusals of trust policies that tell of the text itself.
const NO_JSON: &str = "This policy contains invalid Json";

/// Reads the bytes as every kind of policy.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let loaded = Policy::load(&text);
    for kind in [Kind::Identity, Kind::Trust, Kind::Resource] {
        match Policy::parse(&text, kind) {
            Ok(policy) => {
                accepted(&policy, &text);
                assert!(loaded.is_ok(), "what may be stored can be loaded");
            }
            Err(refusal) => {
                assert!(!refusal.message.is_empty() && !refusal.detail.is_empty());
                assert!(refusal.span.is_none_or(|span| span.start <= text.len()));
            }
        }
    }
    if let Ok(policy) = &loaded {
        accepted(policy, &text);
    }
    let is_json = Policy::parse(&text, Kind::Trust).err().is_none_or(|e| e.message != NO_JSON);
    if is_json {
        let other = serde_json::from_str::<serde_json::Value>(&text).err();
        // Ours keeps numbers as texts, of any size.
        let other = other.filter(|error| !error.to_string().starts_with("number out of range"));
        assert!(other.is_none(), "another reader knows no such JSON: {other:?}");
    }
}

fn accepted(policy: &Policy, text: &str) {
    assert_eq!(policy.source_text(), text);
    assert_eq!(policy.displayed_text(|_| None), text, "nothing is bound");
    assert!(policy.size() <= text.chars().count());
    let mut end = 0;
    for statement in policy.statements() {
        assert!(statement.span.start >= end, "statements stand one after another");
        end = statement.span.end;
        let written = text.get(statement.span).expect("a part of the text");
        assert!(written.starts_with('{') && written.ends_with('}'));
    }
}
