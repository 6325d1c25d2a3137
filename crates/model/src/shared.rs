//! What followers of some accounts get of a state: the accounts' entities, without secrets.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::v1::{self, change};
use crate::{AWS_ACCOUNT, Account, Digest, Record, Sealed, State, Table};

/// The account without what proves who its root user is, and without his address.
pub(crate) fn account(account: &v1::Account) -> v1::Account {
    v1::Account {
        account_id: account.account_id.clone(),
        name: account.name.clone(),
        alias: account.alias.clone(),
        created_ms: account.created_ms,
        ..Default::default()
    }
}

/// The key with the name of its secret's owner in place of the secret: what shows that a key opens something, and
/// nothing that opens it. A secret that is bound to somebody else opens nothing, so nothing stands in its place.
pub(crate) fn access_key(key: &v1::AccessKey) -> v1::AccessKey {
    let owner_id = || key.owner_id.clone();
    v1::AccessKey {
        id: key.id.clone(),
        account_id: key.account_id.clone(),
        owner_id: owner_id(),
        active: key.active,
        secret: key
            .sealed_secret()
            .map(|_| v1::SealedSecret { owner_id: owner_id(), ..Default::default() }),
        created_ms: key.created_ms,
        last_used: key.last_used.clone(),
    }
}

impl State {
    /// The digest of what followers of these accounts get: of the cell, of the AWS-named policies and of the accounts.
    /// Equal at both ends, however a follower came to what it holds.
    pub fn shared_digest(&self, accounts: &BTreeSet<String>) -> [u8; 32] {
        let cell = self.stored_cell().map(|cell| cell.digest()).unwrap_or_default();
        let known = followed(accounts).filter_map(|id| self.account(id));
        known.map(Account::shared_digest).fold(cell, Digest::with).to_bytes()
    }

    /// What leads a follower of these accounts from an earlier state to this one; without one, from nothing.
    ///
    /// INVARIANT: no secret is in it, sealed or not.
    pub fn shared_changes(
        &self,
        before: Option<&State>,
        accounts: &BTreeSet<String>,
    ) -> Vec<v1::Change> {
        let mut changes = Vec::new();
        let cell = self.stored_cell();
        if let Some(cell) = cell.filter(|cell| before.and_then(State::stored_cell) != Some(cell)) {
            changes.push(put(cell.record()));
        }
        for id in followed(accounts) {
            let old = before.and_then(|before| before.shared_account(id));
            match (old, self.shared_account(id)) {
                (Some(old), Some(new)) if Arc::ptr_eq(old, new) => {}
                (old, Some(new)) => account_changes(old.map(AsRef::as_ref), new, &mut changes),
                (Some(old), None) => changes.push(delete(old.record())),
                (None, None) => {}
            }
        }
        changes
    }
}

fn followed(accounts: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    let named = accounts.iter().map(String::as_str).filter(|id| *id != AWS_ACCOUNT);
    std::iter::once(AWS_ACCOUNT).chain(named)
}

fn account_changes(old: Option<&Account>, new: &Account, changes: &mut Vec<v1::Change>) {
    if old.map(Account::stored_record) != Some(new.stored_record()) {
        changes.push(put(new.record()));
    }
    table_changes(old.map(Account::policies), new.policies(), changes);
    table_changes(old.map(Account::groups), new.groups(), changes);
    table_changes(old.map(Account::users), new.users(), changes);
    table_changes(old.map(Account::roles), new.roles(), changes);
    table_changes(old.map(Account::profiles), new.profiles(), changes);
    table_changes(old.map(Account::keys), new.keys(), changes);
}

/// What goes comes first: an entity that was renamed is known by its id, and must be found by its new name.
fn table_changes<R: Record>(old: Option<&Table<R>>, new: &Table<R>, changes: &mut Vec<v1::Change>) {
    let empty = Table::default();
    let old = old.unwrap_or(&empty);
    let gone = new.differences(old).filter(|(_, new)| new.is_none());
    changes.extend(gone.filter_map(|(old, _)| old).map(|old| delete(old.record())));
    let come = new.differences(old).filter_map(|(_, new)| new);
    changes.extend(come.map(|new| put(new.record())));
}

fn put<R: Record>(record: &R) -> v1::Change {
    v1::Change { kind: Some(change::Kind::Put(record.shared().into_entity())) }
}

