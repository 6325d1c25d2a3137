//! Cases: who may ask, and what is decided.

use model::v1::{self, caller};
use schema::authz::v1::{Decision, PolicySet, Question, Values, Verdict};
use schema::iam::v1::{
    AddUserToGroupRequest, CreateGroupRequest, CreatePolicyRequest, CreateRoleRequest,
    DeleteAccessKeyRequest, PutGroupPolicyRequest, PutRolePolicyRequest,
    PutUserPermissionsBoundaryRequest, Tag, TagUserRequest,
};
use schema::sts::v1::{AssumeRoleRequest, GetSessionTokenRequest};

mod kept;

use super::{Asker, Power, Subjects, Who};
use crate::Fault;
use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault, trust};

const OTHER: &str = "210987654321";
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const OBJECT: &str = "arn:aws:s3:::b/k";

fn ask(
    cell: &Cell,
    caller: &v1::Caller,
    who: &Who<'_>,
    question: &Question,
) -> Result<Verdict, Fault> {
    let context = v1::RequestContext::default();
    let ask = |subjects: &Subjects| {
        let asker = Asker::new(&cell.state, subjects, caller, &context, NOW_MS)?;
        asker.subject(who, Power::Decide)?.decide(&question.into())
    };
    let fresh = ask(&Subjects::new(1));
    for time in 1..=3 {
        assert_eq!(KNOWN.with(ask), fresh, "what was known before counts, time {time}");
    }
    fresh
}

std::thread_local! {
    /// Kept over all questions of a test, whatever is written between them.
    static KNOWN: Subjects = Subjects::new(100);
}

fn question(action: &str, resource: &str) -> Question {
    Question {
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: (resource == OBJECT).then(|| ACCOUNT.to_owned()),
        ..Default::default()
    }
}

fn with(mut question: Question, key: &str, values: &[&str]) -> Question {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    question.context.insert(key.to_owned(), Values { values });
    question
}

fn alice() -> Who<'static> {
    Who::Arn(ALICE.into())
}

fn decided(cell: &Cell, who: &Who<'_>, question: &Question) -> (Decision, PolicySet) {
    let verdict = ask(cell, &cell.root, who, question).expect("a decision");
    (verdict.decision(), verdict.decided_by.expect("what decided").set())
}

fn with_alice(policy: &str) -> Cell {
    let mut cell = Cell::new();
    cell.user("alice");
    cell.allow("alice", policy);
    cell
}

#[test]
fn a_users_own_policy_decides_and_is_named() {
    let cell = with_alice(&allow("s3:Get*", "arn:aws:s3:::b/*"));
    let verdict = ask(&cell, &cell.root, &alice(), &question("s3:GetObject", OBJECT)).unwrap();
    assert_eq!(verdict.decision(), Decision::Allowed);
    let by = verdict.decided_by.unwrap();
    assert_eq!((by.set(), by.policy_name(), by.statement), (PolicySet::Identity, "allow", Some(0)));
    let verdict = ask(&cell, &cell.root, &alice(), &question("s3:PutObject", OBJECT)).unwrap();
    assert_eq!(verdict.decision(), Decision::ImplicitlyDenied);
    assert_eq!(
        verdict.message(),
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: s3:PutObject on resource: \
         arn:aws:s3:::b/k because no identity-based policy allows the s3:PutObject action"
    );
}

#[test]
fn a_groups_policy_counts_and_an_explicit_deny_wins() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    cell.write(CreateGroupRequest { group_name: "g".to_owned(), ..Default::default() }).unwrap();
    let member =
        AddUserToGroupRequest { group_name: "g".to_owned(), user_name: "alice".to_owned() };
    cell.write(member).unwrap();
    let deny = r#"{"Version":"2012-10-17","Statement":
        {"Sid":"No","Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}}"#;
    cell.write(PutGroupPolicyRequest {
        group_name: "g".to_owned(),
        policy_name: "careful".to_owned(),
        policy_document: deny.to_owned(),
    })
    .unwrap();
    let verdict = ask(&cell, &cell.root, &alice(), &question("s3:DeleteObject", OBJECT)).unwrap();
    assert_eq!(verdict.decision(), Decision::ExplicitlyDenied);
    let by = verdict.decided_by.unwrap();
    assert_eq!((by.policy_name(), by.sid()), ("careful", "No"));
    assert_eq!(decided(&cell, &alice(), &question("s3:GetObject", OBJECT)).0, Decision::Allowed);
}

