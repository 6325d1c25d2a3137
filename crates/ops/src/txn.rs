//! A transaction: the state before one entry, and the changes that the entry makes.

use model::id::{self, Prefix};
use model::v1::{self, change};
use model::{Account, Record, State};
use schema::Fault;

use crate::{Principal, View};

/// What a writing operation works in. Changes are collected, and made after the operation has succeeded: what it
/// reads is the state before all of them.
pub struct Txn<'a> {
    state: &'a State,
    changes: Vec<v1::Change>,
    entry: &'a v1::Entry,
    stamp: &'a v1::Stamp,
    principal: &'a Principal,
    context: &'a v1::RequestContext,
    revision: u64,
    ids: u32,
}

impl<'a> Txn<'a> {
    pub(crate) fn new(
        state: &'a State,
        entry: &'a v1::Entry,
        stamp: &'a v1::Stamp,
        context: &'a v1::RequestContext,
        principal: &'a Principal,
        revision: u64,
    ) -> Self {
        Txn { state, changes: Vec::new(), entry, stamp, principal, context, revision, ids: 0 }
    }

    /// The state as the caller sees it.
    pub fn view(&self) -> View<'a> {
        View {
            state: self.state,
            principal: self.principal,
            context: self.context,
            now_ms: self.now_ms(),
        }
    }

    /// The state.
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// The caller's account.
    pub fn account(&self) -> &'a Account {
        self.view().account()
    }

    /// The caller's account id.
    pub fn account_id(&self) -> String {
        self.principal.account_id.clone()
    }

    /// Who asks.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// The stamp's time, milliseconds since the Unix epoch, never before that of an earlier entry.
    pub fn now_ms(&self) -> u64 {
        self.stamp.time_ms.max(self.state.time_ms())
    }

    /// The revision this entry makes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The leader's random bytes.
    pub fn seed(&self) -> &'a [u8] {
        &self.stamp.seed
    }

    /// The secret that the front door sealed for this entry, which must be bound to its owner.
    ///
    /// # Errors
    /// `ConcurrentModification` when the owner that the front door saw is not the one that is there now.
    pub fn sealed_for(&self, owner_id: &str) -> Result<v1::SealedSecret, Fault> {
        match &self.entry.sealed {
            Some(sealed) if sealed.owner_id == owner_id => Ok(sealed.clone()),
            _ => Err(Fault::new(
                "ConcurrentModification",
                "The owner of the secret changed while the request was under way. Try again.",
            )),
        }
    }

    /// A new unique id; each call gives another.
    pub fn new_id(&mut self, prefix: Prefix) -> String {
        let nth = self.ids;
        self.ids += 1;
        id::unique_id(prefix, self.revision, &self.stamp.seed, nth)
    }

    /// Puts an entity in place of the one with its key.
    ///
    /// INVARIANT: operations put and delete entities only in accounts that exist, or that they put before.
    pub fn put<R: Record>(&mut self, record: R) {
        self.changes.push(v1::Change { kind: Some(change::Kind::Put(record.into_entity())) });
    }

    /// Takes an entity out.
    pub fn delete<R: Record>(&mut self, record: &R) {
        self.changes.push(v1::Change { kind: Some(change::Kind::Delete(record.entity_key())) });
    }

    pub(crate) fn finish(self) -> Vec<v1::Change> {
        self.changes
    }
}
