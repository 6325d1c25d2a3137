//! The actions of some statements of many policies, indexed as one: a set of bits for each action.

use super::{
    name::Name,
    table::{Entry, Table},
};
use crate::{
    action::{OddActions, RequestAction},
    hash::WORD_BYTES,
};
use alloc::boxed::Box;

/// How many statements one index tells apart.
pub(crate) const MOST_STATEMENTS: usize = u64::BITS as usize;

/// The index. A bit stands for a statement. What covers a name that is written out somewhere is
/// worked out beforehand; any other name is held against the patterns of its service.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    /// What covers the actions of services that no statement lists.
    pub(super) elsewhere: u64,
    pub(super) exact: Table<Exact>,
    pub(super) services: Table<Service>,
    /// The patterns with wildcards, service by service.
    pub(super) patterns: Box<[Pattern]>,
    /// The texts of services and names, in lower case. None starts at 0, which stands for nothing.
    pub(super) text: Box<[u8]>,
    /// Statements with wildcards in the service half of a pattern, each with its bit.
    pub(super) odd: Box<[(u64, OddActions)]>,
}

/// A place in the texts of an index.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Text {
    pub start: u32,
    pub length: u32,
}

impl Text {
    #[inline]
    fn in_text(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.start as usize + self.length as usize]
    }
}

/// What is said of actions of a service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<T> {
    pub hash: u64,
    pub covering: u64,
    pub service: Text,
    /// Of which actions.
    pub of: T,
}

/// An action that is written out: its name.
pub(super) type Exact = Said<Text>;

/// All others of the service: what covers a name that no pattern matches.
pub(super) type Service = Said<Others>;

/// Actions that are not written out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Others {
    /// The first eight bytes of the service's name.
    pub word: u64,
    /// Its patterns.
    pub first: u32,
    pub end: u32,
}

/// A pattern for names, of all statements that list it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    pub name: Name,
    /// The statements that cover what it matches, and those that do not.
    pub adds: u64,
    pub removes: u64,
}

impl<T: Default> Entry for Said<T> {
    #[inline]
    fn hash(&self) -> u64 {
        self.hash
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.service.start == 0
    }
}

impl Merged {
    /// The statements that cover an action, given its hash.
    #[inline]
    pub(crate) fn covering(&self, action: &RequestAction<'_>, hash: u64) -> u64 {
        let covering = match self.exact.find(hash, |exact| self.is_exactly(exact, action)) {
            Some(exact) => exact.covering,
            None => self.by_patterns(action),
        };
        let odd = self.odd.iter().filter(|(_, odd)| odd.cover(action));
        odd.fold(covering, |covering, (bit, _)| covering | bit)
    }

    #[inline]
    fn is_exactly(&self, exact: &Exact, action: &RequestAction<'_>) -> bool {
        action.is(exact.service.in_text(&self.text), exact.of.in_text(&self.text))
    }

    fn by_patterns(&self, action: &RequestAction<'_>) -> u64 {
        let is_it = |service: &Service| self.is_named(service, action);
        match self.services.find(action.service_hash, is_it) {
            Some(service) => {
                let patterns = &self.patterns[service.of.first as usize..service.of.end as usize];
                held_against(patterns, &self.text, service.covering, action)
            }
            None => self.elsewhere,
        }
    }

    #[inline]
    fn is_named(&self, service: &Service, action: &RequestAction<'_>) -> bool {
        let length = service.service.length as usize;
        service.of.word == action.service_word
            && action.service_length() == length
            && (length <= WORD_BYTES || action.has_service(service.service.in_text(&self.text)))
    }
}

/// What covers an action, given what does where no pattern of its service matches.
#[inline]
pub(super) fn held_against(
    patterns: &[Pattern],
    text: &[u8],
    covering: u64,
    action: &RequestAction<'_>,
) -> u64 {
    let (mut covering, mut removed) = (covering, 0);
    for pattern in patterns {
        if pattern.name.may_match(action) && pattern.name.matches(action, text) {
            covering |= pattern.adds;
            removed |= pattern.removes;
        }
    }
    covering & !removed
}
