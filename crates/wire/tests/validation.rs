//! AWS's validation texts, most of them recorded on AWS.
#![allow(clippy::unwrap_used, reason = "tests")]

use schema::{Fault, Service};
use wire::{Limits, decode, parse_form, route, validate};

const TAG_KEY: &str = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+";

/// What AWS says of a value that does not match.
fn pattern(value: &str, path: &str, pattern: &str) -> String {
    format!(
        "Value{value} at '{path}' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: {pattern}"
    )
}

fn outcome(version: &str, text: &str) -> Result<Vec<u8>, Fault> {
    let text = format!("{text}&Version={version}");
    let form = parse_form(text.as_bytes(), &Limits::default()).unwrap();
    decode(route(&form).unwrap(), &form)
}

#[track_caller]
fn refused(version: &str, text: &str, count: usize, violations: &[&str]) {
    let fault = outcome(version, text).unwrap_err();
    assert_eq!(fault.code, "ValidationError");
    assert_eq!(fault.http_status(), 400);
    let plural = if count == 1 { "" } else { "s" };
    let expected = format!("{count} validation error{plural} detected: {}", violations.join("; "));
    assert_eq!(fault.message, expected);
}

#[track_caller]
fn iam(text: &str, violations: &[&str]) {
    refused("2010-05-08", text, violations.len(), violations);
}

#[track_caller]
fn sts(text: &str, violations: &[&str]) {
    refused("2011-06-15", text, violations.len(), violations);
}

#[track_caller]
fn accepted(text: &str) -> Vec<u8> {
    outcome("2010-05-08", text).unwrap()
}

fn tags(count: usize) -> String {
    let tag = |n| format!("&Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=v");
    (1..=count).map(tag).collect()
}

#[test]
fn tags_of_create_role() {
    let role = "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%7D";
    let tag = |key: &str, value: &str| {
        format!("{role}&Tags.member.1.Key={key}&Tags.member.1.Value={value}")
    };
    accepted(&tag(&"k".repeat(128), &"v".repeat(256)));
    iam(
        &tag(&"k".repeat(129), "v"),
        &["Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length \
             less than or equal to 128"],
    );
    iam(&tag("a*", "v"), &[&pattern("", "tags.1.member.key", TAG_KEY)]);
    iam(
        &tag("k", &"v".repeat(257)),
        &["Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length \
           less than or equal to 256"],
    );
    iam(
        &format!("{role}{}", tags(51)),
        &["Value at 'tags' failed to satisfy constraint: Member must have length less than or \
           equal to 50"],
    );
    accepted(&format!("{role}{}", tags(50)));
}

#[test]
fn members_of_lists_are_judged_together() {
    let untag = "Action=UntagRole&RoleName=r";
    let all = format!(
        "Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member \
         must have length less than or equal to 128, Member must have length greater than or equal \
         to 1, Member must satisfy regular expression pattern: {TAG_KEY}, Member must not be null]"
    );
    let long = "k".repeat(129);
    iam(&format!("{untag}&TagKeys.member.1=ok&TagKeys.member.2={long}"), &[&all]);
    iam(&format!("{untag}&TagKeys.member.1=*&TagKeys.member.2={long}"), &[&all]);
    let many: String = (1..=51).map(|n| format!("&TagKeys.member.{n}=k")).collect();
    iam(
        &format!("{untag}{many}"),
        &["Value at 'tagKeys' failed to satisfy constraint: Member must have length less than or \
           equal to 50"],
    );
}

#[test]
fn three_at_once() {
    let url = format!("https://{}", "a".repeat(250));
    let client = "c".repeat(256);
    iam(
        &format!(
            "Action=CreateOpenIDConnectProvider&Url={url}&ThumbprintList.member.1=a\
             &ClientIDList.member.1={client}"
        ),
        &[
            "Value at 'url' failed to satisfy constraint: Member must have length less than or \
             equal to 255",
            "Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: \
             [Member must have length less than or equal to 255, Member must have length greater \
             than or equal to 1]",
            "Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy \
             constraint: [Member must have length less than or equal to 40, Member must have \
             length greater than or equal to 40]",
        ],
    );
}