fn delete<R: Record>(record: &R) -> v1::Change {
    v1::Change { kind: Some(change::Kind::Delete(record.entity_key())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::entity;

    const ONE: &str = "111111111111";
    const TWO: &str = "222222222222";

    fn sealed(owner_id: &str) -> Option<v1::SealedSecret> {
        Some(v1::SealedSecret {
            key_id: "canary".into(),
            nonce: "canary".into(),
            ciphertext: "canary".into(),
            owner_id: owner_id.to_owned(),
        })
    }

    fn key(account_id: &str, id: &str, bound_to: &str) -> v1::Entity {
        v1::AccessKey {
            id: id.to_owned(),
            account_id: account_id.to_owned(),
            owner_id: account_id.to_owned(),
            active: true,
            secret: sealed(bound_to),
            ..Default::default()
        }
        .into_entity()
    }

    fn user(account_id: &str, name: &str, id: &str) -> v1::Entity {
        let (account_id, name, id) = (account_id.to_owned(), name.to_owned(), id.to_owned());
        v1::User { account_id, name, id, ..Default::default() }.into_entity()
    }

    fn account_of(id: &str) -> v1::Entity {
        v1::Account {
            account_id: id.to_owned(),
            email: format!("canary-{id}@example.com"),
            root_password_hash: "canary".to_owned(),
            ..Default::default()
        }
        .into_entity()
    }

    fn whole() -> State {
        let cell = v1::Cell { cell_id: "CELL".to_owned(), ..Default::default() };
        let operator = v1::OperatorKey { secret: sealed(""), ..Default::default() };
        let entities = [
            cell.into_entity(),
            operator.into_entity(),
            account_of(AWS_ACCOUNT),
            account_of(ONE),
            account_of(TWO),
            user(ONE, "alice", "AIDAONE"),
            user(TWO, "eve", "AIDATWO"),
            key(ONE, "AKIAONE", ONE),
            key(ONE, "AKIAFORGED", TWO),
            key(TWO, "AKIATWO", TWO),
        ];
        State::restore(7, 70, entities).unwrap()
    }

    fn accounts() -> BTreeSet<String> {
        BTreeSet::from([ONE.to_owned()])
    }

    fn follow(held: State, before: Option<&State>, state: &State) -> State {
        let changes = state.shared_changes(before, &accounts());
        let held = held.changed(state.revision(), state.time_ms(), &changes).unwrap();
        assert_eq!(held.shared_digest(&accounts()), state.shared_digest(&accounts()));
        held
    }

    #[test]
    fn a_follower_gets_its_accounts_and_no_secret() {
        let state = whole();
        let told = format!("{:?}", state.shared_changes(None, &accounts()));
        assert!(told.contains("AKIAONE") && told.contains("CELL"));
        for other in ["canary", "AKIATWO", "AIDATWO", TWO] {
            assert!(!told.contains(other), "{other}: {told}");
        }
        let held = follow(State::default(), None, &state);
        assert!(held.account(ONE).is_some() && held.account(TWO).is_none());
        assert!(held.access_key("AKIAONE").unwrap().1.sealed_secret().is_some());
        let forged = held.access_key("AKIAFORGED").unwrap().1;
        assert!(forged.sealed_secret().is_none(), "a key that opens nothing opens nothing here");
    }

    #[test]
    fn every_change_leads_to_the_same_digest() {
        let state = whole();
        let mut held = follow(State::default(), None, &state);
        let renamed = user(ONE, "alicia", "AIDAONE");
        let gone = |entity: v1::Entity| match entity.kind {
            Some(entity::Kind::User(user)) => user.entity_key(),
            Some(entity::Kind::AccessKey(key)) => key.entity_key(),
            Some(entity::Kind::Account(account)) => account.entity_key(),
            _ => panic!("no such entity here"),
        };
        let put = |entity: v1::Entity| v1::Change { kind: Some(change::Kind::Put(entity)) };
        let delete =
            |entity: v1::Entity| v1::Change { kind: Some(change::Kind::Delete(gone(entity))) };
        let steps = [
            vec![delete(user(ONE, "alice", "AIDAONE")), put(renamed)],
            vec![put(key(ONE, "AKIANEW", ONE)), delete(key(ONE, "AKIAONE", ONE))],
            vec![put(user(TWO, "mallory", "AIDAMALLORY"))],
            vec![delete(account_of(ONE))],
            vec![put(account_of(ONE)), put(user(ONE, "alice", "AIDANEW"))],
        ];
        let mut before = state;
        for (at, step) in steps.into_iter().enumerate() {
            let revision = before.revision() + 1;
            let next = before.clone().changed(revision, 100 + at as u64, &step).unwrap();
            held = follow(held, Some(&before), &next);
            before = next;
            if at == 0 {
                let account = held.account(ONE).unwrap();
                assert_eq!(account.user_by_id("AIDAONE").unwrap().name, "alicia");
            }
            if at == 2 {
                let changes = before.shared_changes(Some(&before.clone()), &accounts());
                assert!(changes.is_empty());
            }
        }
        assert!(held.access_key("AKIANEW").is_none(), "it went with its account");
    }

    /// A field that is added to an entity goes to every follower: it is to be looked at before it is listed here.
    #[test]
    fn every_field_that_followers_get_has_been_looked_at() {
        let listed = [
            ("Cell", "cell_id created_ms max_staleness_ms clock_drift_ppm counted terms_revision"),
            (
                "User",
                "account_id name path id created_ms tags inline_policies attached_policies boundary group_ids",
            ),
            ("Group", "account_id name path id created_ms inline_policies attached_policies"),
            (
                "Role",
                "account_id name path id created_ms tags inline_policies attached_policies boundary trust_policy \
                 principal_bindings description max_session_s last_used",
            ),
            (
                "ManagedPolicy",
                "account_id name path id created_ms updated_ms description tags versions default_version next_version",
            ),
            ("InstanceProfile", "account_id name path id created_ms tags role_id"),
        ];
        for (name, fields) in listed {
            let message = format!("bailiwick.model.v1.{name}");
            let message = schema::DESCRIPTORS.get_message_by_name(&message).unwrap();
            let known: Vec<_> = message.fields().map(|field| field.name().to_owned()).collect();
            assert_eq!(known.join(" "), fields, "{name}");
        }
    }
}
