//! Which statements cover which actions.

use super::*;
use crate::document;
use alloc::{format, string::String, vec::Vec};

fn index(actions: &[&str]) -> ActionIndex {
    let statements: Vec<String> =
        actions.iter().map(|action| format!(r#"{{"Effect":"Allow",{action}}}"#)).collect();
    let text = format!(r#"{{"Statement":[{}]}}"#, statements.join(","));
    build(&document::read_loaded(&text).expect("a document").statements).0
}

fn covering(index: &ActionIndex, action: &str) -> Vec<u32> {
    let action = RequestAction::new(action);
    let mut found = Vec::new();
    let seen: Result<(), ()> = index.covering(&action, |candidate| {
        found.push(candidate.statement);
        Ok(())
    });
    assert_eq!(seen, Ok(()));
    assert!(found.is_empty() || index.may_cover(&action), "no interest in what is covered");
    // And not a statement more when asked to stop.
    let mut count = 0;
    let stopped = index.covering(&action, |_| {
        count += 1;
        Err(())
    });
    assert_eq!((stopped.is_err(), count), (!found.is_empty(), found.len().min(1)));
    found
}

fn covers(pattern: &str, action: &str) -> bool {
    !covering(&index(&[&format!(r#""Action":"{pattern}""#)]), action).is_empty()
}

#[test]
fn matches_by_halves() {
    for pattern in ["*", "**", "S3:get*", "s?:GetObject", "s3:*object", "*:*", "s3:g*t?bject"] {
        assert!(covers(pattern, "s3:GetObject"), "{pattern}");
    }
    for pattern in ["s3*", "*Object", "s3:Get", "s3:GetObjects", "s3:?", "", ":", "s3:"] {
        assert!(!covers(pattern, "s3:GetObject"), "{pattern}");
    }
    assert!(covers("iam:*AccessKey*", "IAM:createaccesskey"));
    assert!(!covers("iam:*AccessKey*", "iam:CreateUser"));
    assert!(covers("s3:GetObjectVersionAcl", "s3:GetObjectVersionAcl"));
    assert!(!covers("s3:GetObjectVersionAcl", "s3:GetObjectVersionAcm"));
    assert!(!covers("s3:Get*", "s3:Ge"));
    assert!(covers("s3:*", "s3:"));
}

#[test]
fn statements_in_order_and_each_once() {
    let index = index(&[
        r#""Action":["s3:Put*","ec2:*"]"#,
        r#""NotAction":["s3:Get*","iam:*"]"#,
        r#""Action":"*""#,
        r#""Action":["s3:GetObject","S3:get*"]"#,
        r#""Action":["?3:Get*","s3:PutObject"]"#,
        r#""NotAction":[]"#,
        r#""Action":[]"#,
        r#""NotAction":"*""#,
        r#""NotAction":"none""#,
    ]);
    assert_eq!(covering(&index, "s3:GetObject"), [2, 3, 4, 8]);
    assert_eq!(covering(&index, "s3:PutObject"), [0, 1, 2, 4, 8]);
    assert_eq!(covering(&index, "iam:GetUser"), [2, 8]);
    assert_eq!(covering(&index, "kms:Decrypt"), [1, 2, 8]);
}

#[test]
fn many_names_of_a_service_are_told_apart() {
    let listed: Vec<String> = (0..200).map(|n| format!(r#""s3:Name{n}OfIt""#)).collect();
    let index = index(&[&format!(r#""Action":[{}]"#, listed.join(","))]);
    for n in 0..300 {
        let action = format!("s3:name{n}OFIT");
        assert_eq!(covering(&index, &action).len(), usize::from(n < 200), "{n}");
    }
}

#[test]
fn interest_is_in_letters_and_in_what_denies() {
    let interest = |effect: &str, listed: &str, action: &str| {
        let text = format!(r#"{{"Statement":{{"Effect":"{effect}","Action":"{listed}"}}}}"#);
        let document = document::read_loaded(&text).expect("a document");
        let (index, _) = build(&document.statements);
        let action = RequestAction::new(action);
        (index.may_cover(&action), index.may_deny(&action))
    };
    assert_eq!(interest("Allow", "s3:Get*", "s3:GetObject"), (true, false));
    assert_eq!(interest("Deny", "s3:Get*", "s3:GetObject"), (true, true));
    assert_eq!(interest("Deny", "s3:Get*", "s3:PutObject"), (false, false));
    assert_eq!(interest("Deny", "s3:*t", "s3:PutObject"), (true, true));
    assert_eq!(interest("Deny", "?3:x", "s3:PutObject"), (true, true));
}

#[test]
fn many_services_are_told_apart() {
    let listed: Vec<String> = (0..500).map(|n| format!(r#""svc{n}:Get*""#)).collect();
    let index = index(&[&format!(r#""Action":[{}]"#, listed.join(","))]);
    for n in 0..600 {
        assert_eq!(covering(&index, &format!("svc{n}:GetIt")).len(), usize::from(n < 500), "{n}");
        assert!(covering(&index, &format!("svc{n}:PutIt")).is_empty());
    }
}
