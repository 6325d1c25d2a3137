//! Every operation of the table against every sort of caller: who is refused, how, and that a refusal changes nothing.

use bytes::Bytes;
use model::v1::{self, change, entity};
use ops::Fault;
use schema::iam::v1 as iam;
use schema::sts::v1 as sts;
use schema::{Kind, OperationInfo, Service};

use crate::cell::{ACCOUNT, Cell, OTHER, long_term, operator, policy, system};
use crate::sample::World;

/// No policy is asked, and none can deny.
///
/// Source: STS API reference, GetCallerIdentity and GetSessionToken, "Permissions".
const FREE: [&str; 2] = ["GetCallerIdentity", "GetSessionToken"];
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

struct Table {
    cell: Cell,
    world: World,
}

impl Table {
    fn new() -> Self {
        let mut cell = Cell::new();
        let world = World::new(&mut cell);
        Table { cell, world }
    }

    fn user(&mut self, name: &str, documents: &[&str]) -> v1::Caller {
        let root = self.cell.root.clone();
        self.cell.user(&root, name, documents)
    }

    /// Asks, and checks what holds of every refusal: nothing changes, and a front door would have known.
    fn ask(&self, caller: &v1::Caller, operation: &OperationInfo) -> Result<Bytes, Fault> {
        let request = self.world.request(operation);
        let (outcome, changes) = self.cell.ask(caller, operation, &request);
        if let Err(fault) = &outcome {
            assert_eq!(changes, [], "{}: a fault changes nothing", operation.name);
            let is_refusal = ["AccessDenied", "InvalidClientTokenId"].contains(&&*fault.code);
            if operation.kind == Kind::Write && is_refusal {
                let call = self.cell.call(caller, operation.index, request);
                let judged = ops::call::check_write(&self.cell.state, &call);
                let judged = judged.map_err(|refused| refused.fault);
                assert_eq!(judged.as_ref(), Err(fault), "{}", operation.name);
            }
        }
        outcome
    }

    /// Checks that every operation but some is refused with a code and words.
    fn all_refused(&self, who: &v1::Caller, but: &[&str], code: &str, words: Words) {
        for operation in implemented() {
            let answer = self.ask(who, operation);
            if but.contains(&operation.name) {
                assert!(answer.is_ok(), "{}: {answer:?}", operation.name);
                continue;
            }
            let Err(fault) = answer else { panic!("{} is served", operation.name) };
            assert_eq!(fault.code, code, "{}: {}", operation.name, fault.message);
            let (begin, end) = words(operation);
            assert!(fault.message.starts_with(&begin), "{}: {}", operation.name, fault.message);
            assert!(fault.message.ends_with(&end), "{}: {}", operation.name, fault.message);
        }
    }
}

/// How the text of a refusal begins and ends.
type Words = fn(&OperationInfo) -> (String, String);

fn implemented() -> impl Iterator<Item = &'static OperationInfo> {
    schema::operations().iter().filter(|operation| operation.kind != Kind::Planned)
}

fn invalid_token(_: &OperationInfo) -> (String, String) {
    (INVALID_TOKEN.to_owned(), String::new())
}

fn not_authorized(operation: &OperationInfo, why: &str) -> (String, String) {
    let begin = format!("User: arn:aws:iam::{ACCOUNT}:user/caller is not authorized to perform: ");
    // Of a role's trust AWS tells nothing.
    let end = if operation.name == "AssumeRole" { String::new() } else { why.to_owned() };
    (begin + &operation.action, end)
}

#[test]
fn a_user_without_policies_may_do_nothing() {
    let mut table = Table::new();
    let caller = table.user("caller", &[]);
    table.all_refused(&caller, &FREE, "AccessDenied", |operation| {
        let action = &operation.action;
        not_authorized(
            operation,
            &format!(" because no identity-based policy allows the {action} action"),
        )
    });
}

#[test]
fn an_explicit_deny_is_stronger_than_any_allow() {
    let mut table = Table::new();
    let (all, none) = (policy("Allow", &["*"]), policy("Deny", &["*"]));
    let caller = table.user("caller", &[&all, &none]);
    table.all_refused(&caller, &FREE, "AccessDenied", |operation| {
        not_authorized(operation, " with an explicit deny in an identity-based policy")
    });
}

