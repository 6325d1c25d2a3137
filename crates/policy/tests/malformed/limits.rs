//! Documents made to hurt: they are refused, and nothing panics, hangs or overflows the stack.

use crate::answer;
use policy::{Kind, MAX_CHARACTERS, Policy};

const KINDS: [Kind; 3] = [Kind::Identity, Kind::Trust, Kind::Resource];

#[test]
fn bombs() {
    let deep_lists = "[".repeat(60_000);
    let deep_objects = r#"{"a":"#.repeat(20_000);
    let long = format!(r#"{{"Version":"{}"}}"#, "x".repeat(MAX_CHARACTERS));
    let members: String = (0..9_000).map(|n| format!(r#""k{n}":{n},"#)).collect();
    let wide = format!(r#"{{{members}"z":0}}"#);
    for text in [&deep_lists, &deep_objects, &long, &wide] {
        for kind in KINDS {
            assert_ne!(answer(text, kind), "");
        }
    }
}

#[test]
fn many_statements_are_read() {
    let statement = r#"{"Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    let statements = [statement; 2_000].join(",");
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let policy = Policy::parse(&text, Kind::Identity).expect("a policy");
    assert_eq!(policy.statements().len(), 2_000);
    assert_eq!(policy.size(), text.len());
}
