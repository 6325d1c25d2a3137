//! A policy's actions, indexed by service and name: which statements a request must look at.

mod arena;
mod build;
mod merge;
mod merged;
mod name;
mod table;

pub(crate) use build::build;
pub(crate) use merge::{Run, merge};
pub(crate) use merged::{MOST_STATEMENTS, Merged};

use crate::{
    Effect,
    action::{OddActions, RequestAction},
    hash::WORD_BYTES,
};
use alloc::boxed::Box;
use name::Name;
use table::{Entry, Table};

/// The index. Statements that list actions stand under each service they list; those that cover
/// actions of services that they do not list stand in `always`.
#[derive(Debug, Clone)]
pub(crate) struct ActionIndex {
    /// A bit for the hash of each service: most policies say nothing of most services. All bits,
    /// when a statement is about all.
    services: u64,
    /// The same, of the statements that deny.
    denied_services: u64,
    /// A bit for the first letter of each name, under whatever service; all bits, when a statement
    /// is about names with any first letter.
    letters: u64,
    slots: Table<Slot>,
    /// The names that statements list, service by service, in the order of statements.
    names: Box<[Name]>,
    always: Box<[Always]>,
    /// The texts of services and names, in lower case.
    text: Box<[u8]>,
    odd: Box<[OddActions]>,
}

/// What is listed of a service.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// The first eight bytes of the service.
    word: u64,
    service_start: u32,
    service_length: u32,
    /// Where its names start, where those under `NotAction` do, and where they end.
    start: u32,
    negated: u32,
    end: u32,
}

impl Entry for Slot {
    #[inline]
    fn hash(&self) -> u64 {
        self.hash
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// A statement that covers an action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its index in the policy.
    pub statement: u32,
    pub effect: Effect,
}

/// A statement that may cover actions of any service.
#[derive(Debug, Clone, Copy)]
struct Always {
    candidate: Candidate,
    unless: Unless,
}

/// What a statement in `always` does not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unless {
    /// Nothing.
    Never,
    /// The names that it lists.
    Listed,
    /// What the odd element at this place says.
    Odd(u32),
}

impl ActionIndex {
    /// Whether it is worth while to look for statements of either effect.
    #[inline]
    pub(crate) fn may_cover(&self, action: &RequestAction<'_>) -> bool {
        self.is_among(self.services, action)
    }

    /// Whether it is worth while to look for statements that deny.
    #[inline]
    pub(crate) fn may_deny(&self, action: &RequestAction<'_>) -> bool {
        self.is_among(self.denied_services, action)
    }

    #[inline]
    fn is_among(&self, services: u64, action: &RequestAction<'_>) -> bool {
        let service = services >> service_place(action.service_hash);
        let letter = self.letters >> letter_place(action.name_word);
        service & letter & 1 != 0
    }

    /// Hands over the statements that cover an action, in order, until `visit` fails.
    #[inline]
    pub(crate) fn covering<E>(
        &self,
        action: &RequestAction<'_>,
        mut visit: impl FnMut(Candidate) -> Result<(), E>,
    ) -> Result<(), E> {
        let (listed, negated) = self.find(action);
        let mut always = &*self.always;
        let mut last = u32::MAX;
        for name in listed {
            if !name.may_match(action)
                || last == name.statement
                || !name.matches(action, &self.text)
            {
                continue;
            }
            last = name.statement;
            while let [first, rest @ ..] = always
                && first.candidate.statement < name.statement
            {
                always = rest;
                if self.is_covered(first, negated, action) {
                    visit(first.candidate)?;
                }
            }
            visit(Candidate { statement: name.statement, effect: name.effect })?;
        }
        for first in always {
            if self.is_covered(first, negated, action) {
                visit(first.candidate)?;
            }
        }
        Ok(())
    }

    /// The names listed under the action's service, and those under `NotAction`.
    #[inline]
    fn find(&self, action: &RequestAction<'_>) -> (&[Name], &[Name]) {
        match self.slots.find(action.service_hash, |slot| self.is_named(slot, action)) {
            Some(slot) => self.names_of(slot),
            None => (&[], &[]),
        }
    }

    #[inline]
    fn names_of(&self, slot: &Slot) -> (&[Name], &[Name]) {
        let names = &self.names[slot.start as usize..slot.end as usize];
        names.split_at((slot.negated - slot.start) as usize)
    }

    #[inline]
    fn is_named(&self, slot: &Slot, action: &RequestAction<'_>) -> bool {
        let (start, length) = (slot.service_start as usize, slot.service_length as usize);
        slot.word == action.service_word
            && action.service_length() == length
            && (length <= WORD_BYTES || action.has_service(&self.text[start..start + length]))
    }

    #[inline]
    fn is_covered(&self, always: &Always, negated: &[Name], action: &RequestAction<'_>) -> bool {
        match always.unless {
            Unless::Never => true,
            Unless::Listed => !negated.iter().any(|name| {
                name.statement == always.candidate.statement
                    && name.may_match(action)
                    && name.matches(action, &self.text)
            }),
            Unless::Odd(place) => self.odd[place as usize].cover(action),
        }
    }
}

/// One of 64 places, by the end of the hash that `find` does not look at.
const fn service_place(hash: u64) -> u32 {
    (hash >> 58) as u32
}

/// One of 64 places, by the first letter of a name in lower case.
const fn letter_place(name_word: u64) -> u32 {
    (name_word & 63) as u32
}

#[cfg(test)]
mod tests;
