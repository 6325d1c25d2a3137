//! States in which references dangle, as a replica shows them whose classes have their own times: every question is
//! answered, and what is not there grants nothing.

use model::State;
use model::v1::entity_key::Kind;
use model::v1::{EntityKey, caller};
use ops::table::Indexed;
use ops::{Call, Read};
use prost::Message;
use schema::iam::v1 as iam;

use crate::cell::{ACCOUNT, Cell, policy, trust};
use crate::sample::World;

const MANAGED: &str = "arn:aws:iam::123456789012:policy/managed";

/// A cell in which everything refers to everything: attachments, boundaries, members, a profile's role, trust.
fn cell() -> (Cell, World, Vec<model::v1::Caller>) {
    let mut cell = Cell::new();
    let world = World::new(&mut cell);
    let root = cell.root.clone();
    let user = cell.user(&root, "member", &[]);
    let managed = || MANAGED.to_owned();
    for user_name in ["member", "target"].map(str::to_owned) {
        let join = iam::AddUserToGroupRequest { group_name: "team".to_owned(), user_name };
        let user_name = join.user_name.clone();
        cell.write(&root, join);
        cell.write(&root, iam::AttachUserPolicyRequest { user_name, policy_arn: managed() });
    }
    let group_name = "team".to_owned();
    cell.write(&root, iam::AttachGroupPolicyRequest { group_name, policy_arn: managed() });
    let role_name = "worker".to_owned();
    cell.write(
        &root,
        iam::AttachRolePolicyRequest { role_name: role_name.clone(), policy_arn: managed() },
    );
    let policy_document = trust(&["arn:aws:iam::123456789012:user/member", ACCOUNT]);
    cell.write(
        &root,
        iam::UpdateAssumeRolePolicyRequest { role_name: role_name.clone(), policy_document },
    );
    let instance_profile_name = "machine".to_owned();
    cell.write(&root, iam::AddRoleToInstanceProfileRequest { instance_profile_name, role_name });
    let all = policy("Allow", &["*"]);
    let policy_arn = managed();
    let set_as_default = Some(true);
    cell.write(
        &root,
        iam::CreatePolicyVersionRequest { policy_arn, policy_document: all, set_as_default },
    );
    let session = cell.mint(
        &user,
        schema::sts::v1::AssumeRoleRequest {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/worker"),
            role_session_name: "day".to_owned(),
            ..Default::default()
        },
    );
    (cell, world, vec![root, user, session])
}

/// The state without some entities, which their references outlive.
fn without(state: &State, kinds: &[Kind]) -> State {
    let mut torn = state.clone();
    let account = state.account(ACCOUNT).expect("the account");
    let mut names: Vec<(Kind, String)> = Vec::new();
    names.extend(account.users().values().map(|user| (Kind::User, user.name.to_lowercase())));
    names.extend(account.groups().values().map(|group| (Kind::Group, group.name.to_lowercase())));
    names.extend(account.roles().values().map(|role| (Kind::Role, role.name.to_lowercase())));
    names.extend(
        account.policies().values().map(|found| (Kind::ManagedPolicy, found.name.to_lowercase())),
    );
    names.extend(account.keys().values().map(|key| (Kind::AccessKey, key.id.clone())));
    for (kind, name) in names.into_iter().filter(|(kind, _)| kinds.contains(kind)) {
        let account_id = ACCOUNT.to_owned();
        torn.delete(&EntityKey { kind: kind.into(), account_id, name }).expect("it fits");
    }
    assert_ne!(torn.digest(), state.digest());
    torn
}

fn read<O: Read + Indexed>(
    cell: &Cell,
    state: &State,
    caller: &model::v1::Caller,
    request: O,
) -> Result<O::Response, ops::Fault> {
    let call = cell.call(caller, O::INDEX, request.encode_to_vec().into());
    let answer = ops::read(state, &call).map_err(|refused| refused.fault)?;
    Ok(O::Response::decode(answer).expect("answers decode"))
}

#[test]
fn every_question_is_answered_whatever_dangles() {
    let (cell, world, callers) = cell();
    let torn = [
        &[Kind::ManagedPolicy][..],
        &[Kind::Group],
        &[Kind::Role],
        &[Kind::User],
        &[Kind::User, Kind::Group, Kind::Role],
        &[Kind::AccessKey],
        &[Kind::ManagedPolicy, Kind::AccessKey, Kind::Group],
    ];
    let mut answered = 0;
    for state in torn.map(|kinds| without(&cell.state, kinds)) {
        let implemented = schema::operations().iter();
        for operation in implemented.filter(|operation| operation.kind != schema::Kind::Planned) {
            for caller in &callers {
                let call: Call = cell.call(caller, operation.index, world.request(operation));
                let faults = [
                    ops::read(&state, &call).err().map(|refused| refused.fault),
                    ops::mint(&state, &call).err().map(|refused| refused.fault),
                    ops::call::check_write(&state, &call).err().map(|refused| refused.fault),
                    ops::secret_owner(&state, &call).err(),
                ];
                for fault in faults.into_iter().flatten() {
                    assert_ne!(fault.code, "ServiceFailure", "{}", operation.name);
                }
                answered += 1;
            }
        }
    }
    assert!(answered > 1_000, "{answered}");
}

#[test]
fn a_policy_that_is_attached_and_not_there_is_listed_and_grants_nothing() {
    let (cell, _, callers) = cell();
    let [root, user, session] = callers.as_slice() else { panic!("three callers") };
    let torn = without(&cell.state, &[Kind::ManagedPolicy]);
    let user_name = "member".to_owned();
    let list = iam::ListAttachedUserPoliciesRequest { user_name, ..Default::default() };
    let listed = read(&cell, &torn, root, list).unwrap().attached_policies;
    assert_eq!(listed.iter().map(|p| p.policy_arn()).collect::<Vec<_>>(), [MANAGED]);
    let get = || iam::GetPolicyRequest { policy_arn: MANAGED.to_owned() };
    assert_eq!(read(&cell, &torn, root, get()).unwrap_err().code, "NoSuchEntity");
    for caller in [user, session] {
        let list = iam::ListUsersRequest::default;
        assert!(read(&cell, &cell.state, caller, list()).is_ok());
        assert_eq!(read(&cell, &torn, caller, list()).unwrap_err().code, "AccessDenied");
    }
}

#[test]
fn a_boundary_that_is_not_there_lets_nothing_through() {
    let (mut cell, _, callers) = cell();
    let root = cell.root.clone();
    cell.write(
        &root,
        iam::PutUserPolicyRequest {
            user_name: "member".to_owned(),
            policy_name: "all".to_owned(),
            policy_document: policy("Allow", &["*"]),
        },
    );
    cell.write(
        &root,
        iam::PutUserPermissionsBoundaryRequest {
            user_name: "member".to_owned(),
            permissions_boundary: MANAGED.to_owned(),
        },
    );
    let list = iam::ListUsersRequest::default;
    assert!(read(&cell, &cell.state, &callers[1], list()).is_ok());
    let torn = without(&cell.state, &[Kind::ManagedPolicy]);
    assert_eq!(read(&cell, &torn, &callers[1], list()).unwrap_err().code, "AccessDenied");
}

#[test]
fn a_key_without_its_owner_is_nobody() {
    let (cell, _, callers) = cell();
    let torn = without(&cell.state, &[Kind::User]);
    assert!(matches!(callers[1].kind, Some(caller::Kind::LongTerm(_))));
    let asked = read(&cell, &torn, &callers[1], schema::sts::v1::GetCallerIdentityRequest {});
    assert_eq!(asked.unwrap_err().code, "InvalidClientTokenId");
}