#[test]
fn numbers() {
    let fault = outcome(
        "2010-05-08",
        "Action=UpdateAccountPasswordPolicy&MinimumPasswordLength=129&MaxPasswordAge=1096\
         &PasswordReusePrevention=25",
    )
    .unwrap_err();
    assert!(fault.message.starts_with("3 validation errors detected: "));
    for (name, most) in
        [("minimumPasswordLength", 128), ("passwordReusePrevention", 24), ("maxPasswordAge", 1095)]
    {
        let text = format!(
            "Value at '{name}' failed to satisfy constraint: Member must have value less than or \
             equal to {most}"
        );
        assert!(fault.message.contains(&text), "{fault}");
    }
    iam(
        "Action=ListUsers&MaxItems=0",
        &["Value at 'maxItems' failed to satisfy constraint: Member must have value greater than \
           or equal to 1"],
    );
    let malformed = |text: &str| {
        let fault = outcome("2010-05-08", text).unwrap_err();
        assert_eq!(fault.code, "MalformedInput");
        fault.message
    };
    assert_eq!(malformed("Action=ListUsers&MaxItems="), "missing value for decimal type");
    assert_eq!(malformed("Action=ListUsers&MaxItems=ten"), "");
    assert_eq!(malformed("Action=ListUsers&MaxItems=2147483648"), "");
}

