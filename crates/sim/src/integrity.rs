//! C13: at every revision the state is whole. Each name and id is there once, an id that is gone never comes again,
//! what is referred to is there, and nothing is beyond its quota.

use std::collections::{BTreeMap, BTreeSet};

use model::{Account, State, quota};

/// What was seen of a cell's states, one revision after the other.
#[derive(Default)]
pub(crate) struct Integrity {
    /// Every unique id and access key id that there ever was; is it there now?
    ids: BTreeMap<String, bool>,
}

impl Integrity {
    /// Everything that is wrong with the state of the next revision.
    pub(crate) fn check(&mut self, state: &State) -> Vec<String> {
        let mut found = Vec::new();
        let mut now = BTreeSet::new();
        for account in state.accounts() {
            names(account, &mut found);
            references(state, account, &mut found);
            quotas(account, &mut found);
            for id in ids(account) {
                if !now.insert(id.clone()) {
                    found.push(format!("{id} is there twice"));
                }
            }
        }
        for (id, there) in &mut self.ids {
            match now.remove(id) {
                true if !*there => found.push(format!("{id} was gone and is there again")),
                is_there => *there = is_there,
            }
        }
        self.ids.extend(now.into_iter().map(|id| (id, true)));
        found
    }
}

fn ids(account: &Account) -> impl Iterator<Item = String> {
    let users = account.users().values().map(|user| user.record().id.clone());
    let groups = account.groups().values().map(|group| group.record().id.clone());
    let roles = account.roles().values().map(|role| role.record().id.clone());
    let policies = account.policies().values().map(|policy| policy.record().id.clone());
    let profiles = account.profiles().values().map(|profile| profile.record().id.clone());
    let keys = account.keys().values().map(|key| key.record().id.clone());
    users.chain(groups).chain(roles).chain(policies).chain(profiles).chain(keys)
}

fn names(account: &Account, found: &mut Vec<String>) {
    let mut once = |kind: &str, names: Vec<&String>| {
        let count = names.len();
        let folded: BTreeSet<String> = names.into_iter().map(|name| name.to_lowercase()).collect();
        if folded.len() != count {
            found.push(format!("two {kind} of {} have one name", account.id()));
        }
    };
    once("users", account.users().values().map(|user| &user.record().name).collect());
    once("groups", account.groups().values().map(|group| &group.record().name).collect());
    once("roles", account.roles().values().map(|role| &role.record().name).collect());
    once("policies", account.policies().values().map(|policy| &policy.record().name).collect());
}

fn references(state: &State, account: &Account, found: &mut Vec<String>) {
    let mut policies = |who: &str, arns: &[String], boundary: &str| {
        let boundary = Some(boundary).filter(|boundary| !boundary.is_empty());
        for arn in arns.iter().map(String::as_str).chain(boundary) {
            if state.managed_policy(arn).is_none() {
                found.push(format!("{who} refers to {arn}, which is not there"));
            }
        }
    };
    for user in account.users().values().map(|user| user.record()) {
        policies(&user.id, &user.attached_policies, &user.boundary);
    }
    for group in account.groups().values().map(|group| group.record()) {
        policies(&group.id, &group.attached_policies, "");
    }
    for role in account.roles().values().map(|role| role.record()) {
        policies(&role.id, &role.attached_policies, &role.boundary);
    }
    for user in account.users().values().map(|user| user.record()) {
        for id in user.group_ids.iter().filter(|id| account.group_by_id(id).is_none()) {
            found.push(format!("{} is in the group {id}, which is not there", user.id));
        }
    }
    for profile in account.profiles().values().map(|profile| profile.record()) {
        let role = &profile.role_id;
        if !role.is_empty() && account.role_by_id(role).is_none() {
            found.push(format!("{} has the role {role}, which is not there", profile.id));
        }
    }
    for key in account.keys().values().map(|key| key.record()) {
        let owner = &key.owner_id;
        if owner != account.id() && account.user_by_id(owner).is_none() {
            found.push(format!("{} is the key of {owner}, who is not there", key.id));
        }
    }
}