#[test]
fn a_boundary_limits_every_operation() {
    let mut table = Table::new();
    let all = policy("Allow", &["*"]);
    let caller = table.user("caller", &[&all]);
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/managed");
    let bound = iam::PutUserPermissionsBoundaryRequest {
        user_name: "caller".to_owned(),
        permissions_boundary: boundary,
    };
    table.cell.write(&table.cell.root.clone(), bound);
    table.all_refused(&caller, &FREE, "AccessDenied", |operation| {
        let action = &operation.action;
        not_authorized(
            operation,
            &format!(" because no permissions boundary allows the {action} action"),
        )
    });
}

#[test]
fn a_session_policy_limits_every_operation() {
    let mut table = Table::new();
    let all = policy("Allow", &["*"]);
    let caller = table.user("caller", &[&all]);
    let grant = iam::PutRolePolicyRequest {
        role_name: "worker".to_owned(),
        policy_name: "all".to_owned(),
        policy_document: all,
    };
    table.cell.write(&table.cell.root.clone(), grant);
    let assume = |policy: Option<String>| sts::AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/worker"),
        role_session_name: "work".to_owned(),
        policy,
        ..Default::default()
    };
    let wide = table.cell.mint(&caller, assume(None));
    let narrow = table.cell.mint(&caller, assume(Some(policy("Allow", &["s3:*"]))));
    table.all_refused(&narrow, &["GetCallerIdentity"], "AccessDenied", |operation| {
        let begin = match operation.name {
            "GetSessionToken" => "Cannot call GetSessionToken with session credentials".to_owned(),
            _ => format!("User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/work is not authorized"),
        };
        (begin, String::new())
    });
    for operation in implemented().filter(|operation| operation.name != "GetSessionToken") {
        assert_served(operation, &table.ask(&wide, operation));
    }
}

/// The action that an operation asks for is the one that the table tells.
#[test]
fn an_action_opens_and_closes_its_own_operation() {
    let mut table = Table::new();
    let caller = table.user("caller", &[]);
    let root = table.cell.root.clone();
    for operation in implemented().filter(|operation| !FREE.contains(&operation.name)) {
        let action = operation.action.as_str();
        // A role that is put into an instance profile is passed to whoever takes it out.
        let opening: &[&str] = match operation.name {
            "AddRoleToInstanceProfile" => &[action, "iam:PassRole"],
            _ => &[action],
        };
        let put = |name: &str, document: String| iam::PutUserPolicyRequest {
            user_name: "caller".to_owned(),
            policy_name: name.to_owned(),
            policy_document: document,
        };
        table.cell.write(&root, put("only", policy("Allow", opening)));
        assert_served(operation, &table.ask(&caller, operation));
        table.cell.write(&root, put("only", policy("Allow", &["*"])));
        assert_served(operation, &table.ask(&caller, operation));
        table.cell.write(&root, put("none", policy("Deny", &[action])));
        let answer = table.ask(&caller, operation);
        assert_eq!(answer.unwrap_err().code, "AccessDenied", "{}", operation.name);
        let (user_name, policy_name) = ("caller".to_owned(), "none".to_owned());
        table.cell.write(&root, iam::DeleteUserPolicyRequest { user_name, policy_name });
    }
}

/// Answered, or by a fault that only one who may call it sees.
#[track_caller]
fn assert_served(operation: &OperationInfo, answer: &Result<Bytes, Fault>) {
    const TOLD: [&str; 3] = ["NoSuchEntity", "DeleteConflict", "EntityAlreadyExists"];
    if let Err(fault) = answer {
        let names_nobody = fault.message.starts_with("Must specify userName");
        assert!(names_nobody || TOLD.contains(&&*fault.code), "{}: {fault:?}", operation.name);
    }
}

