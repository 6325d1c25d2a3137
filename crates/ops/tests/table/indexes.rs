//! Whatever operations make of a cell, every index says what a scan of its entities says, on voters and replicas.

use std::collections::BTreeSet;

use model::account::Attached;
use model::arn::HasArn;
use model::v1::{self, entity};
use model::{Account, Digest, Name, Record, State, Table};
use proptest::prelude::*;

use crate::cell::{ACCOUNT, Cell, OTHER, long_term, operator, policy, trust};
use crate::scenario::run;

/// What accounts make; names in braces are drawn from small pools, so that steps meet.
const MAKING: &[&str] = &[
    "CreateUser UserName={user} Path={path} PermissionsBoundary={policy}",
    "CreateUser UserName={user}",
    "UpdateUser UserName={user} NewUserName={other} NewPath={path}",
    "UpdateUser UserName={user} NewUserName={other}",
    "CreateGroup GroupName={group}",
    "UpdateGroup GroupName={group} NewGroupName={other}",
    "AddUserToGroup GroupName={group} UserName={user}",
    "CreatePolicy PolicyName={group} PolicyDocument={document}",
    "AttachUserPolicy UserName={user} PolicyArn={policy}",
    "AttachGroupPolicy GroupName={group} PolicyArn={policy}",
    "PutUserPermissionsBoundary UserName={user} PermissionsBoundary={policy}",
    "CreateRole RoleName={user} AssumeRolePolicyDocument={trust}",
    "AttachRolePolicy RoleName={user} PolicyArn={policy}",
    "PutRolePermissionsBoundary RoleName={user} PermissionsBoundary={policy}",
    "CreateInstanceProfile InstanceProfileName={group}",
    "AddRoleToInstanceProfile InstanceProfileName={group} RoleName={user}",
    "CreateAccessKey UserName={user}",
    "CreateAccessKey",
    "CreateAccountAlias AccountAlias={alias}",
];

/// What they take away again.
const TAKING: &[&str] = &[
    "DeleteUser UserName={user}",
    "DeleteGroup GroupName={group}",
    "RemoveUserFromGroup GroupName={group} UserName={user}",
    "DeletePolicy PolicyArn={policy}",
    "DetachUserPolicy UserName={user} PolicyArn={policy}",
    "DetachGroupPolicy GroupName={group} PolicyArn={policy}",
    "DeleteUserPermissionsBoundary UserName={user}",
    "DeleteRole RoleName={user}",
    "DetachRolePolicy RoleName={user} PolicyArn={policy}",
    "DeleteRolePermissionsBoundary RoleName={user}",
    "DeleteInstanceProfile InstanceProfileName={group}",
    "RemoveRoleFromInstanceProfile InstanceProfileName={group} RoleName={user}",
    "DeleteAccessKey UserName={user} AccessKeyId={key}",
    "DeleteAccountAlias AccountAlias={alias}",
];

/// What the operator does.
const OPERATING: &[&str] = &[
    "CreateAccount AccountId={account} Email={email} RootAccessKey=true",
    "DeleteAccount AccountId={account}",
];

#[derive(Clone, Debug)]
struct Step {
    line: &'static str,
    by_operator: bool,
    account: &'static str,
    user: &'static str,
    group: &'static str,
    other: &'static str,
    policy: &'static str,
    path: &'static str,
    alias: &'static str,
}

