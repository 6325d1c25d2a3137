//! Identity policies: the answers of `CreatePolicy`.

use crate::check;
use policy::{Kind, Policy};

const SYNTAX: &str = "Syntax errors in policy.";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
const LEGACY: &str = "The policy failed legacy parsing";
const ACTIONS: &str = "Policy statement must contain actions.";
const RESOURCES: &str = "Policy statement must contain resources.";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const COLON: &str = "Actions/Condition can contain only one colon.";
const SID: &str = "Statement IDs (SID) in a single policy must be unique.";
const REGEX: &str = "Resource vendor must be fully qualified and cannot contain regexes.";
const IAM_PATH: &str = "IAM resource path must either be \"*\", root, or start with user/, \
    federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, \
    sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.";

/// A whole policy around its statements.
fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
}

/// A policy with an element more in a sound statement.
fn with(element: &str) -> String {
    policy(&format!(
        r#"{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b",{element}}}"#
    ))
}

fn action(action: &str) -> String {
    policy(&format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"*"}}"#))
}

fn resource(resource: &str) -> String {
    policy(&format!(r#"{{"Effect":"Allow","Action":"s3:ListBucket","Resource":{resource}}}"#))
}

fn condition(condition: &str) -> String {
    with(&format!(r#""Condition":{condition}"#))
}

#[test]
fn documents() {
    let fine = r#""Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    check(
        Kind::Identity,
        |text| text.replace("FINE", fine),
        &[
            ("This is not a json document", SYNTAX),
            ("", SYNTAX),
            ("[]", SYNTAX),
            ("\"x\"", SYNTAX),
            ("{}", SYNTAX),
            ("{FINE}", VERSION),
            (r#"{"Version":"2008-10-17",FINE}"#, VERSION),
            (r#"{"Version":"2013-10-17",FINE}"#, SYNTAX),
            (r#"{"Version":20121017,FINE}"#, SYNTAX),
            (r#"{"Version":"2012-10-17"}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Version":"2012-10-17",FINE}"#, SYNTAX),
            (r#"{"Version":"2012-10-17",FINE,"Extra field":"value"}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Id":["x"],FINE}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Id":{},FINE}"#, SYNTAX),
            (r#"{"Version":"2012-10-17","Id":"x",FINE}"#, ""),
            (r#"{"Version":"2012-10-17",FINE,}"#, SYNTAX),
            (r#"{"Version":"2012-10-17",FINE} x"#, SYNTAX),
            ("{\"Version\":\"2012-10-17\",FINE,\"Id\":\"\u{100}\"}", SYNTAX),
        ],
    );
}

#[test]
fn statements() {
    check(
        Kind::Identity,
        policy,
        &[
            ("[]", SYNTAX),
            ("null", SYNTAX),
            ("\"x\"", SYNTAX),
            (r#"["afd"]"#, SYNTAX),
            (r#"{"Effect":"Allow"}"#, ACTIONS),
            (r#"[{"Effect":"Deny"},{"Effect":"Allow","Action":"a:b","Resource":"*"}]"#, ACTIONS),
            (r#"{"Action":"a:b","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"invalid","Action":"a:b","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":true,"Action":"a:b","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"denY","Action":"a:b","Resource":"*"}"#, LEGACY),
            (r#"{"Effect":"allow","Resource":"arn:aws:s3:us-east-1::b"}"#, LEGACY),
            (r#"{"Effect":"Allow","Resource":"*"}"#, ACTIONS),
            (r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#, ACTIONS),
            (r#"{"Effect":"Allow","Action":"a:b"}"#, RESOURCES),
            (r#"{"Effect":"Allow","Action":"a:b","Resource":[]}"#, RESOURCES),
            (r#"{"Effect":"Allow","Action":"invalid"}"#, RESOURCES),
            (r#"{"Effect":"Allow","Action":"a:b","NotAction":"c:d","Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","NotAction":"a:b","Action":[],"Resource":"*"}"#, SYNTAX),
            (r#"{"Effect":"Allow","Action":"a:b","Resource":"*","NotResource":[]}"#, SYNTAX),
            (r#"{"Effect":"Allow","NotAction":"a:b","NotResource":"*"}"#, ""),
        ],
    );
    check(
        Kind::Identity,
        with,
        &[
            (r#""Extra field":"value""#, SYNTAX),
            (r#""Sid":{}"#, SYNTAX),
            (r#""Sid":[]"#, SYNTAX),
            (r#""Sid":"""#, ""),
            (r#""Sid":"a1B2""#, ""),
            (
                r#""Sid":"a b""#,
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*",
            ),
            (r#""Principal":"*""#, "Policy document should not specify a principal."),
            (r#""NotPrincipal":{"AWS":"*"}"#, "Policy document should not specify a principal."),
        ],
    );
}

#[test]
fn statement_ids() {
    let one = r#"{"Sid":"sdf","Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    let bare = r#"{"Sid":"sdf","Effect":"Allow"}"#;
    let other = r#"{"Sid":"SDF","Effect":"Allow","Action":"a:b","Resource":"*"}"#;
    let misspelt = r#"{"Sid":"sdf","Effect":"aLLow","Action":"a:b","Resource":"*"}"#;
    let pair = |a: &str, b: &str| policy(&format!("[{a},{b}]"));
    check(
        Kind::Identity,
        str::to_owned,
        &[
            (&pair(one, bare), SID),
            (&pair(misspelt, bare), LEGACY),
            (&pair(one, other), ""),
            (&format!(r#"{{"Statement":[{one},{bare}]}}"#), VERSION),
        ],
    );
}

#[test]
fn actions() {
    check(
        Kind::Identity,
        action,
        &[
            (r#""invalid""#, VENDOR),
            (r#""""#, VENDOR),
            (r#""**""#, VENDOR),
            (r#"["a:b","invalid"]"#, VENDOR),
            (r#""a a:ListBucket""#, "Vendor a a is not valid"),
            (r#"":ListBucket""#, "Vendor  is not valid"),
            (r#""s3*:Get""#, "Vendor s3* is not valid"),
            (r#""s3:List:Bucket""#, COLON),
            (r#"["s3s:ListBucket","s:3s:ListBucket"]"#, COLON),
            (r#"[[]]"#, SYNTAX),
            ("{}", SYNTAX),
            ("123", SYNTAX),
            (r#"["a:b",null]"#, SYNTAX),
            (r#""*""#, ""),
            (r#""*:*""#, ""),
            (r#""iam: asdf safdsf af ""#, ""),
            (r#""s3-s.x:ListBucket""#, ""),
        ],
    );
}

#[test]
fn resources() {
    check(
        Kind::Identity,
        resource,
        &[
            (r#""invalid resource""#, "Resource invalid resource must be in ARN format or \"*\"."),
            (r#""""#, "Resource  must be in ARN format or \"*\"."),
            (r#"["adf"]"#, "Resource adf must be in ARN format or \"*\"."),
            (r#""b:aws:s3:::x""#, "Resource b:aws:s3:::x must be in ARN format or \"*\"."),
            (
                r#""a:bsdfdsafsad""#,
                "Partition \"bsdfdsafsad\" is not valid for resource \"arn:bsdfdsafsad:*:*:*:*\".",
            ),
            (
                r#""a:b:cadfsdf""#,
                "Partition \"b\" is not valid for resource \"arn:b:cadfsdf:*:*:*\".",
            ),
            (
                r#""a:b:c:d:e:f:g:h""#,
                "Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g:h\".",
            ),
            (
                r#""aws:s3:::example_bucket""#,
                "Partition \"s3\" is not valid for resource \"arn:s3:::example_bucket:*\".",
            ),
            (
                r#""s3::example-bucket/*""#,
                "Partition \"\" is not valid for resource \"arn::example-bucket/*:*:*:*\".",
            ),
            (
                r#"["arn:error:s3:::example_bucket","arn:error:s3::example_bucket"]"#,
                "Partition \"error\" is not valid for resource \"arn:error:s3:::example_bucket\".",
            ),
            (r#""arn:aws:iam:::example_bucket""#, IAM_PATH),
            (r#""arn:aws:iam::111122223333:u*""#, IAM_PATH),
            (r#""arn:aws:s3::example_bucket""#, LEGACY),
            (r#""arn:aws::::example_bucket""#, LEGACY),
            (r#""arn:aws::fdsasf""#, LEGACY),
            (r#""arn:awss3::example-bucket/*""#, LEGACY),
            (r#""arn:aws:s3:::b${aws:username""#, LEGACY),
            (r#""arn:aws:s3:::b${}""#, LEGACY),
            (r#""arn:aws:ec2:*:${aws:PrincipalAccount}:instance/*""#, LEGACY),
            (r#""arn:aws:ec2:*:<ACCOUNT_ID>:instance/*""#, LEGACY),
            (r#""arn:aws""#, REGEX),
            (r#""arn:aws:s?:::b""#, REGEX),
            (r#""arn:aws:*:::b""#, REGEX),
            (
                r#""arn:aws:iam:us-east-1::example_bucket""#,
                "IAM resource arn:aws:iam:us-east-1::example_bucket cannot contain region \
                 information.",
            ),
            (
                r#""arn:aws:s3:us-east-1::example_bucket""#,
                "Resource arn:aws:s3:us-east-1::example_bucket can not contain region information.",
            ),
            (r#"{"a":"arn:aws:s3:::b"}"#, SYNTAX),
            (r#"["adfdf",{}]"#, SYNTAX),
        ],
    );
}

#[test]
fn sound_resources() {
    check(
        Kind::Identity,
        resource,
        &[
            (r#"["arn:aws:s3:::b","*"]"#, ""),
            (r#""arn:aws:iam::111122223333:root""#, ""),
            (r#""arn:aws:iam::*:user/${aws:username}""#, ""),
            (r#""arn:aws:iam::111122223333:*""#, ""),
            (r#""arn:aws:iam::*""#, ""),
            (r#""arn:aws:s3:*""#, ""),
            (r#""arn:aws-cn:s3:::b""#, ""),
            (r#""arn:*:s3:::b""#, ""),
            (r#""arn:aws:fdsasf""#, ""),
            (r#""arn:aws:s3:us-west-2:111122223333:accesspoint/x""#, ""),
            (r#""arn:aws:ec2:region:account-id:instance/*""#, ""),
            (r#""arn:aws:invalid-service:us-east-1::x""#, ""),
        ],
    );
}

#[test]
fn conditions() {
    check(
        Kind::Identity,
        condition,
        &[
            ("[]", SYNTAX),
            (r#""a""#, SYNTAX),
            (r#"{"a":"b"}"#, SYNTAX),
            (r#"{"DateGreaterThan":"b"}"#, SYNTAX),
            (r#"{"DateGreaterThan":[]}"#, SYNTAX),
            (r#"{"DateGreaterThan":{"a":{}}}"#, SYNTAX),
            (r#"{"StringEquals":{"a":[["b"]]}}"#, SYNTAX),
            (r#"{"StringEquals":{"a":null}}"#, SYNTAX),
            (r#"{"x":{"a":"1"}}"#, SYNTAX),
            (r#"{"ForAnyValue::StringEqualsIfExists":{"a":"asf"}}"#, SYNTAX),
            (r#"{"NullIfExists":{"a":"true"}}"#, SYNTAX),
            (r#"{"StringEquals":{"a":"1","A":"2"}}"#, SYNTAX),
            (r#"[{"ForAllValues:StringEquals":{"aws:TagKeys":"x"}}]"#, SYNTAX),
            ("{}", ""),
            (r#"{"x":{},"y":{}}"#, ""),
            (r#"{"DateGreaterThan":{}}"#, ""),
            (r#"{"DateGreaterThan":{"a":[]}}"#, ""),
            (r#"{"StringEquals":{"a":"1"},"StringLike":{"A":"2"}}"#, ""),
            (r#"{"stringEQUALSifexists":{"a":"asf"}}"#, ""),
            (r#"{"NumericLessThan":{"a":5},"Bool":{"b":true}}"#, ""),
        ],
    );
}

/// Rule A-9: what no comparison could read is refused.
#[test]
fn condition_values() {
    let value = |pair: &str| {
        let (operator, value) = pair.split_once(' ').expect("two words");
        condition(&format!(r#"{{"{operator}":{{"a":"{value}"}}}}"#))
    };
    check(
        Kind::Identity,
        value,
        &[
            ("DateGreaterThan sdfdsf", LEGACY),
            ("DateLessThanEquals 234-13", LEGACY),
            ("DateLessThanEquals 2016-12-13t2:00:00.593194+1", LEGACY),
            ("DateLessThanEquals 2016-12-13t2:00:00.1999999999+10:59", LEGACY),
            ("DateLessThan 9223372036854775808", LEGACY),
            ("NumericEquals ten", LEGACY),
            ("NumericEquals ${aws:x}", LEGACY),
            ("Bool yes", LEGACY),
            ("Bool ${aws:x}", LEGACY),
            ("Null 1", LEGACY),
            ("BinaryEquals Zg", LEGACY),
            ("IpAddress 10.0.0.0/33", LEGACY),
            ("NotIpAddress 10.*", LEGACY),
            ("ArnLike bucket", LEGACY),
            ("StringLike ${", LEGACY),
            ("StringEquals ${a,'b'}", LEGACY),
            ("ArnNotLike arn:aws:s3:::${", LEGACY),
            ("DateGreaterThan 01T", ""),
            ("DateLessThanEquals 2019-07-01T13:20:15Z", ""),
            ("DateLessThanEquals 2016-12-13T21:20:37.593194+00:00", ""),
            ("DateLessThanEquals 2016-12-13t2:00:00.593194+23", ""),
            ("DateLessThan -292275054", ""),
            ("ArnLike *", ""),
            ("ArnLike arn:aws:s3:*", ""),
            ("ArnLike ${aws:x}", ""),
            ("StringLike $cash", ""),
        ],
    );
    let both = policy(
        r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:error:s3:::b",
            "Condition":{"DateGreaterThan":{"a":"sdfdsf"}}}"#,
    );
    check(Kind::Identity, str::to_owned, &[(&both, LEGACY)]);
}

#[test]
fn a_fault_names_its_place() {
    let text = action(r#"["a:b","invalid"]"#);
    let error = Policy::parse(&text, Kind::Identity).expect_err("must be refused");
    assert_eq!(&text[error.span.expect("one place is at fault")], "\"invalid\"");
    assert_eq!(error.detail, "an action is service:Name");
}

/// IAM tells of one fault at a time, and always in this order (answers recorded from
/// `CreatePolicy`): each repair brings the next one up.
#[test]
fn faults_are_told_in_order() {
    let mut text = r#"{"Extra":1,"Version":"2008-10-17","Statement":[
        {"Sid":"a","Effect":"Allow","Principal":"*","Action":"no","Resource":"none",
         "Condition":{"DateEquals":{"a":"never"}}},
        {"Sid":"a","Effect":"Deny","Action":"s3:Get:Object","Resource":[]},
        {"Sid":"b","Effect":"Deny","Action":[],"Resource":"arn:aws:iam::111122223333:u"}]}"#
        .to_owned();
    for (message, fault, repaired) in [
        (SYNTAX, r#""Extra":1,"#, ""),
        (VERSION, "2008", "2012"),
        (LEGACY, "never", "2026-01-01"),
        ("Policy document should not specify a principal.", r#""Principal":"*","#, ""),
        (SID, r#""a","Effect":"Deny""#, r#""c","Effect":"Deny""#),
        (ACTIONS, "[],", r#""*","#),
        (RESOURCES, "[]", r#""*""#),
        ("Resource none must be in ARN format or \"*\".", r#""none""#, r#""*""#),
        (IAM_PATH, ":u\"", ":user/u\""),
        (VENDOR, r#""no""#, r#""a:b""#),
        (COLON, "s3:Get:Object", "s3:GetObject"),
    ] {
        let refused = Policy::parse(&text, Kind::Identity).expect_err(message);
        assert_eq!(refused.message, message);
        let after = text.replacen(fault, repaired, 1);
        assert_ne!(after, text, "{fault} is there to be repaired");
        text = after;
    }
    assert!(Policy::parse(&text, Kind::Identity).is_ok());
}
