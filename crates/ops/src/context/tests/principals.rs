//! What is known of who asks: long-term keys, sessions of users and of roles, root.

use policy::Value;

use super::{ACCOUNT, Has, NOW_MS, Nothing, One, Who, World, assume};
use crate::context::context;
use crate::{Access, Principal, View};

const ALICE: &str = "arn:aws:iam::123456789012:user/staff/alice";
const WORKER: &str = "arn:aws:iam::123456789012:role/app/worker";
const NOW: &str = "2026-01-02T03:04:05Z";

/// Keys, and what each is of: the user by her key, her session without and with MFA, the role's session, the session
/// that the role assumed with a source identity.
const TABLE: [(&str, [Has<'_>; 5]); 11] = [
    ("aws:PrincipalArn", [One(ALICE), One(ALICE), One(ALICE), One(WORKER), One(WORKER)]),
    ("aws:PrincipalAccount", [One(ACCOUNT); 5]),
    (
        "aws:PrincipalType",
        [One("User"), One("User"), One("User"), One("AssumedRole"), One("AssumedRole")],
    ),
    ("aws:username", [One("alice"), One("alice"), One("alice"), Nothing, Nothing]),
    (
        "aws:PrincipalTag/team",
        [One("alice"), One("alice"), One("alice"), One("session"), One("session")],
    ),
    ("aws:PrincipalTag/Stage", [Nothing, Nothing, Nothing, One("test"), One("test")]),
    ("aws:PrincipalIsAWSService", [One("false"); 5]),
    ("aws:TokenIssueTime", [Nothing, One(NOW), One(NOW), One(NOW), One(NOW)]),
    (
        "aws:MultiFactorAuthPresent",
        [Nothing, One("false"), One("true"), One("false"), One("false")],
    ),
    ("aws:MultiFactorAuthAge", [Nothing, Nothing, One("90"), Nothing, Nothing]),
    ("aws:SourceIdentity", [Nothing, Nothing, Nothing, Nothing, One("ann")]),
];

/// What no caller of this version has: there are no organizations, no federation, no services that call.
const OF_NOBODY: [&str; 21] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:FederatedProvider",
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:Ec2InstanceSourceVpc",
    "ec2:SourceInstanceArn",
];

const WHO: [fn(&World) -> &Who; 5] = [
    |world| &world.user,
    |world| &world.session,
    |world| &world.mfa,
    |world| &world.role,
    |world| &world.chained,
];

#[test]
fn each_caller_has_its_keys() {
    let mut world = World::new();
    for (key, each) in TABLE {
        for (who, has) in WHO.into_iter().zip(each) {
            let is_role = who(&world).is_role;
            let call = world.call(who(&world), &assume("bounded"));
            world.check(is_role, &call, "sts:AssumeRole", key, has);
        }
    }
}

#[test]
fn a_users_id_is_its_own_and_a_role_sessions_has_its_name() {
    let mut world = World::new();
    let account = world.cell.state.account(ACCOUNT).unwrap();
    let alice = account.users().named("alice").unwrap().id.clone();
    let worker = format!("{}:work", account.roles().named("worker").unwrap().id);
    for who in WHO {
        let is_role = who(&world).is_role;
        let call = world.call(who(&world), &assume("bounded"));
        let id = if is_role { &worker } else { &alice };
        world.check(is_role, &call, "sts:AssumeRole", "aws:userid", One(id));
    }
}

#[test]
fn keys_of_what_there_is_not_are_absent() {
    let mut world = World::new();
    let call = world.call(&world.user, &assume("bounded"));
    for key in OF_NOBODY {
        world.check(false, &call, "sts:AssumeRole", key, Nothing);
    }
}

/// No identity policy can limit root, so its keys are looked at where they are put together.
#[test]
fn root_has_no_name_and_no_tags() {
    let world = World::new();
    let session = world.cell.mint_as(&world.cell.root, super::GetSessionTokenRequest::default());
    let (session, _) = session.unwrap();
    for (caller, issued, mfa) in
        [(&world.cell.root, Nothing, Nothing), (&session, One(NOW), One("false"))]
    {
        let principal = Principal::resolve(&world.cell.state, caller, NOW_MS).unwrap();
        let request = model::v1::RequestContext::default();
        let view = View {
            state: &world.cell.state,
            principal: &principal,
            context: &request,
            now_ms: NOW_MS,
        };
        let known = context(&view, &Access::account("iam:ListUsers"));
        for (key, has) in [
            ("aws:PrincipalArn", One("arn:aws:iam::123456789012:root")),
            ("aws:PrincipalAccount", One(ACCOUNT)),
            ("aws:PrincipalType", One("Account")),
            ("aws:userid", One(ACCOUNT)),
            ("aws:username", Nothing),
            ("aws:TokenIssueTime", issued),
            ("aws:MultiFactorAuthPresent", mfa),
            ("aws:MultiFactorAuthAge", Nothing),
            ("aws:SourceIdentity", Nothing),
        ] {
            match (known.get(key), has) {
                (None, Nothing) => {}
                (Some(Value::One(value)), One(expected)) => assert_eq!(value, expected, "{key}"),
                (known, _) => panic!("{key} is {known:?}, not {has:?}"),
            }
        }
        let has_tags = known.iter().any(|(key, _)| key.starts_with("aws:principaltag/"));
        assert!(!has_tags);
    }
}