fn step() -> impl Strategy<Value = Step> {
    let one = |pool: &'static [&'static str]| prop::sample::select(pool);
    let line = prop_oneof![
        20 => one(MAKING).prop_map(|line| (line, false)),
        20 => one(TAKING).prop_map(|line| (line, false)),
        1 => one(OPERATING).prop_map(|line| (line, true)),
    ];
    let account = prop_oneof![3 => Just(ACCOUNT), 1 => Just(OTHER)];
    let names = (one(&["ann", "ANN", "bob"]), one(&["crew", "Crew", "team"]));
    let policies = one(&["{own}/crew", "{own}/team", "arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    let other = one(&["Ann", "ann", "bob", "eve", "crew"]);
    let rest = (other, policies, one(&["/", "/a/"]), one(&["one", "two"]));
    (line, account, names, rest).prop_map(|(line, account, names, rest)| Step {
        line: line.0,
        // The first account stays: its root is who does most.
        account: if line.1 { OTHER } else { account },
        by_operator: line.1,
        user: names.0,
        group: names.1,
        other: rest.0,
        policy: rest.1,
        path: rest.2,
        alias: rest.3,
    })
}

/// Does a step; whether it was answered.
fn perform(cell: &mut Cell, step: &Step) -> bool {
    let first_key = |owner_id: &str| {
        let mut keys = cell.state.account(step.account)?.keys_of(owner_id);
        keys.next().map(|key| key.id.clone())
    };
    let caller = match first_key(step.account) {
        _ if step.by_operator => operator(),
        Some(key) => long_term(&key),
        None => return false,
    };
    let users = cell.state.account(step.account).map(Account::users);
    let user = users.and_then(|users| users.named(step.user));
    let key = user.and_then(|user| first_key(&user.id));
    let key = key.unwrap_or_else(|| "AKIAIOSFODNN7EXAMPLE".to_owned());
    let text = str::to_owned;
    let names = vec![
        ("user", text(step.user)),
        ("group", text(step.group)),
        ("other", text(step.other)),
        ("policy", text(step.policy)),
        ("own", format!("arn:aws:iam::{}:policy", step.account)),
        ("path", text(step.path)),
        ("alias", text(step.alias)),
        ("account", text(step.account)),
        ("email", format!("{}@example.com", step.alias)),
        ("document", policy("Allow", &["s3:*"])),
        ("trust", trust(&[step.account])),
        ("key", key),
    ];
    run(cell, &caller, step.line, &names).outcome.is_ok()
}

/// Everything that was ever there: no index may still speak of what is gone.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    arns: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Seen {
    fn note(&mut self, state: &State) {
        for entity in state.entities() {
            let (id, arn) = match entity.kind.expect("a kind") {
                entity::Kind::User(user) => (user.id.clone(), user.arn()),
                entity::Kind::Group(group) => (group.id.clone(), group.arn()),
                entity::Kind::Role(role) => (role.id.clone(), role.arn()),
                entity::Kind::ManagedPolicy(policy) => (policy.id.clone(), policy.arn()),
                entity::Kind::InstanceProfile(profile) => (profile.id.clone(), profile.arn()),
                entity::Kind::AccessKey(key) => (key.id, key.owner_id),
                entity::Kind::Account(account) => {
                    self.names.extend([account.alias.clone(), account.email.clone()]);
                    (account.account_id, account.alias)
                }
                entity::Kind::Cell(_) | entity::Kind::OperatorKey(_) => continue,
            };
            self.ids.insert(id);
            self.arns.insert(arn);
        }
        // An alias that is not set, an owner of a role that a profile does not have.
        for texts in [&mut self.ids, &mut self.arns, &mut self.names] {
            texts.remove("");
        }
    }
}

fn names<R: Record>(table: &Table<R>, is_one: impl Fn(&R) -> bool) -> Vec<Name> {
    let found = table.values().filter(|stored| is_one(stored.record()));
    found.map(|stored| stored.key()).collect()
}