#[test]
fn credentials_that_are_none_open_nothing() {
    let mut table = Table::new();
    let all = policy("Allow", &["*"]);
    let root = table.cell.root.clone();
    let (deleted, inactive) = (table.user("deleted", &[&all]), table.user("inactive", &[&all]));
    let behind_inactive = table.cell.mint(&inactive, sts::GetSessionTokenRequest::default());
    let (user_name, access_key_id) = (Some("deleted".to_owned()), deleted.access_key_id.clone());
    table.cell.write(&root, iam::DeleteAccessKeyRequest { user_name, access_key_id });
    table.cell.write(
        &root,
        iam::UpdateAccessKeyRequest {
            user_name: Some("inactive".to_owned()),
            access_key_id: inactive.access_key_id.clone(),
            status: "Inactive".to_owned(),
        },
    );
    let nobody = v1::Caller::default();
    let unknown = long_term("AKIAIOSFODNN7EXAMPLE");
    // The operator's key and the cell itself are in no account.
    let mistaken = long_term(&operator().access_key_id);
    for caller in [
        &deleted,
        &inactive,
        &behind_inactive,
        &nobody,
        &unknown,
        &mistaken,
        &operator(),
        &system(),
    ] {
        table.all_refused(caller, &[], "InvalidClientTokenId", invalid_token);
    }
}

/// Source: STS API reference, GetSessionToken, "Permissions".
#[test]
fn a_session_token_without_mfa_opens_nothing_of_iam() {
    let mut table = Table::new();
    let all = policy("Allow", &["*"]);
    let caller = table.user("caller", &[&all]);
    let session = table.cell.mint(&caller, sts::GetSessionTokenRequest::default());
    for operation in implemented() {
        let answer = table.ask(&session, operation);
        let code = answer.as_ref().err().map(|fault| &*fault.code);
        let expected = match (operation.service, operation.name) {
            (Service::Iam, _) => Some("InvalidClientTokenId"),
            (_, "GetCallerIdentity" | "AssumeRole") => None,
            _ => Some("AccessDenied"),
        };
        assert_eq!(code, expected, "{}", operation.name);
    }
}

#[test]
fn the_administrator_of_one_account_reaches_into_no_other() {
    let mut table = Table::new();
    let stranger_root = table.cell.account(OTHER);
    let all = policy("Allow", &["*"]);
    let stranger = table.cell.user(&stranger_root, "stranger", &[&all]);
    for caller in [&stranger, &stranger_root] {
        for operation in implemented() {
            let request = table.world.request(operation);
            let (answer, changes) = table.cell.ask(caller, operation, &request);
            for change in &changes {
                assert_eq!(account_of(change), OTHER, "{}: {change:?}", operation.name);
            }
            let answer = answer.unwrap_or_default();
            // A key's id says its account to everybody.
            if operation.name != "GetAccessKeyInfo" && operation.kind == Kind::Read {
                let tells = answer.windows(ACCOUNT.len()).any(|part| part == ACCOUNT.as_bytes());
                assert!(!tells, "{} tells of the other account", operation.name);
            }
            if operation.name == "AssumeRole" {
                let refused = table.ask(caller, operation).unwrap_err();
                assert_eq!(refused.code, "AccessDenied");
            }
        }
    }
}

fn account_of(change: &v1::Change) -> &str {
    match change.kind.as_ref().expect("a kind") {
        change::Kind::Delete(key) => &key.account_id,
        change::Kind::Put(entity) => match entity.kind.as_ref().expect("a kind") {
            entity::Kind::Cell(_) | entity::Kind::OperatorKey(_) => "",
            entity::Kind::Account(account) => &account.account_id,
            entity::Kind::User(user) => &user.account_id,
            entity::Kind::Group(group) => &group.account_id,
            entity::Kind::Role(role) => &role.account_id,
            entity::Kind::ManagedPolicy(policy) => &policy.account_id,
            entity::Kind::InstanceProfile(profile) => &profile.account_id,
            entity::Kind::AccessKey(key) => &key.account_id,
        },
    }
}

#[test]
fn our_own_services_are_for_the_operator_and_for_the_cell_alone() {
    let mut table = Table::new();
    let all = policy("Allow", &["*"]);
    let admin = table.user("admin", &[&all]);
    let own = schema::all_operations()
        .iter()
        .filter(|operation| matches!(operation.service, Service::Admin | Service::Internal));
    for operation in own {
        let permitted = match operation.service {
            Service::Internal => system(),
            _ => operator(),
        };
        for caller in [&table.cell.root, &admin, &operator(), &system()] {
            let answer = table.ask(caller, operation);
            if *caller == permitted {
                assert_served(operation, &answer);
            } else {
                assert_eq!(answer.unwrap_err().code, "AccessDenied", "{}", operation.name);
            }
        }
    }
}