#[test]
fn a_boundary_limits() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let policy = CreatePolicyRequest {
        policy_name: "limit".to_owned(),
        policy_document: allow("s3:Get*", "*"),
        ..Default::default()
    };
    cell.write(policy).unwrap();
    cell.write(PutUserPermissionsBoundaryRequest {
        user_name: "alice".to_owned(),
        permissions_boundary: format!("arn:aws:iam::{ACCOUNT}:policy/limit"),
    })
    .unwrap();
    assert_eq!(decided(&cell, &alice(), &question("s3:GetObject", OBJECT)).0, Decision::Allowed);
    let refused = decided(&cell, &alice(), &question("s3:PutObject", OBJECT));
    assert_eq!(refused, (Decision::ImplicitlyDenied, PolicySet::Boundary));
}

#[test]
fn a_credentials_session_policies_limit_and_its_role_alone_does_not() {
    let mut cell = with_alice(&allow("sts:AssumeRole", "*"));
    role(&mut cell, ALICE);
    let caller = cell.user("bob");
    cell.allow("bob", &allow("sts:AssumeRole", "*"));
    let refused = cell.mint_as(&caller, assume(None)).expect_err("bob is not trusted");
    assert_eq!(refused.code, "AccessDenied");
    let create = schema::iam::v1::CreateAccessKeyRequest { user_name: Some("alice".to_owned()) };
    let key = cell.write(create).unwrap().access_key.unwrap().access_key_id;
    let caller = crate::testing::long_term(&key);
    let (session, _) = cell.mint_as(&caller, assume(Some(allow("s3:Get*", "*")))).unwrap();
    let session = Who::Credential(Box::new(session));
    assert_eq!(decided(&cell, &session, &question("s3:GetObject", OBJECT)).0, Decision::Allowed);
    let refused = decided(&cell, &session, &question("s3:PutObject", OBJECT));
    assert_eq!(refused, (Decision::ImplicitlyDenied, PolicySet::Session));
    for arn in ["iam::123456789012:role/r", "sts::123456789012:assumed-role/r/s1"] {
        let who = Who::Arn(format!("arn:aws:{arn}").into());
        assert_eq!(decided(&cell, &who, &question("s3:PutObject", OBJECT)).0, Decision::Allowed);
    }
}

fn role(cell: &mut Cell, trusted: &str) {
    cell.write(CreateRoleRequest {
        role_name: "r".to_owned(),
        assume_role_policy_document: trust(trusted),
        ..Default::default()
    })
    .unwrap();
    cell.write(PutRolePolicyRequest {
        role_name: "r".to_owned(),
        policy_name: "all".to_owned(),
        policy_document: allow("s3:*", "*"),
    })
    .unwrap();
}

fn assume(policy: Option<String>) -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r"),
        role_session_name: "s1".to_owned(),
        policy,
        ..Default::default()
    }
}

#[test]
fn another_accounts_resource_must_consent() {
    let cell = with_alice(&allow("s3:*", "*"));
    let foreign =
        Question { resource_account: Some(OTHER.to_owned()), ..question("s3:GetObject", OBJECT) };
    let refused = decided(&cell, &alice(), &foreign);
    assert_eq!(refused, (Decision::ImplicitlyDenied, PolicySet::Resource));
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ALICE}"}},
            "Action":"s3:GetObject","Resource":"{OBJECT}"}}}}"#
    );
    let consented = Question { resource_policy: Some(policy), ..foreign.clone() };
    assert_eq!(decided(&cell, &alice(), &consented).0, Decision::Allowed);
    let unknown = Question { resource_account: None, ..foreign };
    let fault = ask(&cell, &cell.root, &alice(), &unknown).expect_err("nobody's");
    assert_eq!(fault.code, "ValidationError");
}

