//! The table of operations says what AWS's model says.

use std::collections::{BTreeMap, BTreeSet};

use schema::{Kind, OperationInfo, Service};

fn iam(name: &str) -> &'static OperationInfo {
    schema::operation(Service::Iam, name).expect(name)
}

fn sts(name: &str) -> &'static OperationInfo {
    schema::operation(Service::Sts, name).expect(name)
}

fn required(operation: &OperationInfo) -> Vec<&str> {
    let fields = operation.request.fields.iter();
    fields.filter(|field| field.rules.required).map(|field| field.name.as_str()).collect()
}

#[test]
fn every_operation_of_aws_is_there_once() {
    let count = |service| schema::operations().iter().filter(|o| o.service == service).count();
    assert_eq!((count(Service::Iam), count(Service::Sts)), (180, 11));
    let names: BTreeSet<_> = schema::operations().iter().map(|o| (o.service, o.name)).collect();
    assert_eq!(names.len(), 191);
}

#[test]
fn lookups_agree_with_the_table() {
    for operation in schema::all_operations() {
        let found = schema::operation(operation.service, operation.name).expect(operation.name);
        assert_eq!(found.path, operation.path);
        let found = schema::operation_by_index(operation.index).expect(operation.name);
        assert_eq!(found.path, operation.path);
        let by_path = schema::operation_by_path(&operation.path).map(|found| found.index);
        let callable = operation.service != Service::Internal;
        assert_eq!(by_path, callable.then_some(operation.index), "{}", operation.path);
    }
    assert!(schema::operation(Service::Sts, "CreateUser").is_none());
    assert!(schema::operation(Service::Iam, "createuser").is_none());
    assert!(schema::operation_by_index(0).is_none());
    assert!(schema::operation_by_path("/bailiwick.iam.v1.Iam/").is_none());
    assert!(schema::operation_by_path("/bailiwick.iam.v1.Iam/CreateUser/").is_none());
    assert!(schema::operation_by_path("bailiwick.iam.v1.Iam/CreateUser").is_none());
}

#[test]
fn one_operation_is_called_by_rest() {
    let found = schema::operation_by_rest("POST", "/policy/validation").expect("an operation");
    assert_eq!((found.service, found.name), (Service::AccessAnalyzer, "ValidatePolicy"));
    assert_eq!(found.action, "access-analyzer:ValidatePolicy");
    for (method, path) in [("GET", "/policy/validation"), ("POST", "/policy"), ("POST", "/")] {
        assert!(schema::operation_by_rest(method, path).is_none(), "{method} {path}");
    }
    let called = schema::all_operations().iter().filter(|operation| !operation.rest.is_empty());
    assert_eq!(called.count(), 1);
}

/// The log holds these numbers: an index once released stands for its operation for ever.
#[test]
fn indexes_never_change() {
    let written: BTreeMap<u16, &str> = include_str!("indexes.txt")
        .lines()
        .map(|line| {
            let (index, path) = line.split_once(' ').expect("index, blank, path");
            (index.parse().expect("a number"), path)
        })
        .collect();
    for (index, path) in &written {
        let operation = schema::operation_by_index(*index).expect(path);
        assert_eq!(&operation.path, path, "index {index} changed hands");
    }
    for operation in schema::all_operations() {
        let known = written.contains_key(&operation.index);
        assert!(known, "append `{} {}` to indexes.txt", operation.index, operation.path);
    }
}

#[test]
fn services_carry_what_the_query_protocol_needs() {
    assert_eq!(Service::Iam.version(), "2010-05-08");
    assert_eq!(Service::Iam.xmlns(), "https://iam.amazonaws.com/doc/2010-05-08/");
    assert_eq!(Service::Sts.version(), "2011-06-15");
    assert_eq!(Service::Sts.xmlns(), "https://sts.amazonaws.com/doc/2011-06-15/");
    assert_eq!((Service::Iam.signing_name(), Service::Sts.signing_name()), ("iam", "sts"));
}

#[test]
fn required_members_are_those_of_the_model() {
    assert_eq!(required(iam("CreateUser")), ["UserName"]);
    assert!(required(iam("GetUser")).is_empty());
    assert_eq!(required(iam("TagUser")), ["UserName", "Tags"]);
    assert_eq!(required(iam("CreateRole")), ["RoleName", "AssumeRolePolicyDocument"]);
    assert_eq!(required(iam("PutRolePolicy")), ["RoleName", "PolicyName", "PolicyDocument"]);
    assert_eq!(required(iam("CreatePolicy")), ["PolicyName", "PolicyDocument"]);
    assert_eq!(required(iam("UpdateAccessKey")), ["AccessKeyId", "Status"]);
    assert!(required(iam("CreateAccessKey")).is_empty());
    assert!(required(iam("ListPolicies")).is_empty());
    assert_eq!(required(iam("SimulateCustomPolicy")), ["PolicyInputList", "ActionNames"]);
    assert_eq!(required(sts("AssumeRole")), ["RoleArn", "RoleSessionName"]);
    let saml = ["RoleArn", "PrincipalArn", "SAMLAssertion"];
    assert_eq!(required(sts("AssumeRoleWithSAML")), saml);
    assert!(required(sts("GetCallerIdentity")).is_empty());
}

