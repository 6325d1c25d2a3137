//! Every condition key, in every situation, asked of the live authorization: a policy with a condition on the key
//! allows exactly when the key has the value that docs/context-keys.md tells, and refuses when it has none.

mod operations;
mod principals;
mod requests;

use model::v1;
use schema::iam::v1 as iam;
use schema::sts::v1::{AssumeRoleRequest, GetSessionTokenRequest, Tag};
use serde_json::{Value as Json, json};

use crate::table::{self, Indexed, Run};
use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, long_term};
use crate::{Call, Operation, call};

/// What a key is in a request.
#[derive(Clone, Copy, Debug)]
enum Has<'a> {
    Nothing,
    One(&'a str),
    Many(&'a [&'a str]),
}

use Has::{Many, Nothing, One};

/// Who asks: a caller, and whose policies speak for it.
struct Who {
    caller: v1::Caller,
    is_role: bool,
}

/// A cell with one of everything.
struct World {
    cell: Cell,
    /// `/staff/alice`, with a tag, by her key.
    user: Who,
    /// Her session of GetSessionToken without MFA.
    session: Who,
    /// The same with an MFA code shown 90 s ago.
    mfa: Who,
    /// `/app/worker`, whose tag is overridden, assumed by her.
    role: Who,
    /// A second session of the role, assumed by the first, with a source identity.
    chained: Who,
}

impl World {
    fn new() -> Self {
        let mut cell = Cell::new();
        for name in ["limit", "wide"] {
            let create = iam::CreatePolicyRequest {
                policy_name: name.to_owned(),
                policy_document: allow("*", "*"),
                tags: vec![tag("Team", "law")],
                ..Default::default()
            };
            cell.write(create).unwrap();
        }
        for name in ["alice", "bob"] {
            let create = iam::CreateUserRequest {
                user_name: name.to_owned(),
                path: Some("/staff/".to_owned()),
                tags: vec![tag("Team", name)],
                permissions_boundary: (name == "bob").then(|| policy("limit")),
            };
            cell.write(create).unwrap();
        }
        cell.allow("alice", &allow("*", "*"));
        let key = iam::CreateAccessKeyRequest { user_name: Some("alice".to_owned()) };
        let key = cell.write(key).unwrap().access_key.unwrap();
        for name in ["worker", "bounded"] {
            let create = iam::CreateRoleRequest {
                role_name: name.to_owned(),
                path: Some("/app/".to_owned()),
                assume_role_policy_document: trusting(ACCOUNT),
                tags: vec![tag("Team", "work"), tag("Stage", "test")],
                permissions_boundary: (name == "bounded").then(|| policy("limit")),
                ..Default::default()
            };
            cell.write(create).unwrap();
        }
        cell.write(iam::CreateGroupRequest { group_name: "g".to_owned(), ..Default::default() })
            .unwrap();
        let create = iam::CreateInstanceProfileRequest {
            instance_profile_name: "machine".to_owned(),
            tags: vec![tag("Team", "ops")],
            ..Default::default()
        };
        cell.write(create).unwrap();
        let user = long_term(&key.access_key_id);
        let (session, _) = cell.mint_as(&user, GetSessionTokenRequest::default()).unwrap();
        let assume = AssumeRoleRequest {
            tags: vec![Tag { key: "TEAM".to_owned(), value: "session".to_owned() }],
            ..assume("worker")
        };
        let (role, _) = cell.mint_as(&user, assume.clone()).unwrap();
        let mut world = World {
            user: Who { caller: user, is_role: false },
            mfa: Who { caller: with_mfa(&session), is_role: false },
            session: Who { caller: session, is_role: false },
            role: Who { caller: role.clone(), is_role: true },
            chained: Who { caller: role, is_role: true },
            cell,
        };
        world.grant(true, &allow("*", "*"));
        let assume = AssumeRoleRequest { source_identity: Some("ann".to_owned()), ..assume };
        world.chained.caller = world.cell.mint_as(&world.role.caller, assume).unwrap().0;
        world
    }

