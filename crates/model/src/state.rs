//! The state of a cell at a revision: an immutable value.

use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;

use crate::account::InAccount;
use crate::arn::{self, HasArn};
use crate::v1::{self, change, entity, entity_key};
use crate::{Account, Digest, Name, Record, Stored, Table};

/// Everything a cell knows, at one revision. Cloning is O(1).
///
/// INVARIANT: two states that hold the same entities have the same digest, whatever changes led to them.
#[derive(Clone, Default)]
pub struct State {
    revision: u64,
    time_ms: u64,
    digest: Digest,
    cell: Option<Arc<Stored<v1::Cell>>>,
    operator_keys: Table<v1::OperatorKey>,
    accounts: Arc<Accounts>,
    key_accounts: OrdMap<Name, Name>,
    aliases: OrdMap<Name, Name>,
    emails: OrdMap<Name, Name>,
}

/// The accounts of a state by their ids.
pub(crate) type Accounts = OrdMap<Name, Arc<Account>>;

/// A snapshot that does not make a whole: an entity of an account that it does not have, or a kind unknown here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CorruptSnapshot(pub String);

impl fmt::Display for CorruptSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrupt snapshot: {}", self.0)
    }
}

impl std::error::Error for CorruptSnapshot {}

impl State {
    /// Index of the last entry folded into this state.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Time of the last stamp, milliseconds since the Unix epoch; it never goes back.
    pub fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// The digest of everything held; equal on every node at equal revisions.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.to_bytes()
    }

    /// The cell, once it is initialized.
    pub fn cell(&self) -> Option<&v1::Cell> {
        self.cell.as_deref().map(Stored::record)
    }

    /// The operator's keys.
    pub fn operator_keys(&self) -> &Table<v1::OperatorKey> {
        &self.operator_keys
    }

    /// An account by its id.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id).map(Arc::as_ref)
    }

    pub(crate) fn stored_cell(&self) -> Option<&Stored<v1::Cell>> {
        self.cell.as_deref()
    }

    pub(crate) fn shared_account(&self, id: &str) -> Option<&Arc<Account>> {
        self.accounts.get(id)
    }

    pub(crate) fn shared_accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    /// All accounts in the order of their ids, the one of the AWS-named policies included.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values().map(Arc::as_ref)
    }

    /// The account of an alias.
    pub fn account_of_alias(&self, alias: &str) -> Option<&Account> {
        self.account(self.aliases.get(alias)?.as_str())
    }

    /// The account whose root user has an email address, whatever its case.
    pub fn account_of_email(&self, email: &str) -> Option<&Account> {
        self.account(self.emails.get(&Name::new(email))?.as_str())
    }

    /// An access key and the account that owns it.
    pub fn access_key(&self, id: &str) -> Option<(&Account, &Arc<Stored<v1::AccessKey>>)> {
        let account = self.account(self.key_accounts.get(id)?.as_str())?;
        Some((account, account.keys().get(id)?))
    }

    /// A managed policy by ARN: of the account it names, AWS-named ones included.
    pub fn managed_policy(&self, policy_arn: &str) -> Option<&Arc<Stored<v1::ManagedPolicy>>> {
        let (account, name) = arn::managed_policy(policy_arn)?;
        let policy = self.account(account)?.policies().named(name)?;
        (policy.has_arn(policy_arn)).then_some(policy)
    }

    /// This state as of a later revision and time, with nothing changed.
    #[must_use]
    pub fn advanced(mut self, revision: u64, time_ms: u64) -> Self {
        self.revision = revision;
        self.time_ms = self.time_ms.max(time_ms);
        self
    }

    /// This state with changes made, as of a later revision and time: what an entry does on a voter, and what the feed
    /// does on a replica. What no other clone of this state holds is changed in place.
    ///
    /// # Errors
    /// A change that does not fit (see [`CorruptSnapshot`]).
    pub fn changed(
        mut self,
        revision: u64,
        time_ms: u64,
        changes: &[v1::Change],
    ) -> Result<State, CorruptSnapshot> {
        for change in changes {
            match &change.kind {
                Some(change::Kind::Put(entity)) => self.put(entity.clone())?,
                Some(change::Kind::Delete(key)) => self.delete(key)?,
                None => return Err(CorruptSnapshot("a change of unknown kind".to_owned())),
            }
        }
        Ok(self.advanced(revision, time_ms))
    }

    /// Every entity, in an order that [`State::restore`] accepts.
    pub fn entities(&self) -> impl Iterator<Item = v1::Entity> + '_ {
        let cell = self.cell.iter().map(|cell| cell.record().clone().into_entity());
        let keys = self.operator_keys.values().map(|key| key.record().clone().into_entity());
        let accounts = self.accounts.values().flat_map(|account| {
            std::iter::once(account.record().clone().into_entity()).chain(account.entities())
        });
        cell.chain(keys).chain(accounts)
    }

    /// The state that holds just these entities.
    ///
    /// # Errors
    /// An entity that does not fit; the caller also compares the digest with what the snapshot claims.
    pub fn restore(
        revision: u64,
        time_ms: u64,
        entities: impl IntoIterator<Item = v1::Entity>,
    ) -> Result<State, CorruptSnapshot> {
        let mut state = State::default();
        for entity in entities {
            state.put(entity)?;
        }
        Ok(state.advanced(revision, time_ms))
    }

    /// Puts an entity in place of the one with its key.
    ///
    /// # Errors
    /// Its account does not exist, or it is of no known kind.
    pub fn put(&mut self, entity: v1::Entity) -> Result<(), CorruptSnapshot> {
        match entity.kind {
            Some(entity::Kind::Cell(cell)) => self.swap_cell(Some(cell)),
            Some(entity::Kind::OperatorKey(key)) => {
                self.operator_keys.swap(
                    &key.key(),
                    Some(Arc::new(Stored::new(key))),
                    &mut self.digest,
                );
            }
            Some(entity::Kind::Account(account)) => self.put_account(account),
            Some(entity::Kind::User(user)) => self.put_in_account(user)?,
            Some(entity::Kind::Group(group)) => self.put_in_account(group)?,
            Some(entity::Kind::Role(role)) => self.put_in_account(role)?,
            Some(entity::Kind::ManagedPolicy(policy)) => self.put_in_account(policy)?,
            Some(entity::Kind::InstanceProfile(profile)) => self.put_in_account(profile)?,
            Some(entity::Kind::AccessKey(key)) => {
                let (id, account) = (Name::exact(&key.id), Name::exact(&key.account_id));
                self.put_in_account(key)?;
                self.key_accounts.insert(id, account);
            }
            None => return Err(CorruptSnapshot("an entity of unknown kind".to_owned())),
        }
        Ok(())
    }

    /// Takes out the entity of a key; one that is not there is no error. An account goes with all it holds.
    ///
    /// # Errors
    /// Its account does not exist, or the kind is unknown.
    pub fn delete(&mut self, key: &v1::EntityKey) -> Result<(), CorruptSnapshot> {
        use entity_key::Kind;
        let name = Name::exact(&key.name);
        match key.kind() {
            Kind::Cell => self.swap_cell(None),
            Kind::OperatorKey => {
                self.operator_keys.swap(&name, None, &mut self.digest);
            }
            Kind::Account => self.delete_account(&name),
            Kind::User => self.delete_in_account::<v1::User>(key, &name)?,
            Kind::Group => self.delete_in_account::<v1::Group>(key, &name)?,
            Kind::Role => self.delete_in_account::<v1::Role>(key, &name)?,
            Kind::ManagedPolicy => self.delete_in_account::<v1::ManagedPolicy>(key, &name)?,
            Kind::InstanceProfile => self.delete_in_account::<v1::InstanceProfile>(key, &name)?,
            Kind::AccessKey => {
                self.delete_in_account::<v1::AccessKey>(key, &name)?;
                self.key_accounts.remove(&name);
            }
            Kind::Unspecified => return Err(CorruptSnapshot("a key of unknown kind".to_owned())),
        }
        Ok(())
    }

    fn put_in_account<R: InAccount>(&mut self, record: R) -> Result<(), CorruptSnapshot> {
        let stored = Arc::new(Stored::new(record));
        let (account, digest) = self.account_mut(stored.account_id())?;
        account.swap(&stored.key(), Some(Arc::clone(&stored)), digest);
        Ok(())
    }

    fn delete_in_account<R: InAccount>(
        &mut self,
        key: &v1::EntityKey,
        name: &Name,
    ) -> Result<(), CorruptSnapshot> {
        let (account, digest) = self.account_mut(&key.account_id)?;
        account.swap::<R>(name, None, digest);
        Ok(())
    }

    fn account_mut(&mut self, id: &str) -> Result<(&mut Account, &mut Digest), CorruptSnapshot> {
        let account = Arc::make_mut(&mut self.accounts).get_mut(id).ok_or_else(|| {
            CorruptSnapshot(format!("an entity of account {id}, which is not there"))
        })?;
        Ok((Arc::make_mut(account), &mut self.digest))
    }

    fn swap_cell(&mut self, cell: Option<v1::Cell>) {
        let new = cell.map(|cell| Arc::new(Stored::new(cell)));
        if let Some(new) = &new {
            self.digest = self.digest.with(new.digest());
        }
        if let Some(old) = std::mem::replace(&mut self.cell, new) {
            self.digest = self.digest.without(old.digest());
        }
    }

    fn put_account(&mut self, record: v1::Account) {
        let id = Name::exact(&record.account_id);
        let stored = Arc::new(Stored::new(record));
        if let Some(old) = self.accounts.get(&id).map(|account| account.stored_record().clone()) {
            self.forget_account_names(&old);
            self.digest = self.digest.without(old.digest());
        }
        if !stored.alias.is_empty() {
            self.aliases.insert(Name::exact(&stored.alias), id.clone());
        }
        if !stored.email.is_empty() {
            self.emails.insert(Name::new(&stored.email), id.clone());
        }
        self.digest = self.digest.with(stored.digest());
        let accounts = Arc::make_mut(&mut self.accounts);
        match accounts.get_mut(&id) {
            Some(account) => Arc::make_mut(account).set_record(stored),
            None => {
                accounts.insert(id, Arc::new(Account::new(stored)));
            }
        }
    }

    fn delete_account(&mut self, id: &Name) {
        let Some(account) = Arc::make_mut(&mut self.accounts).remove(id) else { return };
        for entity in account.entities() {
            self.digest = self.digest.without(Digest::of(&entity));
        }
        for key in account.keys().values() {
            self.key_accounts.remove(key.id.as_str());
        }
        let record = account.stored_record();
        self.forget_account_names(record);
        self.digest = self.digest.without(record.digest());
    }

    fn forget_account_names(&mut self, record: &v1::Account) {
        self.aliases.remove(record.alias.as_str());
        self.emails.remove(&Name::new(&record.email));
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("revision", &self.revision)
            .field("digest", &self.digest)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}
