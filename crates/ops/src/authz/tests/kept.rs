//! A principal that is kept is never stale: after each kind of write that can change a decision, what is kept answers
//! as what is gathered anew, and every state that was asked before is still answered as it was.

use model::{State, v1};
use schema::admin::v1::{DeleteAccountRequest, PutNamedPolicyRequest};
use schema::authz::v1::{Decision, Question};
use schema::iam::v1::*;

use super::{ALICE, OBJECT, OTHER, alice, assume, question, role, with_alice};
use crate::authz::{Asker, Power, Subjects, Who};
use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, long_term, trust};

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
const POLICY: &str = "arn:aws:iam::123456789012:policy/p";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";

/// What is answered, or the code of the fault.
type Outcome = Result<Decision, String>;

const ALLOWED: Outcome = Ok(Decision::Allowed);
const SILENT: Outcome = Ok(Decision::ImplicitlyDenied);
const DENIED: Outcome = Ok(Decision::ExplicitlyDenied);

fn unknown() -> Outcome {
    Err("NoSuchEntity".to_owned())
}

/// One question of one principal, asked again and again.
struct Watch<'a> {
    kept: Subjects,
    who: Who<'a>,
    question: Question,
    past: Vec<(State, Outcome)>,
}

impl<'a> Watch<'a> {
    /// Asks for the first time.
    #[track_caller]
    fn new(cell: &Cell, who: Who<'a>, question: Question, expected: Outcome) -> Self {
        let mut watch = Watch { kept: Subjects::new(4), who, question, past: Vec::new() };
        watch.compare(cell, expected);
        watch
    }

    /// The last writes have changed the decision to this one.
    #[track_caller]
    fn now(&mut self, cell: &Cell, expected: Outcome) {
        assert_ne!(self.past.last().map(|last| &last.1), Some(&expected), "nothing would be seen");
        self.compare(cell, expected);
    }

    #[track_caller]
    fn compare(&mut self, cell: &Cell, expected: Outcome) {
        let ask = |state: &State, subjects: &Subjects| {
            let (operator, context) = (Cell::operator(), v1::RequestContext::default());
            let asker = Asker::new(state, subjects, &operator, &context, NOW_MS);
            let subject = asker.expect("the operator").subject(&self.who, Power::Decide);
            subject.and_then(|subject| subject.decide(&(&self.question).into()))
        };
        let outcome = |answer: Result<schema::authz::v1::Verdict, crate::Fault>| match answer {
            Ok(verdict) => Ok(verdict.decision()),
            Err(fault) => Err(fault.code.to_string()),
        };
        let fresh = ask(&cell.state, &Subjects::new(1));
        // Policies are indexed when somebody is met again.
        for _ in 0..3 {
            assert_eq!(ask(&cell.state, &self.kept), fresh, "what was kept counts");
        }
        assert_eq!(outcome(fresh.clone()), expected);
        // As of a view that lags behind, and back.
        for (state, then) in &self.past {
            assert_eq!(&outcome(ask(state, &self.kept)), then, "an older state");
            assert_eq!(ask(&cell.state, &self.kept), fresh, "after an older state");
        }
        self.past.push((cell.state.clone(), expected));
    }
}

fn reading() -> Question {
    question("s3:GetObject", OBJECT)
}

fn role_named() -> Who<'static> {
    Who::Arn(ROLE.into())
}

fn policy(cell: &mut Cell, document: &str) {
    let (policy_name, policy_document) = ("p".into(), document.to_owned());
    let create = CreatePolicyRequest { policy_name, policy_document, ..Default::default() };
    cell.write(create).expect("a policy can be made");
}

fn group(cell: &mut Cell) {
    let group_name = "g".into();
    cell.write(CreateGroupRequest { group_name, ..Default::default() }).unwrap();
    let (group_name, user_name) = ("g".into(), "alice".into());
    cell.write(AddUserToGroupRequest { group_name, user_name }).unwrap();
}

fn tags(value: &str) -> Vec<Tag> {
    vec![Tag { key: "team".to_owned(), value: value.to_owned() }]
}

/// Allows whose key has that value.
fn allow_where(key: &str, value: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{{"StringEquals":{{"{key}":"{value}"}}}}}}}}"#
    )
}

#[test]
fn inline_policies() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    cell.allow("alice", DENY);
    watch.now(&cell, DENIED);
    let (user_name, policy_name) = ("alice".into(), "allow".into());
    cell.write(DeleteUserPolicyRequest { user_name, policy_name }).unwrap();
    watch.now(&cell, SILENT);

    group(&mut cell);
    let put = |document: String| PutGroupPolicyRequest {
        group_name: "g".into(),
        policy_name: "x".into(),
        policy_document: document,
    };
    cell.write(put(allow("s3:*", "*"))).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(put(DENY.into())).unwrap();
    watch.now(&cell, DENIED);
    cell.write(DeleteGroupPolicyRequest { group_name: "g".into(), policy_name: "x".into() })
        .unwrap();
    watch.now(&cell, SILENT);

    role(&mut cell, ALICE);
    let mut watch = Watch::new(&cell, role_named(), reading(), ALLOWED);
    cell.write(DeleteRolePolicyRequest { role_name: "r".into(), policy_name: "all".into() })
        .unwrap();
    watch.now(&cell, SILENT);
    cell.write(PutRolePolicyRequest {
        role_name: "r".into(),
        policy_name: "all".into(),
        policy_document: DENY.into(),
    })
    .unwrap();
    watch.now(&cell, DENIED);
}