#[test]
fn what_a_role_trusts_decides_on_assuming_it() {
    let mut cell = with_alice(&allow("sts:AssumeRole", "*"));
    role(&mut cell, ALICE);
    cell.user("bob");
    cell.allow("bob", &allow("sts:AssumeRole", "*"));
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/r");
    let assuming = question("sts:AssumeRole", &arn);
    assert_eq!(decided(&cell, &alice(), &assuming).0, Decision::Allowed);
    let bob = Who::Arn(format!("arn:aws:iam::{ACCOUNT}:user/bob").into());
    let refused = (Decision::ImplicitlyDenied, PolicySet::Trust);
    assert_eq!(decided(&cell, &bob, &assuming), refused);
    assert_eq!(decided(&cell, &alice(), &question("sts:AssumeRole", &(arn + "x"))), refused);
    let claimed = Question { resource_policy: Some(trust("*")), ..assuming };
    let fault = ask(&cell, &cell.root, &bob, &claimed).expect_err("the cell knows better");
    assert_eq!(fault.code, "ValidationError");
}

#[test]
fn a_service_that_is_given_a_role_asks_whether_it_may_be() {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:PassRole",
            "Resource":"arn:aws:iam::{ACCOUNT}:role/*","Condition":{{"StringEquals":
                {{"iam:PassedToService":"queue.example.com"}},
            "ArnLike":{{"iam:AssociatedResourceArn":"arn:aws:queue:*:{ACCOUNT}:work-*"}},
            "Null":{{"aws:ResourceTag/team":"true"}}}}}}]}}"#
    );
    let mut cell = with_alice(&policy);
    role(&mut cell, ALICE);
    let tags = vec![Tag { key: "team".to_owned(), value: "storage".to_owned() }];
    cell.write(schema::iam::v1::TagRoleRequest { role_name: "r".to_owned(), tags }).unwrap();
    let passing = |service: &str, queue: &str, account: &str| {
        let asking = question("iam:PassRole", &format!("arn:aws:iam::{account}:role/r"));
        let asking = with(asking, "iam:PassedToService", &[service]);
        let queue = format!("arn:aws:queue:eu:{ACCOUNT}:{queue}");
        with(asking, "iam:AssociatedResourceArn", &[&queue])
    };
    let allowed = passing("queue.example.com", "work-1", ACCOUNT);
    assert_eq!(decided(&cell, &alice(), &allowed).0, Decision::Allowed);
    for refused in [
        passing("mail.example.com", "work-1", ACCOUNT),
        passing("queue.example.com", "play-1", ACCOUNT),
        // A role is passed within its account only.
        passing("queue.example.com", "work-1", OTHER),
        question("iam:PassRole", &format!("arn:aws:iam::{ACCOUNT}:role/r")),
    ] {
        assert_eq!(decided(&cell, &alice(), &refused).0, Decision::ImplicitlyDenied, "{refused:?}");
    }
    // The role's tags are no conditions, and nobody may say that they are others.
    let claimed = with(allowed, "aws:ResourceTag/team", &["storage"]);
    let fault = ask(&cell, &cell.root, &alice(), &claimed).expect_err("the cell knows better");
    assert_eq!(fault.code, "ValidationError");
}

#[test]
fn what_another_accounts_role_trusts_is_not_told() {
    let mut cell = with_alice(&allow("sts:AssumeRole", "*"));
    role(&mut cell, ALICE);
    let root = cell.account(OTHER, "other@example.com");
    let who = Who::Arn(format!("arn:aws:iam::{OTHER}:root").into());
    let assuming = question("sts:AssumeRole", &format!("arn:aws:iam::{ACCOUNT}:role/r"));
    let by = ask(&cell, &root, &who, &assuming).unwrap().decided_by.unwrap();
    assert_eq!((by.set(), by.statement, by.sid), (PolicySet::Trust, None, None));
    let context = v1::RequestContext::default();
    let subjects = Subjects::new(1);
    let asker = Asker::new(&cell.state, &subjects, &root, &context, NOW_MS).unwrap();
    let explained = asker.subject(&who, Power::Explain).unwrap().explain(&(&assuming).into());
    assert_eq!(explained.expect_err("not told").code, "AccessDenied");
}

