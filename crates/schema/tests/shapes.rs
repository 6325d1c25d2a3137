//! Shapes carry the members, limits and nesting of AWS's model.

use std::collections::BTreeSet;

use schema::{Cardinality, Field, FieldKind, Service, Shape};

fn request(name: &str) -> &'static Shape {
    let service = [Service::Iam, Service::Sts];
    let found = service.into_iter().find_map(|service| schema::operation(service, name));
    &found.expect(name).request
}

fn member<'a>(shape: &'a Shape, name: &str) -> &'a Field {
    shape.field(name).unwrap_or_else(|| panic!("{} has no {name}", shape.name))
}

#[test]
fn a_name_is_limited() {
    let name = member(request("CreateUser"), "UserName");
    assert_eq!((name.kind, name.cardinality), (FieldKind::String, Cardinality::Single));
    assert_eq!((name.rules.min_length, name.rules.max_length), (Some(1), Some(64)));
    assert_eq!(name.rules.pattern.as_deref(), Some(r"[\w+=,.@-]+"));
    assert!(!name.presence, "a required scalar has no presence");
    assert!(member(request("CreateUser"), "Path").presence, "an optional one has");
}

#[test]
fn a_list_limits_itself_and_its_members() {
    let tags = member(request("TagUser"), "Tags");
    assert_eq!((tags.kind, tags.cardinality), (FieldKind::Structure, Cardinality::List));
    assert_eq!(tags.rules.max_length, Some(50));
    let tag = tags.member.as_ref().expect("tags are structures");
    let key = member(tag, "Key");
    assert_eq!((key.rules.min_length, key.rules.max_length), (Some(1), Some(128)));
    assert_eq!(member(tag, "Value").rules.min_length, Some(0));

    let keys = member(request("UntagUser"), "TagKeys");
    assert_eq!((keys.kind, keys.cardinality), (FieldKind::String, Cardinality::List));
    let items = keys.rules.items.as_ref().expect("tag keys are limited");
    assert_eq!((items.min_length, items.max_length), (Some(1), Some(128)));
    assert_eq!(items.pattern.as_deref(), Some(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"));
}

#[test]
fn a_map_limits_its_keys_and_values() {
    let properties = member(request("PutAccountProperties"), "Properties");
    assert_eq!((properties.kind, properties.cardinality), (FieldKind::String, Cardinality::Map));
    assert_eq!(properties.rules.keys.as_ref().expect("limited").max_length, Some(50));
    assert_eq!(properties.rules.items.as_ref().expect("limited").max_length, Some(1024));

    let values = member(request("AcquireRole"), "ReplacementValues");
    assert_eq!((values.kind, values.cardinality), (FieldKind::Structure, Cardinality::Map));
    assert_eq!(values.rules.max_length, Some(30));
    let entry = values.member.as_ref().expect("the values are structures");
    assert!(member(entry, "Values").rules.required);

    let iam = schema::operation(Service::Iam, "GetAccountSummary").expect("known");
    let summary = member(iam.response.as_ref().expect("it answers"), "SummaryMap");
    assert_eq!((summary.kind, summary.cardinality), (FieldKind::Int32, Cardinality::Map));
}

#[test]
fn numbers_and_choices_are_limited() {
    let duration = member(request("AssumeRole"), "DurationSeconds");
    assert_eq!(duration.kind, FieldKind::Int32);
    assert_eq!((duration.rules.min_value, duration.rules.max_value), (Some(900), Some(43200)));
    let status = member(request("UpdateAccessKey"), "Status");
    assert_eq!(status.rules.one_of, ["Active", "Inactive", "Expired"]);
}

#[test]
fn long_patterns_survive_their_line_break() {
    let arn = member(request("AssumeRole"), "RoleArn");
    let pattern =
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+";
    assert_eq!(arn.rules.pattern.as_deref(), Some(pattern));
}

#[test]
fn messages_lower_only_the_first_letter() {
    let key = member(request("GetSSHPublicKey"), "SSHPublicKeyId");
    assert_eq!(key.lower_camel, "sSHPublicKeyId");
    assert_eq!(member(request("CreateUser"), "UserName").lower_camel, "userName");
}

/// Every path to a field in a shape, with the field.
fn walk(shape: &Shape, path: &str, found: &mut Vec<(String, Field)>) {
    for field in &shape.fields {
        let path = format!("{path}.{}", field.name);
        found.push((path.clone(), field.clone()));
        if let Some(member) = &field.member {
            walk(member, &path, found);
        }
    }
}

#[test]
fn answers_encode_the_policies_that_clients_decode() {
    let mut found = Vec::new();
    for operation in schema::operations() {
        if let Some(response) = &operation.response {
            walk(response, operation.name, &mut found);
        }
    }
    found.retain(|(_, field)| field.rules.policy_document);
    let last = |path: &String| path.rsplit('.').next().expect("a path").to_owned();
    let names: BTreeSet<_> = found.iter().map(|(path, _)| last(path)).collect();
    let expected = [
        "AssumeRolePolicyDocument",
        "AssumeRolePolicyDocumentTemplate",
        "Document",
        "PolicyDocument",
    ];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
    let paths: BTreeSet<_> = found.into_iter().map(|(path, _)| path).collect();
    assert!(paths.contains("GetRole.Role.AssumeRolePolicyDocument"));
    assert!(paths.contains("ListInstanceProfiles.InstanceProfiles.Roles.AssumeRolePolicyDocument"));
    assert!(paths.contains("GetUserPolicy.PolicyDocument"));
    assert!(paths.contains("GetPolicyVersion.PolicyVersion.Document"));
}

#[test]
fn secrets_are_marked() {
    let mut found = Vec::new();
    for operation in schema::operations() {
        walk(&operation.request, operation.name, &mut found);
        if let Some(response) = &operation.response {
            walk(response, operation.name, &mut found);
        }
    }
    found.retain(|(_, field)| field.secret);
    let paths: BTreeSet<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    for path in [
        "CreateAccessKey.AccessKey.SecretAccessKey",
        "CreateLoginProfile.Password",
        "ChangePassword.OldPassword",
        "CreateVirtualMFADevice.VirtualMFADevice.Base32StringSeed",
        "AssumeRole.Credentials.SessionToken",
        "AssumeRole.TokenCode",
        "AssumeRoleWithWebIdentity.WebIdentityToken",
        "UploadServerCertificate.PrivateKey",
    ] {
        assert!(paths.contains(path), "{path} is not secret");
    }
}

#[test]
fn names_and_numbers_are_unique_in_their_shape() {
    for operation in schema::operations() {
        let shapes = [Some(&operation.request), operation.response.as_ref()];
        for shape in shapes.into_iter().flatten() {
            let names: BTreeSet<_> = shape.fields.iter().map(|field| &field.name).collect();
            assert_eq!(names.len(), shape.fields.len(), "{}", shape.name);
            for (at, field) in shape.fields.iter().enumerate() {
                assert_eq!(shape.field_by_number(field.number), Some(field));
                assert_eq!(field.number as usize, at + 1, "{}.{}", shape.name, field.name);
            }
        }
    }
}
