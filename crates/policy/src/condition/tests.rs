//! The logic around the comparisons: missing keys, lists, set operators, negation.

use super::*;

fn holds(operator: &str, values: &[&str], context: &Context<'_>) -> bool {
    let operator = Operator::parse(operator).expect("an operator");
    Condition::new(operator, "K", values.iter().copied(), Version::V2012).holds(context)
}

fn without() -> Context<'static> {
    Context::new()
}

fn one(value: &str) -> Context<'static> {
    let mut context = Context::new();
    context.set("k", value);
    context
}

fn many(values: &[&str]) -> Context<'static> {
    let mut context = Context::new();
    context.set_list("k", values.iter().copied());
    context
}

#[test]
fn missing_keys() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("NumericNotEquals", true),
        ("NotIpAddress", true),
        ("ArnNotLike", true),
        ("Bool", false),
        ("BoolIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAllValues:StringEqualsIfExists", true),
    ] {
        assert_eq!(holds(operator, &["1"], &without()), expected, "{operator}");
    }
}

/// A list without values is no missing key: only `ForAllValues` asks nothing of it.
#[test]
fn empty_lists_are_present() {
    for operator in ["ForAllValues:StringEquals", "ForAllValues:StringNotEqualsIfExists"] {
        assert!(holds(operator, &["x"], &many(&[])), "{operator}");
    }
    assert!(holds("ForAllValues:StringEquals", &[], &many(&[])));
    for operator in [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "NumericNotEqualsIfExists",
        "ForAnyValue:StringNotEquals",
        "ForAnyValue:StringEqualsIfExists",
    ] {
        assert!(!holds(operator, &["1"], &many(&[])), "{operator}");
        assert!(!holds(operator, &[], &many(&[])), "{operator} without values");
    }
}

#[test]
fn negation_is_nor() {
    assert!(!holds("StringNotEquals", &["x", "y"], &one("y")));
    assert!(holds("StringNotEquals", &["x", "y"], &one("z")));
    assert!(!holds("NotIpAddress", &["10.0.0.0/8", "1.2.3.4"], &one("10.1.1.1")));
}

#[test]
fn set_operators() {
    let list = many(&["a", "c"]);
    assert!(!holds("ForAllValues:StringEquals", &["a", "b"], &list));
    assert!(holds("ForAllValues:StringEquals", &["a", "c", "d"], &list));
    assert!(holds("ForAllValues:StringNotEquals", &["x"], &list));
    assert!(!holds("ForAllValues:StringNotEquals", &["a"], &list));
    assert!(holds("ForAnyValue:StringEquals", &["c"], &list));
    assert!(holds("ForAnyValue:StringNotEquals", &["a"], &list));
    assert!(!holds("ForAnyValue:StringNotEquals", &["a", "c"], &list));
    assert!(holds("ForAnyValue:StringEquals", &["a"], &one("a")));
}

#[test]
fn null() {
    assert!(holds("Null", &["true"], &without()));
    assert!(!holds("Null", &["true"], &one("")));
    assert!(holds("Null", &["FALSE"], &one("x")));
    assert!(holds("Null", &["false"], &many(&["x"])));
    assert!(holds("Null", &["false"], &many(&[])), "an empty list is present");
    assert!(holds("Null", &["true", "false"], &without()));
    assert!(!holds("Null", &[], &without()));
    assert!(holds("ForAllValues:Null", &["true"], &one("x")));
    assert!(!holds("ForAnyValue:Null", &["true"], &without()));
}

#[test]
fn empty_value_lists() {
    for operator in ["StringEquals", "StringNotEquals", "ForAnyValue:StringEquals"] {
        assert!(!holds(operator, &[], &one("x")), "{operator}");
        assert!(!holds(operator, &[], &without()), "{operator}");
    }
    for operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
        assert!(!holds(operator, &[], &one("x")), "{operator}");
        assert!(holds(operator, &[], &without()), "{operator}");
    }
}

#[test]
fn typed_comparisons() {
    assert!(holds("NumericLessThanEquals", &["10"], &one("9.5")));
    assert!(!holds("NumericLessThan", &["10"], &one("10.0")));
    assert!(holds("NumericGreaterThanEquals", &["10"], &one("10.0")));
    assert!(holds("NumericNotEquals", &["10"], &one("11")));
    assert!(holds("DateGreaterThan", &["0"], &one("1970-01-01T00:00:01Z")));
    assert!(holds("DateEquals", &["1970-01-01T01:00:00+01:00"], &one("0")));
    assert!(holds("Bool", &["True"], &one("true")));
    assert!(holds("BinaryEquals", &["Zm9v"], &one("Zm9v")));
    assert!(!holds("BinaryEquals", &["Zm9v"], &one("Zm9w")));
    assert!(holds("StringLike", &["a?c*"], &one("abcd")));
    assert!(!holds("StringEquals", &["a*"], &one("abcd")));
    assert!(holds("StringEquals", &["a*"], &one("a*")));
    assert!(holds("StringEqualsIgnoreCase", &["ÄB"], &one("äb")));
    assert!(holds("ArnEquals", &["arn:aws:iam::*:user/*"], &one("arn:aws:iam::1:user/a")));
    assert!(holds("ArnNotEquals", &["arn:aws:iam::*:user/*"], &one("arn:aws:iam::1:role/a")));
}

#[test]
fn unresolvable_variables_equal_nothing() {
    assert!(!holds("StringEquals", &["${nothing}"], &one("x")));
    assert!(holds("StringNotEquals", &["${nothing}"], &one("x")));
    assert!(holds("StringEquals", &["${nothing}", "x"], &one("x")));
    assert!(!holds("StringNotEquals", &["${nothing}", "x"], &one("x")));
    assert!(holds("ArnNotLike", &["arn:aws:s3:::${nothing}"], &one("arn:aws:s3:::x")));
}
