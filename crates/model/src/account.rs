//! One account: its tables and the indexes derived from them.

mod index;

use std::sync::Arc;

use crate::{Ack, Digest, Name, Record, Stored, Table, v1};

pub use index::{Attached, Index};

/// An account's entities. Indexes change with the tables, in the same step, never in the background.
#[derive(Clone)]
pub struct Account {
    record: Arc<Stored<v1::Account>>,
    users: Table<v1::User>,
    groups: Table<v1::Group>,
    roles: Table<v1::Role>,
    policies: Table<v1::ManagedPolicy>,
    profiles: Table<v1::InstanceProfile>,
    keys: Table<v1::AccessKey>,
    index: Index,
    /// Of all its entities but its own record, as followers of the account get them.
    shared: Digest,
}

impl Account {
    pub(crate) fn new(record: Arc<Stored<v1::Account>>) -> Self {
        Account {
            record,
            users: Table::default(),
            groups: Table::default(),
            roles: Table::default(),
            policies: Table::default(),
            profiles: Table::default(),
            keys: Table::default(),
            index: Index::default(),
            shared: Digest::default(),
        }
    }

    /// The account's twelve digits.
    pub fn id(&self) -> &str {
        &self.record.account_id
    }

    /// What its writes wait for that ask for nothing themselves; `None`: what the front door says.
    pub fn ack(&self) -> Option<&Ack> {
        self.record.derived.as_ref()
    }

    /// The account's own record.
    pub fn record(&self) -> &v1::Account {
        &self.record
    }

    /// Its users.
    pub fn users(&self) -> &Table<v1::User> {
        &self.users
    }

    /// Its groups.
    pub fn groups(&self) -> &Table<v1::Group> {
        &self.groups
    }

    /// Its roles.
    pub fn roles(&self) -> &Table<v1::Role> {
        &self.roles
    }

    /// Its own managed policies.
    pub fn policies(&self) -> &Table<v1::ManagedPolicy> {
        &self.policies
    }

    /// Its instance profiles.
    pub fn profiles(&self) -> &Table<v1::InstanceProfile> {
        &self.profiles
    }

    /// Its access keys, by id.
    pub fn keys(&self) -> &Table<v1::AccessKey> {
        &self.keys
    }

    /// What is derived from the tables.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The user of a unique id.
    pub fn user_by_id(&self, id: &str) -> Option<&Arc<Stored<v1::User>>> {
        self.users.get(self.index.name_of(id)?).filter(|user| user.id == id)
    }

    /// The group of a unique id.
    pub fn group_by_id(&self, id: &str) -> Option<&Arc<Stored<v1::Group>>> {
        self.groups.get(self.index.name_of(id)?).filter(|group| group.id == id)
    }

    /// The role of a unique id.
    pub fn role_by_id(&self, id: &str) -> Option<&Arc<Stored<v1::Role>>> {
        self.roles.get(self.index.name_of(id)?).filter(|role| role.id == id)
    }

    /// The users in a group, by name.
    pub fn members(&self, group_id: &str) -> impl Iterator<Item = &Arc<Stored<v1::User>>> {
        self.index.members(group_id).filter_map(|name| self.users.get(name))
    }

    /// The instance profiles of a role, by name.
    pub fn profiles_of(
        &self,
        role_id: &str,
    ) -> impl Iterator<Item = &Arc<Stored<v1::InstanceProfile>>> {
        self.index.profiles(role_id).filter_map(|name| self.profiles.get(name))
    }

    /// The access keys of a user or of root, by id.
    pub fn keys_of(&self, owner_id: &str) -> impl Iterator<Item = &Arc<Stored<v1::AccessKey>>> {
        self.index.keys(owner_id).filter_map(|id| self.keys.get(id))
    }

    pub(crate) fn set_record(&mut self, record: Arc<Stored<v1::Account>>) {
        self.record = record;
    }

    pub(crate) fn stored_record(&self) -> &Arc<Stored<v1::Account>> {
        &self.record
    }

    /// Puts a record in place of the one with its key, or takes one out; tables, indexes and digest move together.
    pub(crate) fn swap<R: InAccount>(
        &mut self,
        key: &Name,
        new: Option<Arc<Stored<R>>>,
        digest: &mut Digest,
    ) {
        let old = R::table(self).swap(key, new.clone(), digest);
        if let Some(new) = &new {
            self.shared = self.shared.with(R::shared_digest(new));
        }
        if let Some(old) = &old {
            self.shared = self.shared.without(R::shared_digest(old));
        }
        let old = old.as_deref().map(Stored::record);
        R::reindex(&mut self.index, old, new.as_deref().map(Stored::record));
    }

    /// The digest of what followers of the account get of it.
    pub(crate) fn shared_digest(&self) -> Digest {
        self.shared.with(v1::Account::shared_digest(&self.record))
    }

    /// Every entity of the account but its own record, in a fixed order.
    pub(crate) fn entities(&self) -> impl Iterator<Item = v1::Entity> {
        fn of<R: Record>(table: &Table<R>) -> impl Iterator<Item = v1::Entity> {
            table.values().map(|stored| stored.record().clone().into_entity())
        }
        of(&self.policies)
            .chain(of(&self.groups))
            .chain(of(&self.users))
            .chain(of(&self.roles))
            .chain(of(&self.profiles))
            .chain(of(&self.keys))
    }

    /// The account's alias as a key, when it has one.
    pub fn alias(&self) -> Option<Name> {
        (!self.record.alias.is_empty()).then(|| Name::exact(&self.record.alias))
    }
}

/// A kind of entity that belongs to an account.
pub(crate) trait InAccount: Record {
    /// The table it is kept in.
    fn table(account: &mut Account) -> &mut Table<Self>;
    /// Brings the indexes up to date when one takes the place of another.
    fn reindex(index: &mut Index, old: Option<&Self>, new: Option<&Self>);
}

macro_rules! in_account {
    ($type:ident, $table:ident, $reindex:expr) => {
        impl InAccount for v1::$type {
            fn table(account: &mut Account) -> &mut Table<Self> {
                &mut account.$table
            }

            fn reindex(index: &mut Index, old: Option<&Self>, new: Option<&Self>) {
                let reindex: fn(&mut Index, Option<&Self>, Option<&Self>) = $reindex;
                reindex(index, old, new);
            }
        }
    };
}

in_account!(User, users, Index::user);
in_account!(Group, groups, Index::group);
in_account!(Role, roles, Index::role);
in_account!(ManagedPolicy, policies, |_, _, _| {});
in_account!(InstanceProfile, profiles, Index::profile);
in_account!(AccessKey, keys, Index::key);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    #[test]
    fn an_id_finds_its_own_kind_alone() {
        let account_id = || "123456789012".to_owned();
        let record = v1::Account { account_id: account_id(), ..Default::default() };
        let user = |id: &str| v1::User {
            account_id: account_id(),
            name: "same".to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let role = v1::Role {
            account_id: account_id(),
            name: "same".to_owned(),
            id: "AROAONE".to_owned(),
            ..Default::default()
        };
        let entities = [record.into_entity(), user("AIDAONE").into_entity(), role.into_entity()];
        let state = State::restore(1, 0, entities).unwrap();
        let account = state.account(&account_id()).unwrap();
        assert!(account.user_by_id("AIDAONE").is_some());
        assert!(account.role_by_id("AROAONE").is_some());
        assert!(account.user_by_id("AROAONE").is_none());
        assert!(account.role_by_id("AIDAONE").is_none());
        assert!(account.group_by_id("AIDAONE").is_none());
    }
}
