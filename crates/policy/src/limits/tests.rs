//! The limits hold, leave room for whatever fits into a quota, and bound the steps of a decision.

use super::{
    LARGEST_POLICY, MAX_CONDITION_KEYS, MAX_CONTEXT_TEXT, MAX_CONTEXT_VALUES, MAX_STATEMENTS,
    MAX_TEXT, MAX_VALUES, MAX_VARIABLES, MAX_WILDCARDS,
    worst::{self, Limits, Worst},
};
use crate::{Context, Kind, Policies, Policy, Principal, Request, decide, steps};
use alloc::{format, string::String, vec, vec::Vec};

const LIMITS: Limits = Limits {
    policy: LARGEST_POLICY,
    text: MAX_TEXT,
    values: MAX_CONTEXT_VALUES,
    values_text: MAX_CONTEXT_TEXT,
};

fn context(worst: &Worst) -> Context<'static> {
    let mut context = Context::new();
    for (key, values) in &worst.context {
        match values.as_slice() {
            [value] => context.set(key, value),
            values => context.set_list(key, values),
        };
    }
    context
}

#[test]
fn the_worst_policies_take_a_bounded_number_of_steps() {
    let mut wrong = Vec::new();
    for worst in worst::all(&LIMITS) {
        let policy = Policy::parse(&worst.document, Kind::Identity);
        let policy = policy.unwrap_or_else(|error| panic!("{}: {error}", worst.name));
        let room = LARGEST_POLICY - policy.size();
        assert!(room < LARGEST_POLICY / 5, "{}: {room} characters are unused", worst.name);
        let context = context(&worst);
        let request = Request {
            principal: Principal::user("111122223333", "arn:aws:iam::111122223333:user/a", ""),
            action: &worst.action,
            resource: &worst.resource,
            resource_account: "111122223333",
            context: &context,
        };
        let policies = Policies { identity: &[&policy], ..Policies::default() };
        let steps = steps::taken(|| assert!(!decide(&request, &policies).is_allowed()));
        // Far less would be another request than the worst.
        if !(worst.most_steps / 2..=worst.most_steps).contains(&steps) {
            wrong.push(format!("{}: {steps} steps, not {}", worst.name, worst.most_steps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A document with one statement that has these resources and this condition.
fn document(resources: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*",
            "Resource":[{resources}],"Condition":{condition}}}]}}"#
    )
}

fn many(item: impl Fn(usize) -> String, count: usize) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

/// What is refused of a document, however it is read.
fn refusal(text: &str) -> Option<String> {
    let stored = Policy::parse(text, Kind::Identity).err().map(|error| error.message);
    let loaded = Policy::load(text).err().map(|error| error.message);
    assert_eq!(stored, loaded);
    stored
}

#[test]
fn as_many_as_a_limit_says_and_no_more() {
    let statement = |_| String::from(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#);
    let statements =
        |count| format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, many(statement, count));
    let actions = |count| {
        let actions = many(|_| String::from(r#""a:b""#), count);
        statements(1).replace(r#""Action":"*""#, &format!(r#""Action":[{actions}]"#))
    };
    let resources = |count| document(&many(|_| String::from(r#""*""#), count), "{}");
    let values = |count| {
        let values = many(|_| String::from("1"), count);
        document(r#""*""#, &format!(r#"{{"StringEquals":{{"a":[{values}]}}}}"#))
    };
    let keys = |count| {
        let keys = many(|n| format!(r#""k{n}":1"#), count);
        document(r#""*""#, &format!(r#"{{"StringEquals":{{{keys}}}}}"#))
    };
    let wildcards = |count| document(&format!(r#""arn:aws:s3:::{}""#, "a*".repeat(count)), "{}");
    let variables = |count| document(&format!(r#""arn:aws:s3:::{}""#, "${a}".repeat(count)), "{}");
    let in_values = |count| {
        let value = "${a}".repeat(count);
        document(r#""*""#, &format!(r#"{{"StringEquals":{{"a":"{value}"}}}}"#))
    };
    type Made<'a> = (&'a dyn Fn(usize) -> String, usize, &'a str);
    let table: [Made<'_>; 8] = [
        (&statements, MAX_STATEMENTS, "A policy must not have more than 2048 statements."),
        (&actions, MAX_VALUES, "A statement must not have more than 16384 actions."),
        (&resources, MAX_VALUES, "A statement must not have more than 16384 resources."),
        (&values, MAX_VALUES, "A condition key must not have more than 16384 values."),
        (&keys, MAX_CONDITION_KEYS, "A statement must not have more than 4096 condition keys."),
        (&wildcards, MAX_WILDCARDS, "A pattern must not have more than 2048 wildcards."),
        (&variables, MAX_VARIABLES, "A value must not have more than 512 variables."),
        (&in_values, MAX_VARIABLES, "A value must not have more than 512 variables."),
    ];
    for (make, limit, message) in table {
        assert_eq!(refusal(&make(limit)), None, "{message}");
        assert_eq!(refusal(&make(limit + 1)).as_deref(), Some(message));
    }
}

#[test]
fn principals_are_counted_over_all_types() {
    let text = |count: usize| {
        let names = vec![r#""*""#; count].join(",");
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",
                "Principal":{{"AWS":[{names}],"Service":"ec2.amazonaws.com"}}}}]}}"#
        )
    };
    let answer = |count| Policy::parse(&text(count), Kind::Trust).err().map(|error| error.message);
    assert_eq!(answer(MAX_VALUES - 1), None);
    let message = "A statement must not have more than 16384 principals.";
    assert_eq!(answer(MAX_VALUES).as_deref(), Some(message));
}

/// No document that keeps to the largest quota comes near a limit of ours.
#[test]
fn what_fits_into_the_largest_policy_fits_into_every_limit() {
    for (shortest, limit) in [
        (r#"{"Effect":"Deny","Action":"*","Resource":"*"},"#, MAX_STATEMENTS),
        ("1,", MAX_VALUES),
        (r#""a":1,"#, MAX_CONDITION_KEYS),
    ] {
        assert!(LARGEST_POLICY / shortest.len() < limit, "{shortest}");
    }
}