    /// Gives the user or the role its only policy.
    fn grant(&mut self, is_role: bool, policy_document: &str) {
        if !is_role {
            return self.cell.allow("alice", policy_document);
        }
        let put = iam::PutRolePolicyRequest {
            role_name: "worker".to_owned(),
            policy_name: "allow".to_owned(),
            policy_document: policy_document.to_owned(),
        };
        self.cell.write(put).unwrap();
    }

    fn call(&self, who: &Who, request: &(impl Operation + Indexed)) -> Call {
        self.cell.call(&who.caller, request)
    }

    /// Whether policies allow a call, by the way that every call goes.
    fn allows(&self, call: &Call) -> bool {
        let state = &self.cell.state;
        let outcome = match &table::handler(call.operation).unwrap().run {
            Run::Read(_) => crate::read(state, call).map(|_| ()),
            Run::Mint(_) => crate::mint(state, call).map(|_| ()),
            Run::Write(_) => call::check_write(state, call),
        };
        let code = outcome.err().map(|refused| refused.fault.code);
        assert_ne!(code.as_deref(), Some("InvalidClientTokenId"), "the caller is known");
        code.as_deref() != Some("AccessDenied")
    }

    /// Checks what a key is when one action of a call is authorized.
    #[track_caller]
    fn check(&mut self, is_role: bool, call: &Call, action: &str, key: &str, has: Has<'_>) {
        let (holding, failing) = conditions(key, has);
        let conditions = holding.into_iter().map(|condition| (condition, true));
        for (condition, holds) in conditions.chain(failing.into_iter().map(|c| (c, false))) {
            let document = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "NotAction": action, "Resource": "*"},
                {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition},
            ]});
            self.grant(is_role, &document.to_string());
            let is_allowed = self.allows(call);
            assert_eq!(is_allowed, holds, "{action}: {key} is {has:?}: {condition}");
        }
        self.grant(is_role, &allow("*", "*"));
    }
}

/// Conditions that hold and that do not hold of a key.
fn conditions(key: &str, has: Has<'_>) -> (Vec<Json>, Vec<Json>) {
    let null = |is_null: &str| json!({"Null": {key: is_null}});
    let (mut holding, mut failing) = match has {
        Nothing => (
            vec![
                json!({"StringNotEquals": {key: "x"}}),
                json!({"StringEqualsIfExists": {key: "x"}}),
            ],
            vec![json!({"StringLike": {key: "*"}})],
        ),
        One(value) => (
            vec![json!({"StringEquals": {key: value}})],
            vec![json!({"StringNotEquals": {key: value}})],
        ),
        Many(values) => (
            values.iter().map(|value| json!({"ForAnyValue:StringEquals": {key: value}})).collect(),
            vec![json!({"ForAnyValue:StringNotEquals": {key: values}})],
        ),
    };
    let is_null = matches!(has, Nothing);
    holding.push(null(if is_null { "true" } else { "false" }));
    failing.push(null(if is_null { "false" } else { "true" }));
    (holding, failing)
}

fn tag(key: &str, value: &str) -> iam::Tag {
    iam::Tag { key: key.to_owned(), value: value.to_owned() }
}

fn policy(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn trusting(account_id: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": account_id},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }})
    .to_string()
}

fn assume(role: &str) -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/app/{role}"),
        role_session_name: "work".to_owned(),
        ..Default::default()
    }
}

fn with_mfa(caller: &v1::Caller) -> v1::Caller {
    let Some(v1::caller::Kind::Session(session)) = caller.kind.clone() else { panic!("a session") };
    let session = v1::Session { mfa_ms: NOW_MS - 90_500, ..session };
    v1::Caller { kind: Some(v1::caller::Kind::Session(session)), ..caller.clone() }
}