fn quotas(account: &Account, found: &mut Vec<String>) {
    let mut within = |what: &str, count: usize, quota: usize| {
        if count > quota {
            found.push(format!("{what}: {count} of at most {quota}"));
        }
    };
    within("users", account.users().len(), quota::USERS);
    within("groups", account.groups().len(), quota::GROUPS);
    within("roles", account.roles().len(), quota::ROLES);
    for user in account.users().values().map(|user| user.record()) {
        within(&user.id, user.attached_policies.len(), quota::ATTACHED_POLICIES);
        within(&user.id, user.group_ids.len(), quota::GROUPS_PER_USER);
        within(&user.id, user.tags.len(), quota::TAGS);
        within(&user.id, account.keys_of(&user.id).count(), quota::ACCESS_KEYS_PER_USER);
    }
    for policy in account.policies().values().map(|policy| policy.record()) {
        within(&policy.id, policy.versions.len(), quota::VERSIONS_PER_POLICY);
    }
}

#[cfg(test)]
mod tests {
    use model::v1::{
        AccessKey, Account, Change, Entity, EntityKey, User, change, entity, entity_key,
    };

    use super::*;

    fn put(kind: entity::Kind) -> Change {
        Change { kind: Some(change::Kind::Put(Entity { kind: Some(kind) })) }
    }

    fn user(name: &str, id: &str) -> User {
        let text = str::to_owned;
        User { account_id: text("1"), name: text(name), id: text(id), ..User::default() }
    }

    /// A state with an account and, in it, users and keys.
    fn with(state: State, users: &[User], keys: &[(&str, &str)]) -> State {
        let account = Account { account_id: "1".to_owned(), ..Account::default() };
        let key = |(id, owner): &(&str, &str)| AccessKey {
            id: (*id).to_owned(),
            account_id: "1".to_owned(),
            owner_id: (*owner).to_owned(),
            ..AccessKey::default()
        };
        let users = users.iter().cloned().map(|user| put(entity::Kind::User(user)));
        let keys = keys.iter().map(|k| put(entity::Kind::AccessKey(key(k))));
        let changes: Vec<Change> =
            [put(entity::Kind::Account(account))].into_iter().chain(users).chain(keys).collect();
        let next = state.revision() + 1;
        state.changed(next, 0, &changes).unwrap()
    }

    fn without(state: State, name: &str) -> State {
        let key = EntityKey {
            kind: entity_key::Kind::User.into(),
            account_id: "1".to_owned(),
            name: name.to_owned(),
        };
        let next = state.revision() + 1;
        state.changed(next, 0, &[Change { kind: Some(change::Kind::Delete(key)) }]).unwrap()
    }

    #[test]
    fn what_is_whole_is_left_alone() {
        let state = with(State::default(), &[user("ann", "U1")], &[("K1", "U1"), ("K2", "1")]);
        assert_eq!(Integrity::default().check(&state), Vec::<String>::new());
    }

    #[test]
    fn an_id_that_is_gone_stays_gone() {
        let mut seen = Integrity::default();
        let state = with(State::default(), &[user("ann", "U1")], &[]);
        assert!(seen.check(&state).is_empty());
        let state = without(state, "ann");
        assert!(seen.check(&state).is_empty());
        let state = with(state, &[user("bob", "U1")], &[]);
        assert_eq!(seen.check(&state), ["U1 was gone and is there again"]);
    }

    #[test]
    fn what_refers_to_nothing_is_found() {
        let lost = User {
            attached_policies: vec!["arn:aws:iam::1:policy/p".to_owned()],
            group_ids: vec!["G1".to_owned()],
            ..user("ann", "U1")
        };
        let state = with(State::default(), &[lost, user("bob", "U1")], &[("K1", "U2")]);
        let found = Integrity::default().check(&state).join("\n");
        for what in ["policy/p, which", "group G1, which", "key of U2, who", "U1 is there twice"] {
            assert!(found.contains(what), "{what}: {found}");
        }
    }

    #[test]
    fn more_than_a_quota_is_found() {
        let keys = [("K1", "U1"), ("K2", "U1"), ("K3", "U1")];
        let state = with(State::default(), &[user("ann", "U1")], &keys);
        assert_eq!(Integrity::default().check(&state), ["U1: 3 of at most 2"]);
    }
}
