//! Whoever asks is kept as well: the permission to ask is the one that is gathered anew, after each kind of write that
//! can change it, and whatever the call itself brings with it.

mod calls;
mod sessions;

use super::*;
use crate::authorize::authorize;
use crate::{Access, Fault, Principal, View};

const SERVICE: &str = "arn:aws:iam::123456789012:user/service";
const ROOT: &str = "arn:aws:iam::123456789012:root";

/// May it ask, or the code of the fault.
type Permission = Result<(), &'static str>;

const MAY: Permission = Ok(());
const MAY_NOT: Permission = Err("AccessDenied");
const NOBODY: Permission = Err("InvalidClientTokenId");

/// What a permission depends on, beside who asks.
#[derive(Clone)]
struct Moment {
    state: State,
    context: v1::RequestContext,
    now_ms: u64,
}

impl Moment {
    fn of(cell: &Cell) -> Self {
        Moment { state: cell.state.clone(), context: v1::RequestContext::default(), now_ms: NOW_MS }
    }

    /// Asks about the account's root user, who is always there.
    fn ask(&self, subjects: &Subjects, caller: &v1::Caller) -> Result<(), Fault> {
        let Moment { state, context, now_ms } = self;
        let asker = Asker::new(state, subjects, caller, context, *now_ms)?;
        asker.subject(&Who::Arn(ROOT.into()), Power::Decide).map(drop)
    }

    /// As the cell's own operations are authorized.
    fn authorize(&self, caller: &v1::Caller) -> Result<(), Fault> {
        let Moment { state, context, now_ms } = self;
        let principal = Principal::resolve(state, caller, *now_ms)?;
        let view = View { state, principal: &principal, context, now_ms: *now_ms };
        let resource_account = Some(ACCOUNT.to_owned());
        let access = Access { resource_account, ..Access::new("authz:Decide", ROOT) };
        authorize(&view, vec![access]).map_err(|refusal| refusal.fault)
    }
}

/// One caller that asks again and again.
struct Asking {
    kept: Subjects,
    caller: v1::Caller,
    past: Vec<(Moment, Permission)>,
}

impl Asking {
    fn new(caller: &v1::Caller) -> Self {
        Asking { kept: Subjects::new(4), caller: caller.clone(), past: Vec::new() }
    }

    /// Asks after writes.
    #[track_caller]
    fn now(&mut self, cell: &Cell, expected: Permission) {
        self.at(Moment::of(cell), expected);
    }

    /// Asks at a moment at which the permission is another one than at the last.
    #[track_caller]
    fn at(&mut self, moment: Moment, expected: Permission) {
        let before = self.past.last().map(|(_, before)| before);
        assert_ne!(before, Some(&expected), "nothing would be seen");
        let fresh = moment.authorize(&self.caller);
        // Policies are indexed when somebody is met again.
        for _ in 0..3 {
            let kept = moment.ask(&self.kept, &self.caller);
            assert_eq!(kept, fresh, "what was kept counts");
        }
        let code = fresh.map_err(|fault| fault.code.into_owned());
        assert_eq!(code, expected.map_err(str::to_owned));
        // As of a view that lags behind, and back.
        for (past, _) in &self.past {
            for moment in [past, &moment] {
                let kept = moment.ask(&self.kept, &self.caller);
                assert_eq!(kept, moment.authorize(&self.caller), "after other moments");
            }
        }
        self.past.push((moment, expected));
    }
}

/// A cell with a user that has a key, and asks.
fn with_service() -> (Cell, Asking) {
    let mut cell = Cell::new();
    let service = cell.user("service");
    let mut asking = Asking::new(&service);
    asking.now(&cell, MAY_NOT);
    (cell, asking)
}

fn may_ask() -> String {
    allow("authz:Decide", "*")
}

/// A statement on asking, under a condition.
fn asking_if(effect: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Action":"authz:*","Resource":"*","Condition":{{{condition}}}}}"#
    )
}