#[test]
fn managed_policies_attached_and_detached() {
    let mut cell = with_alice(&allow("sqs:*", "*"));
    let mut watch = Watch::new(&cell, alice(), reading(), SILENT);
    policy(&mut cell, &allow("s3:*", "*"));
    let arn = || POLICY.to_owned();
    cell.write(AttachUserPolicyRequest { user_name: "alice".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(DetachUserPolicyRequest { user_name: "alice".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, SILENT);
    group(&mut cell);
    cell.write(AttachGroupPolicyRequest { group_name: "g".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(DetachGroupPolicyRequest { group_name: "g".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, SILENT);

    role(&mut cell, ALICE);
    let asked = question("sqs:GetQueueUrl", "arn:aws:sqs:eu:123456789012:q");
    let mut watch = Watch::new(&cell, role_named(), asked, SILENT);
    let queues = allow("sqs:*", "*");
    let version = CreatePolicyVersionRequest {
        policy_arn: arn(),
        policy_document: queues,
        set_as_default: Some(true),
    };
    cell.write(version).unwrap();
    cell.write(AttachRolePolicyRequest { role_name: "r".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(DetachRolePolicyRequest { role_name: "r".into(), policy_arn: arn() }).unwrap();
    watch.now(&cell, SILENT);
}

#[test]
fn a_policy_changed_and_made_again() {
    let mut cell = with_alice(&allow("sqs:*", "*"));
    policy(&mut cell, &allow("s3:*", "*"));
    let attach =
        || AttachUserPolicyRequest { user_name: "alice".into(), policy_arn: POLICY.into() };
    cell.write(attach()).unwrap();
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    cell.write(CreatePolicyVersionRequest {
        policy_arn: POLICY.into(),
        policy_document: DENY.into(),
        set_as_default: Some(true),
    })
    .unwrap();
    watch.now(&cell, DENIED);
    let version_id = "v1".into();
    cell.write(SetDefaultPolicyVersionRequest { policy_arn: POLICY.into(), version_id }).unwrap();
    watch.now(&cell, ALLOWED);
    let version_id = "v2".into();
    cell.write(DeletePolicyVersionRequest { policy_arn: POLICY.into(), version_id }).unwrap();
    cell.write(DetachUserPolicyRequest { user_name: "alice".into(), policy_arn: POLICY.into() })
        .unwrap();
    cell.write(DeletePolicyRequest { policy_arn: POLICY.into() }).unwrap();
    watch.now(&cell, SILENT);
    policy(&mut cell, DENY);
    cell.write(attach()).unwrap();
    watch.now(&cell, DENIED);
}

#[test]
fn a_group_joined_and_left() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let group_name = || "g".to_owned();
    let user_name = || "alice".to_owned();
    cell.write(CreateGroupRequest { group_name: group_name(), ..Default::default() }).unwrap();
    let policy_name = "x".into();
    let policy_document = DENY.into();
    cell.write(PutGroupPolicyRequest { group_name: group_name(), policy_name, policy_document })
        .unwrap();
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    cell.write(AddUserToGroupRequest { group_name: group_name(), user_name: user_name() }).unwrap();
    watch.now(&cell, DENIED);
    cell.write(RemoveUserFromGroupRequest { group_name: group_name(), user_name: user_name() })
        .unwrap();
    watch.now(&cell, ALLOWED);
}

#[test]
fn boundaries() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    policy(&mut cell, &allow("sqs:*", "*"));
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    let permissions_boundary = POLICY.to_owned();
    let user_name = "alice".into();
    cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
    watch.now(&cell, SILENT);
    cell.write(DeleteUserPermissionsBoundaryRequest { user_name: "alice".into() }).unwrap();
    watch.now(&cell, ALLOWED);

    role(&mut cell, ALICE);
    let mut watch = Watch::new(&cell, role_named(), reading(), ALLOWED);
    let permissions_boundary = POLICY.to_owned();
    let role_name = "r".into();
    cell.write(PutRolePermissionsBoundaryRequest { role_name, permissions_boundary }).unwrap();
    watch.now(&cell, SILENT);
    cell.write(CreatePolicyVersionRequest {
        policy_arn: POLICY.into(),
        policy_document: DENY.into(),
        set_as_default: Some(true),
    })
    .unwrap();
    watch.now(&cell, DENIED);
    cell.write(DeleteRolePermissionsBoundaryRequest { role_name: "r".into() }).unwrap();
    watch.now(&cell, ALLOWED);
}

#[test]
fn tags_of_the_principal() {
    let policy = allow_where("aws:PrincipalTag/team", "red");
    let mut cell = with_alice(&policy);
    let mut watch = Watch::new(&cell, alice(), reading(), SILENT);
    let user_name = || "alice".to_owned();
    let tag_keys = || vec!["team".to_owned()];
    cell.write(TagUserRequest { user_name: user_name(), tags: tags("red") }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(TagUserRequest { user_name: user_name(), tags: tags("blue") }).unwrap();
    watch.now(&cell, SILENT);
    cell.write(TagUserRequest { user_name: user_name(), tags: tags("red") }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(UntagUserRequest { user_name: user_name(), tag_keys: tag_keys() }).unwrap();
    watch.now(&cell, SILENT);

    role(&mut cell, ALICE);
    let role_name = || "r".to_owned();
    let (policy_name, policy_document) = ("all".into(), policy);
    cell.write(PutRolePolicyRequest { role_name: role_name(), policy_name, policy_document })
        .unwrap();
    let mut watch = Watch::new(&cell, role_named(), reading(), SILENT);
    cell.write(TagRoleRequest { role_name: role_name(), tags: tags("red") }).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write(UntagRoleRequest { role_name: role_name(), tag_keys: tag_keys() }).unwrap();
    watch.now(&cell, SILENT);
}

mod askers;
mod identity;
