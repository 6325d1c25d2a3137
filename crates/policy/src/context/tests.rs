//! Contexts, whole and in layers.

use super::*;
use alloc::{string::String, vec};
use proptest::prelude::*;

#[test]
fn keys_ignore_case() {
    let mut context = Context::new();
    context.set("aws:PrincipalTag/TEAM", "Red");
    context.set("AWS:principaltag/Team", "Blue");
    let value = context.get("aws:principalTag/teaM").expect("set");
    assert_eq!(value.single(), Some("Blue"));
    assert_eq!(context.iter().count(), 1);
}

#[test]
fn what_is_known_follows_the_value() {
    let (mut context, flag) = (Context::new(), Key::new("aws:SecureTransport"));
    let address = Key::new("aws:SourceIp");
    let known = |context: &Context| (context.known_bool(&flag), context.known_address(&address));
    assert_eq!(known(&context), (None, None));
    context.set("AWS:SecureTransport", "True");
    context.set("aws:sourceip", "10.1.2.3");
    assert_eq!(known(&context), (Some(true), Some([10, 1, 2, 3].into())));
    context.set_bool("aws:SecureTransport", false);
    context.set("aws:SourceIp", "nonsense");
    assert_eq!(known(&context), (Some(false), None));
    context.set_list("aws:SecureTransport", ["true"]);
    assert_eq!(known(&context), (None, None));
    context.set_bool("aws:SecureTransport", true);
    context.set("aws:SourceIp", "::1");
    context.set("k", "true");
    assert_eq!(context.known_bool(&Key::new("k")), None);
    context.set_list("aws:SourceIp", ["::1"]);
    assert_eq!(known(&context), (Some(true), None));
}

#[test]
fn very_many_keys() {
    let mut context = Context::new();
    for n in 0..300 {
        context.set(&alloc::format!("k{n}"), "x");
    }
    for key in KNOWN {
        context.set(key, key);
    }
    for key in KNOWN {
        let found = context.lookup(&Key::new(key)).and_then(|value| value.single());
        assert_eq!(found, Some(key));
    }
    for n in 0..300 {
        let found = context.lookup(&Key::new(&alloc::format!("K{n}")));
        assert_eq!(found.and_then(|value| value.single()), Some("x"), "{n}");
        context.set_list(&alloc::format!("k{n}"), ["y"]);
    }
    assert_eq!(context.iter().count(), KNOWN.len() + 300);
    context.set("aws:AssumedRoot", "again");
    for (at, key) in KNOWN.into_iter().enumerate() {
        let expected = if at == 0 { "again" } else { key };
        assert_eq!(context.get(key).and_then(|value| value.single()), Some(expected), "{key}");
    }
    assert!(context.iter().map(|(key, _)| key).is_sorted());
    assert!(context.lookup(&Key::new("k300")).is_none());
}

#[test]
fn typed_setters() {
    let mut context = Context::new();
    context.set_bool("b", true);
    context.set_integer("n", -7);
    context.set_time("t", 1_610_508_817);
    context.set_list("l", ["x"]);
    assert_eq!(context.get("b").and_then(|value| value.single()), Some("true"));
    assert_eq!(context.get("n").and_then(|value| value.single()), Some("-7"));
    assert_eq!(context.get("t").and_then(|value| value.single()), Some("2021-01-13T03:33:37Z"));
    let list = context.get("l").expect("set");
    assert_eq!(list.all().collect::<Vec<_>>(), ["x"]);
    assert_eq!(context.get("l").and_then(|value| value.single()), None);
}

#[test]
fn values_far_behind_and_lists_are_found() {
    let mut context = Context::new();
    context.set("aws:UserAgent", "x".repeat(70_000));
    context.set("aws:username", "alice");
    context.set_list("aws:TagKeys", ["a", "b"]);
    let key = Key::new("aws:username");
    assert_eq!(context.lookup(&key).and_then(|value| value.single()), Some("alice"));
    context.set("aws:username", "bob");
    assert_eq!(context.get("aws:UserName").and_then(|value| value.single()), Some("bob"));
    let agent = context.get("aws:useragent").and_then(|value| value.single());
    assert_eq!(agent.map(str::len), Some(70_000));
    assert_eq!(context.iter().count(), 3);
    context.set("aws:TagKeys", "one");
    assert_eq!(context.get("aws:tagkeys").and_then(|value| value.single()), Some("one"));
    context.set_list("aws:TagKeys", [""; 0]);
    assert!(context.lookup(&Key::new("aws:tagkeys")).expect("set").is_empty());
}

