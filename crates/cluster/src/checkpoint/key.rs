//! The keys under which a checkpoint keeps entities, and what many changes come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Record, State, Table};
use prost::Message;
use schema::model::v1::entity::Kind;
use schema::model::v1::{Entity, EntityKey, change, entity_key};
use schema::peer::v1::RevisionChanges;
use store::Changes;

/// Kind first, so that accounts are read back before what belongs to them; the number is written to
/// disk.
fn encode(key: &EntityKey) -> Vec<u8> {
    let kind = u8::try_from(key.kind).unwrap_or(u8::MAX);
    let mut bytes = Vec::with_capacity(2 + key.account_id.len() + key.name.len());
    bytes.push(kind);
    bytes.extend_from_slice(key.account_id.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(key.name.as_bytes());
    bytes
}

/// An entity as it is kept; nothing for one of a kind unknown here, which no state holds.
pub(super) fn entry(entity: Entity) -> Option<(Vec<u8>, Vec<u8>)> {
    Some((encode(&key_of(&entity)?), entity.encode_to_vec()))
}

fn key_of(entity: &Entity) -> Option<EntityKey> {
    Some(match entity.kind.as_ref()? {
        Kind::Cell(record) => record.entity_key(),
        Kind::OperatorKey(record) => record.entity_key(),
        Kind::Account(record) => record.entity_key(),
        Kind::User(record) => record.entity_key(),
        Kind::Group(record) => record.entity_key(),
        Kind::Role(record) => record.entity_key(),
        Kind::ManagedPolicy(record) => record.entity_key(),
        Kind::InstanceProfile(record) => record.entity_key(),
        Kind::AccessKey(record) => record.entity_key(),
    })
}

/// What revisions that follow `before` come to, each key once.
pub(super) fn collapse(before: &State, revisions: &[Arc<RevisionChanges>]) -> Changes {
    let mut net = Net::new();
    for change in revisions.iter().flat_map(|revision| &revision.changes) {
        match &change.kind {
            Some(change::Kind::Put(entity)) => {
                net.extend(key_of(entity).map(|key| (parts(key), Some(entity))));
            }
            Some(change::Kind::Delete(key)) => {
                if key.kind() == entity_key::Kind::Account {
                    forget_account(before, &key.name, &mut net);
                }
                net.insert(parts(key.clone()), None);
            }
            None => {}
        }
    }
    let net = net.into_iter().map(|((kind, account_id, name), entity)| {
        let key = encode(&EntityKey { kind, account_id, name });
        (key, entity.map(Entity::encode_to_vec))
    });
    net.collect()
}

/// The last word on each key: kind, account, name.
type Net<'a> = BTreeMap<(i32, String, String), Option<&'a Entity>>;

/// An account goes with all it holds, without a change for each.
fn forget_account(before: &State, id: &str, net: &mut Net<'_>) {
    for (_, entity) in net.iter_mut().filter(|((_, account, _), _)| account == id) {
        *entity = None;
    }
    let Some(account) = before.account(id) else { return };
    let held = keys(account.users())
        .chain(keys(account.groups()))
        .chain(keys(account.roles()))
        .chain(keys(account.policies()))
        .chain(keys(account.profiles()))
        .chain(keys(account.keys()));
    net.extend(held.map(|key| (parts(key), None)));
}

fn keys<R: Record>(table: &Table<R>) -> impl Iterator<Item = EntityKey> {
    table.values().map(|stored| stored.record().entity_key())
}

fn parts(key: EntityKey) -> (i32, String, String) {
    (key.kind, key.account_id, key.name)
}

#[cfg(test)]
mod tests {
    use schema::model::v1::{Account, Change, User};

    use super::*;

    fn account() -> Entity {
        let account = Account { account_id: "123456789012".into(), ..Account::default() };
        Entity { kind: Some(Kind::Account(account)) }
    }

    fn user(name: &str, path: &str) -> Entity {
        let (account_id, name, path) = ("123456789012".into(), name.into(), path.into());
        Entity { kind: Some(Kind::User(User { account_id, name, path, ..User::default() })) }
    }

    fn revisions(changes: &[change::Kind]) -> Vec<Arc<RevisionChanges>> {
        let each = changes.iter().map(|kind| {
            let changes = vec![Change { kind: Some(kind.clone()) }];
            Arc::new(RevisionChanges { changes, ..RevisionChanges::default() })
        });
        each.collect()
    }

    /// What the store holds after a commit is what the state holds.
    fn check(before: &State, changes: &[change::Kind]) {
        let revisions = revisions(changes);
        let all = revisions.iter().flat_map(|revision| revision.changes.clone());
        let after = before.clone().changed(9, 9, &all.collect::<Vec<_>>()).unwrap();
        let mut kept: BTreeMap<Vec<u8>, Vec<u8>> = before.entities().filter_map(entry).collect();
        for (key, value) in collapse(before, &revisions) {
            match value {
                Some(value) => kept.insert(key, value),
                None => kept.remove(&key),
            };
        }
        assert_eq!(kept, after.entities().filter_map(entry).collect());
        let mut restored = State::default();
        for entity in kept.values() {
            restored.put(Entity::decode(entity.as_slice()).unwrap()).unwrap();
        }
        assert_eq!(restored.digest(), after.digest());
    }

    #[test]
    fn a_checkpoint_holds_what_the_state_holds() {
        use change::Kind::{Delete, Put};
        let mut before = State::default();
        before.put(account()).unwrap();
        before.put(user("old", "/")).unwrap();
        let gone = |entity: &Entity| Delete(key_of(entity).unwrap());
        check(&before, &[Put(user("new", "/")), Put(user("new", "/a/"))]);
        check(&before, &[Put(user("new", "/")), gone(&user("new", "/")), gone(&user("old", "/"))]);
        check(&before, &[Put(user("new", "/")), gone(&account())]);
        check(&before, &[gone(&account()), Put(account()), Put(user("new", "/"))]);
    }
}