#[test]
fn who_may_ask() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let asking = question("s3:GetObject", OBJECT);
    let service = cell.user("service");
    assert_fault(
        ask(&cell, &service, &alice(), &asking),
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/service is not authorized to perform: authz:Decide on resource: \
         arn:aws:iam::123456789012:user/alice because no identity-based policy allows the authz:Decide action",
    );
    cell.allow("service", &allow("authz:Decide", "arn:aws:iam::123456789012:user/alice"));
    assert!(ask(&cell, &service, &alice(), &asking).is_ok());
    // Who may not ask does not learn who exists.
    let nobody = Who::Arn(format!("arn:aws:iam::{ACCOUNT}:user/nobody").into());
    let fault = ask(&cell, &service, &nobody, &asking).expect_err("not allowed");
    assert_eq!(fault.code, "AccessDenied");
    let fault = ask(&cell, &cell.root, &nobody, &asking).expect_err("unknown");
    assert_eq!(fault.code, "NoSuchEntity");
    let root = cell.account(OTHER, "other@example.com");
    let fault = ask(&cell, &root, &alice(), &asking).expect_err("another account's");
    assert_eq!(fault.code, "AccessDenied");
    assert!(ask(&cell, &Cell::operator(), &alice(), &asking).is_ok());
    // A name that is none is told to whoever asks.
    for name in ["alice", "*", "arn:aws:iam::123456789012:group/g", "arn:aws:iam::aws:root", ""] {
        for caller in [&cell.root, &service, &Cell::operator()] {
            let fault = ask(&cell, caller, &Who::Arn(name.into()), &asking).expect_err(name);
            assert_eq!(fault.code, "ValidationError", "{name}");
        }
    }
}

#[test]
fn a_refusal_comes_before_what_is_wrong_with_a_credential() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let service = cell.user("service");
    let gone = cell.user("bob");
    let (user_name, access_key_id) = (Some("bob".to_owned()), gone.access_key_id.clone());
    cell.write(DeleteAccessKeyRequest { user_name, access_key_id }).unwrap();
    let (over, _) = cell.mint_as(&service, GetSessionTokenRequest::default()).unwrap();
    let Some(caller::Kind::Session(session)) = over.kind else { panic!("a session") };
    let session = v1::Session { expires_ms: NOW_MS, ..session };
    let over = v1::Caller { kind: Some(caller::Kind::Session(session)), ..over };
    let asking = question("s3:GetObject", OBJECT);
    let code = |cell: &Cell, who: &v1::Caller| {
        let who = Who::Credential(Box::new(who.clone()));
        ask(cell, &service, &who, &asking).map(drop).map_err(|fault| fault.code.into_owned())
    };
    let refused = |code: &str| Err(code.to_owned());
    for who in [&gone, &over] {
        assert_eq!(code(&cell, who), refused("AccessDenied"));
    }
    cell.allow("service", &allow("authz:Decide", "*"));
    assert_eq!(code(&cell, &gone), refused("NoSuchEntity"));
    assert_eq!(code(&cell, &over), refused("InvalidInput"));
    assert_eq!(code(&cell, &service), Ok(()));
}

#[test]
fn an_unknown_key_is_the_questions_fault() {
    let cell = Cell::new();
    let who = Who::Credential(Box::new(crate::testing::long_term("AKIAIOSFODNN7EXAMPLE")));
    let fault = ask(&cell, &Cell::operator(), &who, &question("s3:GetObject", OBJECT));
    assert_eq!(fault.expect_err("unknown").code, "NoSuchEntity");
}

#[test]
fn the_cell_fills_what_it_knows_and_nobody_else_does() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{
        "StringEquals":{"aws:PrincipalTag/team":"storage","aws:username":"alice"},
        "DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;
    let mut cell = with_alice(policy);
    let asking = question("s3:GetObject", OBJECT);
    let from = with(asking.clone(), "aws:SourceIp", &["10.1.2.3"]);
    assert_eq!(decided(&cell, &alice(), &from).0, Decision::ImplicitlyDenied);
    let tag = Tag { key: "team".to_owned(), value: "storage".to_owned() };
    cell.write(TagUserRequest { user_name: "alice".to_owned(), tags: vec![tag] }).unwrap();
    assert_eq!(decided(&cell, &alice(), &from).0, Decision::Allowed);
    assert_eq!(decided(&cell, &alice(), &asking).0, Decision::ImplicitlyDenied);
    for (key, value) in [
        ("aws:PrincipalTag/team", "storage"),
        ("AWS:principaltag/Team", "storage"),
        ("aws:PrincipalArn", "arn:aws:iam::123456789012:user/bob"),
        ("aws:UserName", "bob"),
        ("aws:userid", "x"),
        ("aws:CurrentTime", "2026-01-02T03:04:05Z"),
        ("aws:MultiFactorAuthPresent", "true"),
        ("aws:ResourceAccount", ACCOUNT),
    ] {
        let fault = ask(&cell, &cell.root, &alice(), &with(asking.clone(), key, &[value]));
        let fault = fault.expect_err(key);
        assert!(fault.message.ends_with("must be left out: the cell fills it"), "{fault}");
    }
}

