//! The validator takes any text, and agrees with what IAM refuses when a policy is written.

use super::shape::{SYNTAX, TYPES, has, shape};
use policy::check::{Finding, FindingType, PolicyType, check};
use policy::{Kind, Policy};
use proptest::prelude::*;

/// What IAM refuses and AWS's validator only advises against: documents that do not say 2012-10-17,
/// empty lists of actions and resources, wildcards in the name of a service, and values that no
/// comparison can read (rule A-9).
const ADVICE: [&str; 10] = [
    "EMPTY_ARRAY_ACTION",
    "EMPTY_ARRAY_RESOURCE",
    "MISSING_VERSION",
    "TYPE_MISMATCH_BOOLEAN",
    "TYPE_MISMATCH_DATE",
    "TYPE_MISMATCH_IP_RANGE",
    "TYPE_MISMATCH_NUMBER",
    "TYPE_MISMATCH_STRING",
    "VARIABLE_UNSUPPORTED_IN_VERSION",
    "WILDCARD_IN_SERVICE_NAME",
];

/// A policy with one of many elements, sound or not, in each place.
fn policy() -> impl Strategy<Value = String> {
    // Mostly the first, which is sound, so that a fault often stands alone.
    let of = |choices: Vec<&'static str>| {
        let sound = choices[0];
        prop_oneof![5 => Just(sound), 2 => prop::sample::select(choices)]
    };
    let version = of(vec![
        r#""Version":"2012-10-17","#,
        r#""Version":"2008-10-17","#,
        r#""Version":"2020-10-17","#,
        r#""Version":2012,"#,
        r#""Extra":1,"#,
        "",
    ]);
    let head = of(vec![
        r#""Effect":"Allow","#,
        r#""Effect":"Deny","#,
        r#""Effect":"Deny","Sid":"a","#,
        r#""Effect":"deny","#,
        r#""Effect":"Allow","Sid":"a b","#,
        r#""Effect":"Allow","Principal":"*","#,
        r#""Effect":"Allow","Extra":"x","#,
        r#""Sid":"b","#,
    ]);
    let action = of(vec![
        r#""Action":"s3:Get*""#,
        r#""Action":"*""#,
        r#""NotAction":["iam:CreateUser","iam:No"]"#,
        r#""Action":"a a:x""#,
        r#""Action":"s*:x""#,
        r#""Action":["a:b:c"]"#,
        r#""Action":"invalid""#,
        r#""Action":"iam:${aws:username}""#,
        r#""Action":[]"#,
        r#""Action":{}"#,
        r#""Action":"a:b","NotAction":"c:d""#,
        r#""Id":"x""#,
    ]);
    let condition = of(vec![
        "{}",
        "[]",
        r#"{"x":{}}"#,
        r#"{"x":{"a":"b"}}"#,
        r#"{"StringEquals":{"aws:username":"a"}}"#,
        r#"{"StringEquals":{"k":["a",1,true]}}"#,
        r#"{"StringEquals":{"k":null}}"#,
        r#"{"StringEquals":{"k:a":"1","K:A":"2"}}"#,
        r#"{"NullIfExists":{"k:a":"true"}}"#,
        r#"{"ForAllValues:NullIfExists":{"k:a":"true"}}"#,
        r#"{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":"${a"}}"#,
        r#"{"NumericLessThan":{"k:a":"${aws:username}"}}"#,
        r#"{"Bool":{"k:a":"yes"}}"#,
        r#"{"ArnLike":{"aws:SourceArn":["b","arn:aws:s3:b"]}}"#,
        r#"{"ArnLike":{"aws:SourceArn":"a:b:c:d:e:f"}}"#,
        r#"{"BinaryEquals":{"k:a":"Zg"}}"#,
    ]);
    let statement =
        (head, action, resources(), condition).prop_map(|(head, action, resource, condition)| {
            format!(r#"{{{head}{action}{resource},"Condition":{condition}}}"#)
        });
    let statements = prop_oneof![
        4 => prop::collection::vec(statement.clone(), 1),
        1 => prop::collection::vec(statement, 0..3),
    ];
    (version, statements).prop_map(|(version, statements)| {
        format!(r#"{{{version}"Statement":[{}]}}"#, statements.join(","))
    })
}

/// `Resource` with arbitrary fields.
fn resources() -> impl Strategy<Value = String> + Clone {
    let part = prop::sample::select(vec![
        "arn",
        "aws",
        "aws-cn",
        "s3",
        "iam",
        "S3",
        "us-east-1",
        "111122223333",
        "",
        "",
        "*",
        "?",
        "user/x",
        "u*",
        "b/${aws:username}",
        "${",
        "${}",
        "${a, b}",
        "${a,'b'}",
        "x y",
        "<x>",
    ]);
    let arn = prop::collection::vec(part, 0..8).prop_map(|parts| parts.join(":"));
    let arn = prop_oneof![
        2 => arn.clone().prop_map(|arn| format!("arn:aws:s3:::{arn}")),
        2 => arn.clone().prop_map(|arn| format!("arn:aws:{arn}")),
        1 => arn,
        1 => Just("*".to_owned()),
    ];
    prop_oneof![
        8 => Just(r#","Resource":"*""#.to_owned()),
        8 => arn.prop_map(|arn| format!(r#","Resource":"{arn}""#)),
        1 => Just(r#","Resource":[]"#.to_owned()),
        1 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        shape(&text);
    }

    #[test]
    fn any_bytes_that_are_text_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        shape(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn policies_and_parts_of_them_are_taken(
        text in policy(),
        cut in any::<prop::sample::Index>(),
    ) {
        shape(&text);
        shape(&text[..cut.index(text.len() + 1)]);
    }

    #[test]
    fn what_has_an_error_of_syntax_iam_refuses(text in policy()) {
        let findings = check(&text, PolicyType::Identity);
        let refused = Policy::parse(&text, Kind::Identity).is_err();
        prop_assert!(refused || !has(&findings, &SYNTAX), "{text}\n{findings:#?}");
    }

    #[test]
    fn what_iam_refuses_has_an_error(text in policy()) {
        let findings = check(&text, PolicyType::Identity);
        let is_error = |finding: &Finding| finding.issue.finding_type == FindingType::Error;
        let is_told = findings.iter().any(is_error) || has(&findings, &ADVICE)
            || text.contains("2008-10-17");
        if let Err(refusal) = Policy::parse(&text, Kind::Identity) {
            prop_assert!(is_told, "{text}\n{refusal}\n{findings:#?}");
        }
    }
}

/// They would take minutes if every pair of values were compared, or every name looked for.
#[test]
fn large_policies_come_to_an_end() {
    let many = |value: &str, count: usize| {
        let values: Vec<String> =
            (0..count).map(|n| format!("\"{}\"", value.replace('#', &n.to_string()))).collect();
        values.join(",")
    };
    let around = |actions: String, resources: String| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],
                "Resource":[{resources}]}}]}}"#
        )
    };
    let star = || "\"*\"".to_owned();
    for text in [
        around(many("iam:Creat#User", 6_000), star()),
        around(many("s3:*a#", 8_000), star()),
        around(star(), many("arn:aws:s3:::*a*b#*", 4_000)),
        around(many("x", 20_000), star()),
        "[".repeat(100_000),
    ] {
        for policy_type in TYPES {
            assert!(!check(&text, policy_type).is_empty());
        }
    }
}
