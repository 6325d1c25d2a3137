//! Documents that are refused: each goes beyond one limit, as far as a request lets it.

use policy::limits::{
    MAX_CHARACTERS, MAX_CONDITION_KEYS, MAX_VALUES, MAX_VARIABLES, MAX_WILDCARDS,
};

/// Every bomb, with its name.
pub fn all() -> Vec<(&'static str, String)> {
    let list = |item: &str, count| vec![item; count].join(",");
    let statement = |resources: String, condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":[{resources}],
                "Condition":{{"StringLike":{{{condition}}}}}}}]}}"#
        )
    };
    let statements =
        list(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, MAX_CHARACTERS / 47 - 1);
    let members = (0..MAX_CHARACTERS / 11).map(|n| format!(r#""k{n}":1"#));
    let keys = (0..=MAX_CONDITION_KEYS).map(|n| format!(r#""k{n}":1"#));
    let long = |item: &str, count| format!(r#""arn:aws:s3:::{}""#, item.repeat(count));
    vec![
        ("characters", format!(r#"{{"Version":"{}"}}"#, "x".repeat(MAX_CHARACTERS))),
        ("nested lists", "[".repeat(MAX_CHARACTERS)),
        ("members of an object", format!("{{{}}}", members.collect::<Vec<_>>().join(","))),
        ("statements", format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)),
        ("resources", statement(list(r#""a""#, MAX_VALUES + 1), "")),
        ("condition keys", statement(r#""*""#.into(), &keys.collect::<Vec<_>>().join(","))),
        ("values", statement(r#""*""#.into(), &format!(r#""k":[{}]"#, list("1", MAX_VALUES + 1)))),
        ("wildcards", statement(long("a*", MAX_WILDCARDS + 1), "")),
        ("variables", statement(long("${a}", MAX_VARIABLES + 1), "")),
    ]
}