#[test]
fn a_value_that_cannot_be_read_is_refused() {
    let cell = with_alice(&allow("s3:*", "*"));
    let asking = question("s3:GetObject", OBJECT);
    for (key, values) in [
        ("aws:SourceIp", &["10.0.0.0/8"][..]),
        ("aws:sourceip", &["here"]),
        ("aws:SourceIp", &["10.0.0.1", "10.0.0.2"]),
        ("aws:SourceIp", &[]),
        ("aws:SecureTransport", &["yes"]),
        ("aws:CurrentTime", &["now"]),
        ("aws:EpochTime", &["soon"]),
        ("sts:DurationSeconds", &["1h"]),
        ("key", &["x"]),
    ] {
        let fault = ask(&cell, &cell.root, &alice(), &with(asking.clone(), key, values));
        assert_eq!(fault.expect_err(key).code, "ValidationError", "{key} {values:?}");
    }
    let twice = with(asking.clone(), "aws:SourceIp", &["10.0.0.1"]);
    let twice = with(twice, "AWS:SourceIp", &["10.0.0.2"]);
    assert!(ask(&cell, &cell.root, &alice(), &twice).is_err());
    assert!(ask(&cell, &cell.root, &alice(), &with(asking, "my:key", &["x", "y"])).is_ok());
}

#[test]
fn an_explanation_tells_what_failed_and_what_was_known() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Sid":"Net","Effect":"Allow","Action":"s3:*","Resource":"*",
        "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Bool":{"aws:SecureTransport":"true"}}}}"#;
    let cell = with_alice(policy);
    let context = v1::RequestContext::default();
    let subjects = Subjects::new(1);
    let asker = Asker::new(&cell.state, &subjects, &cell.root, &context, NOW_MS).unwrap();
    let asking = with(question("s3:GetObject", OBJECT), "aws:SourceIp", &["192.0.2.1"]);
    let told = asker.subject(&alice(), Power::Explain).unwrap().explain(&(&asking).into()).unwrap();
    assert_eq!(told.decision(), Decision::ImplicitlyDenied);
    assert_eq!(told.missing_keys, ["aws:SecureTransport"]);
    let unmet = told.unmet.first().expect("one statement");
    let place = unmet.place.as_ref().expect("a place");
    assert_eq!((place.policy_name(), place.sid(), &*place.effect), ("allow", "Net", "Allow"));
    assert_eq!(unmet.failed.len(), 2);
    assert_eq!(told.context["aws:username"].values, ["alice"]);
    assert!(told.message().contains("because no identity-based policy allows"));
}

#[test]
fn limits_are_kept() {
    let cell = with_alice(&allow("s3:*", "*"));
    let asking = question("s3:GetObject", OBJECT);
    let mut keys = asking.clone();
    for n in 0..101 {
        keys = with(keys, &format!("my:k{n}"), &["x"]);
    }
    let long = "x".repeat(2_049);
    for question in [
        keys,
        with(asking.clone(), "my:k", &[&long]),
        with(asking.clone(), "my:k", &[&long[..2_048]; 5]),
        Question { action: "s3:Get*".to_owned(), ..asking.clone() },
        Question { action: "GetObject".to_owned(), ..asking.clone() },
        Question { resource: "b".to_owned(), ..asking.clone() },
        Question { resource: format!("arn:aws:s3:::{long}"), ..asking.clone() },
        Question { resource_policy: Some(" ".repeat(20_481)), ..asking.clone() },
        Question { resource_account: Some("1".to_owned()), ..asking.clone() },
    ] {
        let fault = ask(&cell, &cell.root, &alice(), &question).expect_err("too much");
        assert_eq!(fault.code, "ValidationError", "{fault}");
    }
    let wrong = Question { resource_policy: Some("{}".to_owned()), ..asking };
    let fault = ask(&cell, &cell.root, &alice(), &wrong).expect_err("no policy");
    assert_eq!(fault.code, "MalformedPolicyDocument");
}
