//! Properties: no text makes the reader panic, globs equal a naive matcher, denies only take away.

use policy::{Context, Kind, Outcome, Policies, Policy, Principal, Request, decide, glob_matches};
use proptest::prelude::*;

const KINDS: [Kind; 3] = [Kind::Identity, Kind::Trust, Kind::Resource];

/// The definition of a glob, by recursion.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            naive(rest, text) || text.split_first().is_some_and(|(_, t)| naive(pattern, t))
        }
        (Some(('?', rest)), Some((_, text))) => naive(rest, text),
        (Some((p, rest)), Some((t, text))) => p == t && naive(rest, text),
        _ => false,
    }
}

/// The same, row by row, for texts on which recursion would take for ever.
fn by_rows(pattern: &[char], text: &[char]) -> bool {
    let mut row: Vec<bool> = (0..=text.len()).map(|end| end == 0).collect();
    for letter in pattern {
        let before = row.clone();
        for end in 0..=text.len() {
            row[end] = match letter {
                '*' => before[end] || (end > 0 && row[end - 1]),
                letter => {
                    end > 0 && before[end - 1] && (*letter == '?' || *letter == text[end - 1])
                }
            };
        }
    }
    row[text.len()]
}

/// Words that repeat themselves, so that a match fails late and often.
fn repetitive(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 0..most).prop_map(|words| words.concat())
}

/// Text that is nearly a policy: words of the language in any order.
fn nearly_policy() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u00e9",
        "\\ud800",
        "1",
        "-",
        "true",
        "null",
        " ",
        "\n",
        "é",
        "\u{1f600}",
        "\"Version\":\"2012-10-17\"",
        "\"Statement\":",
        "\"Effect\":",
        "\"Allow\"",
        "\"Deny\"",
        "\"Action\":",
        "\"NotAction\":",
        "\"s3:*\"",
        "\"Resource\":",
        "\"arn:aws:s3:::b/${aws:username}\"",
        "\"arn:aws:iam::*\"",
        "\"${\"",
        "\"*\"",
        "\"Principal\":",
        "\"AWS\":",
        "\"111122223333\"",
        "\"Condition\":",
        "\"StringLike\":",
        "\"NumericLessThan\":",
        "\"DateEquals\":",
        "\"IpAddress\":",
        "\"1.2.3.4/8\"",
        "\"k\":",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

/// A whole document with arbitrary strings in every place.
fn filled_policy() -> impl Strategy<Value = String> {
    let text = "[ -~é]{0,24}";
    (text, text, text, text, text, 0..7_usize).prop_map(|(sid, action, resource, key, value, n)| {
        let operator = [
            "StringLike",
            "ArnLike",
            "NumericEquals",
            "DateLessThan",
            "IpAddress",
            "Null",
            "BinaryEquals",
        ][n];
        serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Sid": sid, "Effect": "Allow", "Action": [action, "s3:Get*"], "Resource": resource,
            "Condition": {operator: {key: [value]}},
        }]})
        .to_string()
    })
}

fn read_every_way(text: &str) {
    let mut read: Vec<Policy> =
        KINDS.into_iter().filter_map(|kind| Policy::parse(text, kind).ok()).collect();
    read.extend(Policy::load(text).ok());
    for policy in &read {
        assert_eq!(policy.source_text(), text);
        for statement in policy.statements() {
            assert!(text.get(statement.span).is_some_and(|t| t.starts_with('{')));
        }
        ask(&[policy]);
    }
}

fn ask(identity: &[&Policy]) -> Outcome {
    let mut context = Context::new();
    context.set("aws:username", "alice");
    context.set("k", "5");
    let request = Request {
        principal: Principal::user("111122223333", "arn:aws:iam::111122223333:user/alice", ""),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/alice",
        resource_account: "111122223333",
        context: &context,
    };
    decide(&request, &Policies { identity, ..Policies::default() }).outcome
}

/// Statements of which some apply to the request of `ask`.
fn statement() -> impl Strategy<Value = Policy> {
    let effects = prop::sample::select(vec!["Allow", "Deny"]);
    let actions = prop::sample::select(vec!["*", "s3:*", "s3:Put*", "S3:GETOBJECT", "ec2:*"]);
    let resources =
        prop::sample::select(vec!["*", "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::c"]);
    let conditions = prop::sample::select(vec![
        "{}",
        r#"{"NumericLessThan":{"k":"6"}}"#,
        r#"{"StringNotEquals":{"k":"5"}}"#,
        r#"{"Null":{"none":"true"}}"#,
    ]);
    (effects, actions, resources, conditions).prop_map(|(effect, action, resource, condition)| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}",
                "Resource":"{resource}","Condition":{condition}}}}}"#
        );
        Policy::parse(&text, Kind::Identity).expect("a policy")
    })
}

proptest! {
    #[test]
    fn glob_equals_the_naive_matcher(pattern in "[ab*?é]{0,10}", text in "[abé*]{0,12}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(glob_matches(&pattern, &text), naive(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn glob_equals_the_naive_matcher_where_it_fails_often(
        pattern in repetitive(&["a", "aaaa", "*", "*", "?", "aab", "é", "*aaaaaaaab*"], 12),
        text in repetitive(&["aaaaaa", "aaaab", "aé", "b", "aaaaaaaaaaaaaaaa"], 16),
    ) {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(glob_matches(&pattern, &text), by_rows(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read_every_way(&text);
    }

    #[test]
    fn any_bytes_that_are_text_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200)
    ) {
        read_every_way(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn nearly_policies_are_read_or_refused(text in nearly_policy()) {
        read_every_way(&text);
    }

    #[test]
    fn filled_policies_are_read_or_refused(text in filled_policy()) {
        read_every_way(&text);
    }

    /// Every JSON that serde_json reads within the limits, ours reads as well: a document is then
    /// refused for what it says, which AWS words otherwise for trust policies.
    #[test]
    fn agrees_with_another_reader_on_what_json_is(text in nearly_policy()) {
        let refused = Policy::parse(&text, Kind::Trust).err();
        let ours = refused.is_none_or(|e| e.message != "This policy contains invalid Json");
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert!(theirs || !ours, "we read {text}, which is no JSON");
    }

    #[test]
    fn a_deny_only_takes_away(
        policies in prop::collection::vec(statement(), 0..6),
        more in statement(),
    ) {
        let mut identity: Vec<&Policy> = policies.iter().collect();
        let before = ask(&identity);
        identity.push(&more);
        let after = ask(&identity);
        let denies = more.source_text().contains("Deny");
        if denies {
            prop_assert!(after == before || after == Outcome::ExplicitlyDenied);
        } else {
            prop_assert!(after == before || before == Outcome::ImplicitlyDenied);
        }
        if before == Outcome::ExplicitlyDenied {
            prop_assert_eq!(after, before);
        }
        identity.rotate_right(1);
        prop_assert_eq!(ask(&identity), after, "order does not matter");
    }
}
