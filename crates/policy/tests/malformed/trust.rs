//! Trust policies and the policies of other resources: the answers of `UpdateAssumeRolePolicy`.

use crate::check;
use policy::{Kind, Policy};

const JSON: &str = "This policy contains invalid Json";
const SYNTAX: &str = "Syntax error in policy.";
const STS: &str = "AssumeRole policy may only specify STS AssumeRole actions.";
const PROHIBITED: &str = "Has prohibited field Resource";

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
}

fn with(element: &str) -> String {
    policy(&format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"sts:AssumeRole",{element}}}"#
    ))
}

fn principal(principal: &str) -> String {
    policy(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#))
}

fn action(action: &str) -> String {
    policy(&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":{action}}}"#))
}

#[test]
fn documents() {
    check(
        Kind::Trust,
        str::to_owned,
        &[
            ("", JSON),
            ("{", JSON),
            (r#"{"Version":"2012-10-17","Version":"2012-10-17"}"#, JSON),
            ("[]", SYNTAX),
            ("{}", "Could not parse the policy: Statement is empty!"),
            (
                r#"{"Version":"2012-10-17","Statement":[]}"#,
                "Could not parse the policy: Statement is empty!",
            ),
            (r#"{"Version":"2000-01-01"}"#, "The policy must contain a valid version string"),
            (r#"{"Extra":1}"#, "Unknown field Extra"),
        ],
    );
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}"#;
    for version in ["", r#""Version":"2008-10-17","#, r#""Version":"2012-10-17","#] {
        let text = format!(r#"{{{version}"Statement":{statement}}}"#);
        check(Kind::Trust, str::to_owned, &[(&text, "")]);
    }
}

#[test]
fn statements() {
    check(
        Kind::Trust,
        policy,
        &[
            (r#"{"Principal":"*","Action":"sts:AssumeRole"}"#, "Missing required field Effect"),
            (
                r#"{"Effect":"Maybe","Principal":"*","Action":"sts:AssumeRole"}"#,
                "Invalid effect: Maybe",
            ),
            (
                r#"{"Effect":"allow","Principal":"*","Action":"sts:AssumeRole"}"#,
                "Invalid effect: allow",
            ),
            (r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#, "Missing required field Principal"),
            (r#"{"Effect":"Allow","Principal":"*"}"#, "Missing required field Action"),
            (r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#, PROHIBITED),
            (
                r#"{"Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole"}"#,
                "Allow with NotPrincipal is not allowed.",
            ),
            (
                r#"{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole"}"#,
                "AssumeRole policy must not contain NotPrincipal field.",
            ),
            (
                r#"[{"Sid":"a","Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},
                    {"Sid":"a","Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]"#,
                "The Statement Ids in the policy are not unique",
            ),
        ],
    );
    check(
        Kind::Trust,
        with,
        &[
            (r#""Resource":"*""#, PROHIBITED),
            (r#""NotResource":"*""#, "AssumeRole policy must not contain resources."),
            (r#""NotAction":"sts:TagSession""#, SYNTAX),
            (r#""Extra":1"#, "Unknown field Extra"),
            (r#""Sid":"two words""#, ""),
            (r#""Sid":1"#, SYNTAX),
            (r#""Condition":{"What":{"a":"b"}}"#, SYNTAX),
            (r#""Condition":{"Bool":{"a":"maybe"}}"#, SYNTAX),
            (r#""Condition":{"StringEquals":{"a":"1","A":"2"}}"#, SYNTAX),
            (r#""Condition":{"StringEquals":{"sts:ExternalId":"x"}}"#, ""),
        ],
    );
}

#[test]
fn principals() {
    check(
        Kind::Trust,
        principal,
        &[
            ("{}", "Missing required field Principal cannot be empty!"),
            ("[]", "Principal must be a JSON object."),
            (r#""alice""#, "Principal must be a JSON object."),
            (r#"{"AWS":1}"#, SYNTAX),
            (r#"{"AWS":"alice"}"#, "Invalid principal in policy: \"AWS\":\"alice\""),
            (
                r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/*\"",
            ),
            (
                r#"{"AWS":["*","arn:aws:iam::111122223333:group/g"]}"#,
                "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:group/g\"",
            ),
            (r#"{"Service":"ec2"}"#, "Invalid principal in policy: \"SERVICE\":\"ec2\""),
            (r#"{"Federated":"*"}"#, "Invalid principal in policy: \"FEDERATED\":\"*\""),
            (
                r#"{"CanonicalUser":"79a59d"}"#,
                "Invalid principal in policy: \"CANONICALUSER\":\"79a59d\"",
            ),
            (r#"{"Robot":"r2"}"#, "Invalid principal in policy: \"ROBOT\":\"r2\""),
            (r#""*""#, ""),
            (r#"{"AWS":[]}"#, ""),
            (r#"{"AWS":["*","111122223333","AIDACKCEVSQ6C2EXAMPLE"]}"#, ""),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/a/b/c"}"#, ""),
            (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#, ""),
            (r#"{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]}"#, ""),
            (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/ADFS"}"#, ""),
            (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, ""),
        ],
    );
}

#[test]
fn actions() {
    check(
        Kind::Trust,
        action,
        &[
            (r#""*""#, STS),
            (r#""s3:GetObject""#, STS),
            (r#"["sts:AssumeRole","iam:PassRole"]"#, STS),
            (r#""AssumeRole""#, STS),
            (r#""sts:""#, STS),
            ("[]", "Missing required field Action"),
            (r#""sts:*""#, ""),
            (r#"["sts:AssumeRole","sts:TagSession","STS:SetSourceIdentity"]"#, ""),
        ],
    );
}

#[test]
fn policies_of_other_resources() {
    check(
        Kind::Resource,
        policy,
        &[
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}"#,
                "Missing required field Resource",
            ),
            (
                r#"{"Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}"#,
                "Allow with NotPrincipal is not allowed.",
            ),
            (
                r#"{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*",
                    "Resource":"*"}"#,
                "",
            ),
            (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#, ""),
        ],
    );
}

/// Each repair brings the next fault up, as `UpdateAssumeRolePolicy` tells them.
#[test]
fn faults_are_told_in_order() {
    let mut text = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"allow","Principal":{"AWS":"alice"},"Action":"s3:GetObject","Resource":"*",
         "Condition":{"Bool":{"a":"maybe"}},"Extra":1}]"#
        .to_owned();
    for (message, fault, repaired) in [
        (JSON, "]", "]}"),
        ("Unknown field Extra", r#","Extra":1"#, ""),
        (PROHIBITED, r#","Resource":"*""#, ""),
        ("Invalid effect: allow", "allow", "Allow"),
        ("Invalid principal in policy: \"AWS\":\"alice\"", "alice", "*"),
        (STS, "s3:GetObject", "sts:AssumeRole"),
        (SYNTAX, "maybe", "true"),
    ] {
        let refused = Policy::parse(&text, Kind::Trust).expect_err(message);
        assert_eq!(refused.message, message);
        let after = text.replacen(fault, repaired, 1);
        assert_ne!(after, text, "{fault} is there to be repaired");
        text = after;
    }
    assert!(Policy::parse(&text, Kind::Trust).is_ok());
}