#[test]
fn patterns_and_enumerations_are_not_repeated_by_iam() {
    iam(
        "Action=GetPolicyVersion&PolicyArn=arn:aws:iam::123456789012:policy/p&VersionId=1",
        &[&pattern("", "versionId", r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")],
    );
    iam(
        "Action=UpdateServiceSpecificCredential&Status=Invalid\
         &ServiceSpecificCredentialId=abcdefghijklmnopqrstu",
        &["Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"],
    );
}

#[test]
fn null_and_empty() {
    iam(
        "Action=CreateUser",
        &["Value null at 'userName' failed to satisfy constraint: Member must not be null"],
    );
    iam(
        "Action=TagUser&UserName=u",
        &["Value null at 'tags' failed to satisfy constraint: Member must not be null"],
    );
    iam(
        "Action=TagUser&UserName=u&Tags.member.1.Value=v",
        &["Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not \
             be null"],
    );
    accepted("Action=TagUser&UserName=u&Tags=");
    accepted("Action=TagUser&UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=");
    let fault = outcome("2010-05-08", "Action=CreateUser&UserName=").unwrap_err();
    assert!(fault.message.contains("Member must have length greater than or equal to 1"));
}

#[test]
fn lengths_are_unicode_scalar_values() {
    let tag = |key: &str| {
        format!("Action=TagUser&UserName=u&Tags.member.1.Key={key}&Tags.member.1.Value=")
    };
    accepted(&tag(&"\u{6f22}".repeat(128)));
    accepted(&tag(&"e\u{e9}".repeat(64)));
    iam(
        &tag(&"\u{6f22}".repeat(129)),
        &["Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length \
             less than or equal to 128"],
    );
}

#[test]
fn sts_repeats_values() {
    let role = "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r";
    sts(
        &format!("{role}&RoleSessionName=Session1:2"),
        &[&pattern(" 'Session1:2'", "roleSessionName", r"[\w+=,.@-]*")],
    );
    let long = "s".repeat(65);
    sts(
        &format!("{role}&RoleSessionName={long}"),
        &[&format!(
            "Value '{long}' at 'roleSessionName' failed to satisfy constraint: Member must have \
             length less than or equal to 64"
        )],
    );
    sts(
        &format!("{role}&RoleSessionName=ok&DurationSeconds=-1"),
        &["Value '-1' at 'durationSeconds' failed to satisfy constraint: Member must have value \
           greater than or equal to 900"],
    );
}

/// Tokens are secrets: nobody gets them back in a message.
#[test]
fn sts_does_not_repeat_secrets() {
    let text = "Action=AssumeRoleWithWebIdentity&RoleArn=arn:aws:iam::123456789012:role/r\
        &RoleSessionName=ok&WebIdentityToken=abc";
    sts(
        text,
        &["Value at 'webIdentityToken' failed to satisfy constraint: Member must have length \
           greater than or equal to 4"],
    );
}

#[test]
fn lists_are_sorted_by_number_with_gaps() {
    let sorted = accepted(
        "Action=UntagUser&UserName=u&TagKeys.member.10=c&TagKeys.member.2=a&TagKeys.member.9=b\
         &TagKeys.member.x=d&TagKeys=",
    );
    let plain = accepted(
        "Action=UntagUser&UserName=u&TagKeys.member.1=a&TagKeys.member.2=b&TagKeys.member.3=c",
    );
    assert_eq!(sorted, plain);
}

#[test]
fn many_violations_are_counted_and_not_all_spelled_out() {
    let entries: String =
        (1..=900).map(|n| format!("&ContextEntries.member.{n}.ContextKeyType=x")).collect();
    let fault = outcome(
        "2010-05-08",
        &format!(
            "Action=SimulateCustomPolicy&PolicyInputList.member.1=x&ActionNames.member.1=s3:x\
             {entries}"
        ),
    )
    .unwrap_err();
    assert!(fault.message.starts_with("900 validation errors detected: "), "{fault}");
    assert!(fault.message.len() < 10_000);
}

/// gRPC callers bring protobuf: the same limits, the same texts.
#[test]
fn the_same_for_grpc() {
    let operation = schema::operation(Service::Iam, "CreateUser").unwrap();
    let message = |bytes: &[u8]| validate(operation, bytes).unwrap_err().message;
    assert_eq!(
        message(b""),
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: \
         Member must not be null"
    );
    assert_eq!(
        message(b"\x12\x01*"),
        format!("1 validation error detected: {}", pattern("", "userName", r"[\w+=,.@-]+"))
    );
    assert_eq!(validate(operation, b"\x12\x01a"), Ok(()));
    // Of a text given twice the last counts, as prost reads it.
    assert_eq!(validate(operation, b"\x12\x01*\x12\x01a"), Ok(()));
    assert!(validate(operation, b"\x12\x01a\x12\x01*").is_err());
    for garbage in [&b"\x12\x05a"[..], b"\x12\x01\xff", b"\x10\x01", b"\x0b"] {
        let fault = validate(operation, garbage).unwrap_err();
        assert_eq!(fault.code, "MalformedInput");
    }
}

/// A structure given in two parts is one structure to prost, and so it is here.
#[test]
fn parts_of_a_structure_are_judged_together() {
    let operation = schema::operation(Service::Iam, "CreateDelegationRequest").unwrap();
    let field = operation.request.fields.iter().find(|field| {
        field.member.as_ref().is_some_and(|shape| {
            field.cardinality == schema::Cardinality::Single
                && shape.fields.iter().any(|inner| inner.rules.max_length.is_some())
        })
    });
    let field = field.unwrap();
    let shape = field.member.as_ref().unwrap();
    let inner = shape.fields.iter().find(|inner| inner.rules.max_length.is_some()).unwrap();
    let too_long = vec![b'a'; inner.rules.max_length.unwrap() as usize + 1];
    let mut part = varint(inner.number << 3 | 2);
    part.extend(varint(too_long.len() as u32));
    part.extend(too_long);
    let mut bytes = varint(field.number << 3 | 2);
    bytes.extend(varint(part.len() as u32));
    bytes.extend(part);
    // A second, empty part must not hide the first.
    bytes.extend(varint(field.number << 3 | 2));
    bytes.push(0);
    let fault = validate(operation, &bytes).unwrap_err();
    let path = format!("'{}.{}'", field.lower_camel, inner.lower_camel);
    assert!(fault.message.contains(&path), "{fault}");
}

fn varint(mut number: u32) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}
