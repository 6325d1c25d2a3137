//! What is read as JSON, and what is refused.

use super::*;
use alloc::{format, string::String};

fn refusal(text: &str) -> (&'static str, usize) {
    let error = parse(text, Lists::OfNodes).expect_err("must be refused");
    (error.what, error.at)
}

#[test]
fn keeps_spans_and_unescapes() {
    let tree =
        parse(" {\"a\\u00e9\\n\" : [1.5e3, true, null, \"x\"] } ", Lists::OfNodes).expect("valid");
    let Value::Object(members) = &tree.root.value else { panic!("an object") };
    assert_eq!(tree.root.span, 1..42);
    assert_eq!(&*members[0].key.value, "aé\n");
    assert_eq!(members[0].key.span, 2..13);
    let Value::Array(items) = &members[0].value.value else { panic!("an array") };
    assert!(matches!(&items[0].value, Value::Number(text) if &**text == "1.5e3"));
    assert_eq!(items[3].span, 36..39);
}

#[test]
fn joins_surrogates() {
    let tree = parse(r#""\ud83d\ude00""#, Lists::OfNodes).expect("valid");
    assert!(matches!(&tree.root.value, Value::Text(text) if &**text == "😀"));
    assert_eq!(refusal(r#""\ud83d""#).0, "half a surrogate pair");
    assert_eq!(refusal(r#""\ude00""#).0, "half a surrogate pair");
}

#[test]
fn size_leaves_out_white_space_between_tokens_only() {
    assert_eq!(
        parse("{ \"a b\" :\n\t[ ] }", Lists::OfNodes).expect("valid").size,
        "{\"a b\":[]}".len()
    );
}

#[test]
fn refuses_what_is_not_json() {
    for text in ["", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "-", "1.", "tru", "\"", "1 1"] {
        assert!(parse(text, Lists::OfNodes).is_err(), "{text}");
    }
    assert_eq!(refusal("\"a\nb\""), ("a control character in a string", 2));
    assert_eq!(refusal(r#""\x""#), ("an unknown escape", 2));
    assert_eq!(refusal("\"\u{100}\""), ("a character that policies may not contain", 1));
    assert_eq!(refusal("[tru, \u{1}]"), ("a character that policies may not contain", 6));
}

#[test]
fn members_stand_in_their_own_object() {
    let text = r#"{"a":1,"d":0,"b":[{"a":{"a":2,"b":3}},{"c":4}],"c":{}}"#;
    let tree = parse(text, Lists::OfNodes).expect("valid");
    let keys = |node: &Node<'_>| match &node.value {
        Value::Object(members) => members.iter().map(|m| String::from(&*m.key.value)).collect(),
        _ => Vec::new(),
    };
    let Value::Object(members) = &tree.root.value else { panic!("an object") };
    let Value::Array(items) = &members[2].value.value else { panic!("a list") };
    let Value::Object(inner) = &items[0].value else { panic!("an object") };
    assert_eq!(keys(&tree.root), ["a", "d", "b", "c"]);
    assert_eq!((keys(&items[0]), keys(&items[1])), (["a".into()].into(), ["c".into()].into()));
    assert_eq!(keys(&inner[0].value), ["a", "b"]);
    assert!(keys(&members[3].value).is_empty());
}

#[test]
fn refuses_a_key_twice() {
    assert_eq!(refusal(r#"{"a":1,"b":2,"\u0061":3}"#), ("a member name twice", 13));
}

#[test]
fn refuses_bombs() {
    let deep = "[".repeat(100_000);
    assert_eq!(refusal(&deep), ("nested too deeply", MAX_DEPTH));
    let long = format!("\"{}\"", "a".repeat(MAX_CHARACTERS));
    assert_eq!(refusal(&long).0, "the document is too long");
    let fits = format!("\"{}\"", "a".repeat(MAX_CHARACTERS - 2));
    assert!(parse(&fits, Lists::OfNodes).is_ok());
}