fn check_account(account: &Account, seen: &Seen) {
    let index = account.index();
    for id in &seen.ids {
        let has = |own: &String| own == id;
        let found = account.user_by_id(id).map(|user| user.key());
        assert_eq!(found, names(account.users(), |user| has(&user.id)).pop());
        let found = account.group_by_id(id).map(|group| group.key());
        assert_eq!(found, names(account.groups(), |group| has(&group.id)).pop());
        let found = account.role_by_id(id).map(|role| role.key());
        assert_eq!(found, names(account.roles(), |role| has(&role.id)).pop());
        let members: Vec<Name> = index.members(id).cloned().collect();
        assert_eq!(members, names(account.users(), |user| user.group_ids.contains(id)));
        let profiles: Vec<Name> = index.profiles(id).cloned().collect();
        assert_eq!(profiles, names(account.profiles(), |profile| has(&profile.role_id)));
        let keys: Vec<Name> = index.keys(id).cloned().collect();
        assert_eq!(keys, names(account.keys(), |key| has(&key.owner_id)));
    }
    for arn in &seen.arns {
        let (users, roles) = (account.users(), account.roles());
        let scanned = Attached {
            users: names(users, |it| it.attached_policies.contains(arn)).into_iter().collect(),
            groups: names(account.groups(), |it| it.attached_policies.contains(arn))
                .into_iter()
                .collect(),
            roles: names(roles, |it| it.attached_policies.contains(arn)).into_iter().collect(),
            bounded_users: names(users, |it| it.boundary == *arn).into_iter().collect(),
            bounded_roles: names(roles, |it| it.boundary == *arn).into_iter().collect(),
        };
        let indexed = index.attached(arn);
        assert!(indexed.cloned().unwrap_or_default() == scanned, "{arn} is attached elsewhere");
        assert_eq!(indexed.is_none(), scanned == Attached::default(), "{arn} is remembered");
    }
}

fn check(state: &State, seen: &Seen) {
    for account in state.accounts() {
        check_account(account, seen);
    }
    for id in &seen.ids {
        let indexed = state.access_key(id).map(|(account, _)| account.id());
        let mut holders =
            state.accounts().filter(|account| account.keys().get(id.as_str()).is_some());
        assert_eq!(indexed, holders.next().map(Account::id), "{id}");
    }
    for arn in &seen.arns {
        let all = state.accounts().flat_map(|account| account.policies().values());
        let scanned = all.filter(|policy| policy.arn() == *arn).map(|policy| policy.id.clone());
        let found = state.managed_policy(arn).map(|policy| policy.id.clone());
        assert_eq!(found, { scanned }.next(), "{arn}");
    }
    for name in &seen.names {
        let of = |is_one: fn(&v1::Account, &str) -> bool| {
            let mut all = state.accounts().filter(|account| is_one(account.record(), name));
            all.next().map(Account::id)
        };
        let indexed = state.account_of_alias(name).map(Account::id);
        assert_eq!(indexed, of(|account, name| account.alias == name));
        let indexed = state.account_of_email(&name.to_uppercase()).map(Account::id);
        assert_eq!(indexed, of(|account, name| account.email.eq_ignore_ascii_case(name)));
    }
    let sum = state.entities().fold(Digest::default(), |sum, it| sum.with(Digest::of(&it)));
    assert_eq!(sum.to_bytes(), state.digest());
}

/// Two states with the same entities have the same digest and the same indexes, whatever led to them.
fn assert_same(left: &State, right: &State) {
    assert_eq!(left.digest(), right.digest());
    for (left, right) in left.accounts().zip(right.accounts()) {
        assert!(left.index() == right.index(), "account {}", left.id());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn indexes_say_what_a_scan_says(steps in prop::collection::vec(step(), 1..80)) {
        let (mut cell, mut seen) = (Cell::new(), Seen::default());
        for step in &steps {
            perform(&mut cell, step);
            seen.note(&cell.state);
            check(&cell.state, &seen);
            assert_same(&cell.replica, &cell.state);
        }
        let restored = State::restore(cell.state.revision(), 0, cell.state.entities());
        assert_same(&restored.expect("a snapshot fits"), &cell.state);
    }
}

/// The steps above are worth something: they do not all end in faults.
#[test]
fn most_kinds_of_step_succeed_now_and_then() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut cell, mut done) = (Cell::new(), BTreeSet::new());
    for _ in 0..20_000 {
        let step = step().new_tree(&mut runner).expect("a step").current();
        if perform(&mut cell, &step) {
            done.insert(step.line);
        }
    }
    for line in MAKING.iter().chain(TAKING).chain(OPERATING) {
        assert!(done.contains(line), "{line}");
    }
}