#[test]
fn kinds_are_those_of_this_release() {
    let mut implemented = BTreeMap::new();
    for operation in schema::operations().iter().filter(|o| o.kind != Kind::Planned) {
        *implemented.entry(operation.group.as_str()).or_insert(0) += 1;
        let reads = ["Get", "List", "Simulate", "Decode"]
            .iter()
            .any(|verb| operation.name.starts_with(verb));
        let kind = match (operation.name, reads) {
            ("AssumeRole" | "GetSessionToken", _) => Kind::Mint,
            (_, true) => Kind::Read,
            (_, false) => Kind::Write,
        };
        assert_eq!(operation.kind, kind, "{}", operation.name);
    }
    let expected = BTreeMap::from([
        ("Access keys", 5),
        ("Account", 5),
        ("Groups", 8),
        ("Inline policies", 12),
        ("Instance profiles", 10),
        ("Managed policies", 22),
        ("Roles", 12),
        ("Sessions", 5),
        ("Simulation", 4),
        ("Users", 10),
    ]);
    assert_eq!(implemented, expected);
}

#[test]
fn paged_operations_take_a_marker() {
    for operation in schema::operations() {
        let takes = operation.request.field("Marker").is_some();
        assert_eq!(operation.paged, takes, "{}", operation.name);
    }
    assert_eq!(schema::operations().iter().filter(|o| o.paged).count(), 40);
}

#[test]
fn two_operations_are_unsigned() {
    let unsigned: Vec<_> = schema::operations().iter().filter(|o| o.unsigned).collect();
    let names: Vec<_> = unsigned.iter().map(|o| o.name).collect();
    assert_eq!(names, ["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"]);
}

#[test]
fn resources_name_members_of_the_request() {
    for operation in schema::operations() {
        assert!(!operation.resource.is_empty(), "{} has no resource", operation.name);
        for part in operation.resource.split('{').skip(1) {
            let (member, _) = part.split_once('}').expect("a closing brace");
            assert!(operation.request.field(member).is_some(), "{} {member}", operation.name);
        }
    }
    assert_eq!(iam("CreateUser").action, "iam:CreateUser");
    assert_eq!(sts("AssumeRole").action, "sts:AssumeRole");
}

#[test]
fn every_operation_is_described() {
    for operation in schema::operations() {
        assert!(operation.doc.ends_with('.'), "{}: {:?}", operation.name, operation.doc);
        assert!(!operation.group.is_empty(), "{}", operation.name);
    }
    assert_eq!(iam("GetUser").doc, "Describes a user, by default the caller.");
}

#[test]
fn operations_without_a_result_have_none() {
    assert!(iam("DeleteUser").output.is_none() && iam("DeleteUser").response.is_none());
    assert!(iam("CreateUser").output.is_some() && iam("CreateUser").response.is_some());
    assert!(iam("UpdateRole").response.is_some(), "AWS answers with an empty result");
    assert_eq!(schema::operations().iter().filter(|o| o.output.is_none()).count(), 79);
}

macro_rules! implemented {
    ($({ $service:ident $name:ident $request:ident $response:ident $kind:ident $index:literal })*) => {
        vec![$({
            let _ = schema::$service::v1::$request::default();
            let _ = schema::$service::v1::$response::default();
            (stringify!($service), stringify!($name), Kind::$kind, $index)
        }),*]
    };
}

mod nested {
    macro_rules! count {
        ($({ $($entry:tt)* })*) => { 0 $(+ { let _ = stringify!($($entry)*); 1 })* };
    }
    pub(crate) use count;
}

#[test]
fn the_macro_gives_what_the_table_calls_implemented() {
    let from_macro: Vec<(&str, &str, Kind, u16)> = schema::for_each_operation!(implemented);
    assert_eq!(schema::for_each_operation!(nested::count), from_macro.len());
    let implemented = schema::all_operations().iter().filter(|o| o.kind != Kind::Planned);
    let from_table: BTreeSet<_> = implemented.map(|o| (o.name, o.kind, o.index)).collect();
    let listed: BTreeSet<_> = from_macro.iter().map(|entry| (entry.1, entry.2, entry.3)).collect();
    assert_eq!(listed, from_table);
    assert!(from_macro.is_sorted_by_key(|entry| entry.3));
    assert_eq!(from_macro[0], ("iam", "CreateUser", Kind::Write, 1));
}