#[test]
fn what_is_set_hides_what_lies_beneath() {
    let mut beneath = Context::new();
    beneath.set_bool("aws:SecureTransport", true);
    beneath.set("aws:SourceIp", "10.0.0.1");
    beneath.set("aws:username", "alice");
    beneath.set("aws:PrincipalTag/team", "red");
    beneath.set("k", "beneath");
    let message = String::from("aws:sourceip10.9.9.9k:above");
    let mut context = Context::over(&beneath, &message);
    assert_eq!(context, beneath);
    context.set("aws:SourceIp", &message[12..20]);
    context.set_list("aws:SecureTransport", ["false"]);
    context.set("K", &message[22..]);
    let (flag, address) = (Key::new("aws:SecureTransport"), Key::new("aws:SourceIp"));
    assert_eq!(context.known_bool(&flag), None, "a list hides it");
    assert_eq!(context.lookup(&flag).map(|value| value.all().count()), Some(1));
    assert_eq!(context.known_address(&address), Some([10, 9, 9, 9].into()));
    assert_eq!(context.known_text(&address), Some(&b"10.9.9.9"[..]));
    assert_eq!(context.known_text(&Key::new("aws:username")), Some(&b"alice"[..]));
    let single = |key: &str| context.get(key).and_then(|value| value.single());
    assert_eq!(single("k"), Some("above"));
    assert_eq!(single("aws:principaltag/TEAM"), Some("red"));
    assert_eq!(single("aws:userid"), None);
    let mut alike = Context::new();
    alike.set("k", "above");
    alike.set("aws:PrincipalTag/team", "red");
    alike.set_list("aws:SecureTransport", ["false"]);
    alike.set("aws:username", "alice");
    alike.set("aws:SourceIp", "10.9.9.9");
    assert_eq!(context, alike);
    assert_ne!(context, beneath);
}

#[test]
fn tells_whether_a_key_was_set_here_before() {
    let mut beneath = Context::new();
    beneath.set("aws:username", "alice");
    beneath.set("aws:PrincipalTag/team", "red");
    let mut context = Context::over(&beneath, "");
    assert!(!context.set("K", "u") && !context.set("aws:SourceIp", "::1"));
    assert!(!context.set_list("AWS:SecureTransport", ["true"]));
    assert!(context.set("k", "v") && context.set("AWS:SourceIp", "10.0.0.1"));
    assert!(context.set_list("aws:securetransport", [""; 0]), "a list is set");
    assert!(context.set("aws:SecureTransport", "true"), "an empty list, too");
    assert!(!context.set("aws:UserName", "bob") && !context.set("aws:PrincipalTag/team", "x"));
    assert_eq!(context.others.len(), 3, "one entry a key");
}

/// What is set: a key with one value, or with a list.
fn entry() -> impl Strategy<Value = (&'static str, Result<&'static str, Vec<&'static str>>)> {
    let keys = [
        "aws:SourceIp",
        "AWS:sourceip",
        "aws:SecureTransport",
        "aws:username",
        "K",
        "k",
        "aws:TagKeys",
        "t/\u{212a}",
    ];
    let value = || prop::sample::select(vec!["true", "False", "10.0.0.1", "::1", "x", ""]);
    let values = prop_oneof![
        3 => value().prop_map(Ok),
        1 => prop::collection::vec(value(), 0..3).prop_map(Err),
    ];
    (prop::sample::select(keys.to_vec()), values)
}

proptest! {
    /// A context over another one, with values out of a message, says what one with copies of all of it says.
    #[test]
    fn layers_and_borrowed_values_change_nothing(
        beneath in prop::collection::vec(entry(), 0..6),
        above in prop::collection::vec((entry(), any::<bool>()), 0..6),
    ) {
        let message = above.iter().fold(String::from("é"), |mut message, ((_, value), _)| {
            message.push_str(value.as_ref().map_or("", |value| value));
            message.push(',');
            message
        });
        let (mut lower, mut flat) = (Context::new(), Context::new());
        for (key, value) in &beneath {
            for context in [&mut lower, &mut flat] {
                match value {
                    Ok(value) => context.set(key, value),
                    Err(values) => context.set_list(key, values),
                };
            }
        }
        let mut layered = Context::over(&lower, &message);
        let mut at = "é".len();
        for ((key, value), is_borrowed) in &above {
            match value {
                Ok(value) => {
                    let borrowed = &message[at..at + value.len()];
                    layered.set(key, if *is_borrowed { borrowed } else { value });
                    flat.set(key, value);
                    at += value.len();
                }
                Err(values) => {
                    layered.set_list(key, values);
                    flat.set_list(key, values);
                }
            }
            at += 1;
        }
        prop_assert_eq!(&layered, &flat);
        for name in ["aws:sourceip", "aws:securetransport", "aws:username", "k", "aws:tagkeys", "t/k", "other"] {
            let key = Key::new(name);
            prop_assert_eq!(layered.lookup(&key), flat.lookup(&key), "{}", name);
            prop_assert_eq!(layered.get(name), flat.get(name), "{}", name);
            prop_assert_eq!(layered.known_text(&key), flat.known_text(&key), "{}", name);
            prop_assert_eq!(layered.known_bool(&key), flat.known_bool(&key), "{}", name);
            prop_assert_eq!(layered.known_address(&key), flat.known_address(&key), "{}", name);
        }
    }
}
