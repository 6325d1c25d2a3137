//! A policy's actions, indexed by service and name: which statements a request must look at.

mod build;
mod name;

pub(crate) use build::build;

use crate::{
    Effect,
    action::{OddActions, RequestAction},
    hash::WORD_BYTES,
};
use alloc::boxed::Box;
use name::Name;

/// The index. Statements that name services stand under each service they name, all others under
/// `always`; one that stands under both, as with `NotAction`, counts where its service is.
#[derive(Debug, Clone)]
pub(crate) struct ActionIndex {
    /// A bit for the hash of each service: most policies say nothing of most services. All bits,
    /// when a statement is about all.
    services: u64,
    /// Open addressing; as many as a power of two, at least half of them empty.
    slots: Box<[Slot]>,
    candidates: Box<[Candidate]>,
    always: Box<[Candidate]>,
    names: Box<[Name]>,
    /// The texts of services and names, in lower case.
    text: Box<[u8]>,
    odd: Box<[OddActions]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// The first eight bytes of the service.
    word: u64,
    service_start: u32,
    service_length: u32,
    start: u32,
    end: u32,
}

/// A statement that may cover an action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its index in the policy.
    pub statement: u32,
    pub effect: Effect,
    /// Whether it covers the actions that its names do not match.
    negated: bool,
    /// Whether `start` is the place of an odd element instead.
    is_odd: bool,
    start: u32,
    end: u32,
}

/// The statements of a policy that cover an action, in order.
pub(crate) struct Covering<'a> {
    index: &'a ActionIndex,
    action: &'a RequestAction,
    own: &'a [Candidate],
    always: &'a [Candidate],
}

impl ActionIndex {
    /// The statements that cover an action.
    #[inline]
    pub(crate) fn covering<'a>(&'a self, action: &'a RequestAction) -> Covering<'a> {
        let own = if self.may_cover(action) { self.find(action) } else { &[] };
        Covering { index: self, action, own, always: &self.always }
    }

    /// Whether it is worth while to look.
    #[inline]
    pub(crate) fn may_cover(&self, action: &RequestAction) -> bool {
        self.services & service_bit(action.service_hash) != 0
    }

    fn find(&self, action: &RequestAction) -> &[Candidate] {
        let mask = self.slots.len() - 1;
        let mut at = action.service_hash as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.start == slot.end {
                return &[];
            }
            if slot.hash == action.service_hash && self.is_named(slot, action) {
                return &self.candidates[slot.start as usize..slot.end as usize];
            }
            at = (at + 1) & mask;
        }
    }

    fn is_named(&self, slot: &Slot, action: &RequestAction) -> bool {
        let (start, length) = (slot.service_start as usize, slot.service_length as usize);
        let service = action.service();
        slot.word == action.service_word
            && service.len() == length
            && (length <= WORD_BYTES || *service == self.text[start..start + length])
    }

    fn covers(&self, candidate: &Candidate, action: &RequestAction) -> bool {
        if candidate.is_odd {
            return self.odd[candidate.start as usize].cover(action);
        }
        let names = &self.names[candidate.start as usize..candidate.end as usize];
        names.iter().any(|name| name.matches(action, &self.text)) != candidate.negated
    }
}

impl Iterator for Covering<'_> {
    type Item = Candidate;

    #[inline]
    fn next(&mut self) -> Option<Candidate> {
        loop {
            let candidate = match (self.own.split_first(), self.always.split_first()) {
                (Some((own, rest)), Some((always, others))) => {
                    if own.statement <= always.statement {
                        self.own = rest;
                        if own.statement == always.statement {
                            self.always = others;
                        }
                        own
                    } else {
                        self.always = others;
                        always
                    }
                }
                (Some((own, rest)), None) => {
                    self.own = rest;
                    own
                }
                (None, Some((always, rest))) => {
                    self.always = rest;
                    always
                }
                (None, None) => return None,
            };
            if self.index.covers(candidate, self.action) {
                return Some(*candidate);
            }
        }
    }
}

/// One of 64 bits, by the end of the hash that `find` does not look at.
fn service_bit(hash: u64) -> u64 {
    1 << (hash >> 58)
}

#[cfg(test)]
mod tests;