fn policy_of(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn service() -> String {
    "service".to_owned()
}

fn managed() -> String {
    POLICY.to_owned()
}

#[test]
fn keys() {
    let (mut cell, mut asking) = with_service();
    cell.allow("service", &may_ask());
    asking.now(&cell, MAY);
    let create = CreateAccessKeyRequest { user_name: Some(service()) };
    let second = cell.write(create).unwrap().access_key.unwrap().access_key_id;
    let mut second = Asking::new(&long_term(&second));
    second.now(&cell, MAY);
    let access_key_id = asking.caller.access_key_id.clone();
    let update = |status: &str| UpdateAccessKeyRequest {
        user_name: Some(service()),
        access_key_id: access_key_id.clone(),
        status: status.to_owned(),
    };
    cell.write(update("Inactive")).unwrap();
    asking.now(&cell, NOBODY);
    cell.write(update("Active")).unwrap();
    asking.now(&cell, MAY);
    let (user_name, access_key_id) = (Some(service()), access_key_id.clone());
    cell.write(DeleteAccessKeyRequest { user_name, access_key_id }).unwrap();
    asking.now(&cell, NOBODY);
    let moment = Moment::of(&cell);
    assert_eq!(moment.ask(&second.kept, &second.caller), Ok(()), "the other key is what it was");
}

#[test]
fn policies() {
    let (mut cell, mut asking) = with_service();
    policy(&mut cell, &may_ask());
    let attach = || AttachUserPolicyRequest { user_name: service(), policy_arn: managed() };
    cell.write(attach()).unwrap();
    asking.now(&cell, MAY);
    cell.write(CreatePolicyVersionRequest {
        policy_arn: managed(),
        policy_document: allow("s3:*", "*"),
        set_as_default: Some(true),
    })
    .unwrap();
    asking.now(&cell, MAY_NOT);
    let version_id = "v1".to_owned();
    cell.write(SetDefaultPolicyVersionRequest { policy_arn: managed(), version_id }).unwrap();
    asking.now(&cell, MAY);
    cell.write(DetachUserPolicyRequest { user_name: service(), policy_arn: managed() }).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.allow("service", &may_ask());
    asking.now(&cell, MAY);
    let policy_name = "allow".to_owned();
    cell.write(DeleteUserPolicyRequest { user_name: service(), policy_name }).unwrap();
    asking.now(&cell, MAY_NOT);
    // The operator's policies are of no account of a user.
    let put = |document: &str| PutNamedPolicyRequest {
        policy_name: "Asking".to_owned(),
        policy_document: document.to_owned(),
        ..Default::default()
    };
    cell.write_as(&Cell::operator(), put(&may_ask())).unwrap();
    let policy_arn = "arn:aws:iam::aws:policy/Asking".to_owned();
    cell.write(AttachUserPolicyRequest { user_name: service(), policy_arn }).unwrap();
    asking.now(&cell, MAY);
    cell.write_as(&Cell::operator(), put(&allow("s3:*", "*"))).unwrap();
    asking.now(&cell, MAY_NOT);
}

#[test]
fn groups_and_boundaries() {
    let (mut cell, mut asking) = with_service();
    let group_name = || "g".to_owned();
    cell.write(CreateGroupRequest { group_name: group_name(), ..Default::default() }).unwrap();
    let put = |policy_document: String| PutGroupPolicyRequest {
        group_name: group_name(),
        policy_name: "x".to_owned(),
        policy_document,
    };
    cell.write(put(may_ask())).unwrap();
    let (join, leave) = (
        || AddUserToGroupRequest { group_name: group_name(), user_name: service() },
        || RemoveUserFromGroupRequest { group_name: group_name(), user_name: service() },
    );
    cell.write(join()).unwrap();
    asking.now(&cell, MAY);
    cell.write(leave()).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.allow("service", &may_ask());
    asking.now(&cell, MAY);
    cell.write(join()).unwrap();
    cell.write(put(allow("authz:*", "*").replace("Allow", "Deny"))).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.write(leave()).unwrap();
    asking.now(&cell, MAY);

    policy(&mut cell, &allow("s3:*", "*"));
    let (user_name, permissions_boundary) = (service(), managed());
    cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.write(CreatePolicyVersionRequest {
        policy_arn: managed(),
        policy_document: allow("*", "*"),
        set_as_default: Some(true),
    })
    .unwrap();
    asking.now(&cell, MAY);
    let version_id = "v1".to_owned();
    cell.write(SetDefaultPolicyVersionRequest { policy_arn: managed(), version_id }).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.write(DeleteUserPermissionsBoundaryRequest { user_name: service() }).unwrap();
    asking.now(&cell, MAY);
}

#[test]
fn who_the_user_is() {
    let (mut cell, mut asking) = with_service();
    let is_named = asking_if("Allow", r#""StringEquals":{"aws:username":"service"}"#);
    let is_red = asking_if("Deny", r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#);
    cell.allow("service", &policy_of(&[is_named, is_red]));
    asking.now(&cell, MAY);
    cell.write(TagUserRequest { user_name: service(), tags: tags("red") }).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.write(UntagUserRequest { user_name: service(), tag_keys: vec!["team".to_owned()] })
        .unwrap();
    asking.now(&cell, MAY);
    let rename = |from: &str, to: &str| UpdateUserRequest {
        user_name: from.to_owned(),
        new_user_name: Some(to.to_owned()),
        ..Default::default()
    };
    cell.write(rename("service", "gateway")).unwrap();
    asking.now(&cell, MAY_NOT);
    cell.write(rename("gateway", "service")).unwrap();
    asking.now(&cell, MAY);

    // Made again under its name, with the same policy: the old key opens nothing.
    let access_key_id = asking.caller.access_key_id.clone();
    cell.write(DeleteAccessKeyRequest { user_name: Some(service()), access_key_id }).unwrap();
    let policy_name = "allow".to_owned();
    cell.write(DeleteUserPolicyRequest { user_name: service(), policy_name }).unwrap();
    cell.write(DeleteUserRequest { user_name: service() }).unwrap();
    let again = cell.user("service");
    cell.allow("service", &may_ask());
    asking.now(&cell, NOBODY);
    assert_ne!(again.access_key_id, asking.caller.access_key_id);
    asking.caller = again;
    asking.past.clear();
    asking.now(&cell, MAY);
}

#[test]
fn accounts_and_their_root_users() {
    let mut cell = Cell::new();
    let mut asking = Asking::new(&cell.root.clone());
    asking.now(&cell, MAY);
    let delete = DeleteAccountRequest { account_id: ACCOUNT.to_owned() };
    cell.write_as(&Cell::operator(), delete).unwrap();
    asking.now(&cell, NOBODY);
    asking.caller = cell.account(ACCOUNT, "again@example.com");
    asking.past.clear();
    asking.now(&cell, MAY);
}

#[test]
fn the_operator() {
    let mut cell = Cell::new();
    let moment = Moment::of(&cell);
    let subjects = Subjects::new(4);
    assert_eq!(moment.ask(&subjects, &Cell::operator()), Ok(()));
    let key = v1::EntityKey {
        kind: v1::entity_key::Kind::OperatorKey.into(),
        name: Cell::operator().access_key_id,
        ..Default::default()
    };
    cell.state.delete(&key).unwrap();
    let fault = Moment::of(&cell).ask(&subjects, &Cell::operator()).expect_err("no key");
    assert_eq!(fault.code, "InvalidClientTokenId");
}
