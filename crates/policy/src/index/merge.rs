//! Merging the indexes of policies.

use super::{
    ActionIndex, Unless,
    merged::{Exact, Merged, Others, Pattern, Service, Text, held_against},
    name::{Name, Shape},
    table::Table,
};
use crate::{
    action::{OddActions, RequestAction},
    hash::{hash, word_in},
};
use alloc::vec::Vec;
use core::ops::Range;

/// More pairs of written-out names and patterns of a service than that are not worked out: the
/// names are then looked at like patterns.
const MOST_PAIRS: usize = 1 << 14;

/// Some statements of a policy, and the bit of the first of them.
pub(crate) struct Run<'a> {
    pub index: &'a ActionIndex,
    pub statements: Range<u32>,
    pub first_bit: u32,
}

/// A name that a statement lists.
struct Listed<'a> {
    service: &'a [u8],
    name: &'a Name,
    arena: &'a [u8],
    bit: u64,
    is_negated: bool,
}

impl<'a> Listed<'a> {
    fn key(&self) -> (&'a [u8], Shape, &'a [u8]) {
        (self.service, self.name.shape, self.name.text(self.arena))
    }
}

#[derive(Default)]
struct Merging<'a> {
    elsewhere: u64,
    listed: Vec<Listed<'a>>,
    odd: Vec<(u64, OddActions)>,
    text: Vec<u8>,
    exact: Vec<Exact>,
    services: Vec<Service>,
    patterns: Vec<Pattern>,
}

/// Merges runs of statements, 64 in all at most.
pub(crate) fn merge(runs: &[Run<'_>]) -> Merged {
    let mut merging = Merging { text: [0].into(), ..Merging::default() };
    runs.iter().for_each(|run| merging.gather(run));
    let mut listed = core::mem::take(&mut merging.listed);
    listed.sort_by(|a, b| a.key().cmp(&b.key()));
    listed.chunk_by(|a, b| a.service == b.service).for_each(|group| merging.service(group));
    let mut exact = Table::with_room(merging.exact.len());
    merging.exact.into_iter().for_each(|entry| exact.insert(entry));
    let mut services = Table::with_room(merging.services.len());
    merging.services.into_iter().for_each(|entry| services.insert(entry));
    Merged {
        elsewhere: merging.elsewhere,
        exact,
        services,
        patterns: merging.patterns.into(),
        text: merging.text.into(),
        odd: merging.odd.into(),
    }
}

impl<'a> Merging<'a> {
    fn gather(&mut self, run: &Run<'a>) {
        let index = run.index;
        let bit = |statement: u32| {
            let place = statement.checked_sub(run.statements.start)?;
            run.statements.contains(&statement).then(|| 1 << (run.first_bit + place))
        };
        for always in &index.always {
            match (bit(always.candidate.statement), always.unless) {
                (Some(bit), Unless::Never | Unless::Listed) => self.elsewhere |= bit,
                (Some(bit), Unless::Odd(place)) => {
                    self.odd.push((bit, index.odd[place as usize].clone()));
                }
                (None, _) => {}
            }
        }
        for slot in index.slots.iter() {
            let start = slot.service_start as usize;
            let service = &index.text[start..start + slot.service_length as usize];
            let (listed, negated) = index.names_of(slot);
            let listed = listed.iter().map(|name| (name, false));
            for (name, is_negated) in listed.chain(negated.iter().map(|name| (name, true))) {
                if let Some(bit) = bit(name.statement) {
                    self.listed.push(Listed { service, name, arena: &index.text, bit, is_negated });
                }
            }
        }
    }

    /// Adds a service, given all that is listed of it, equal patterns side by side.
    fn service(&mut self, group: &[Listed<'a>]) {
        let service = group[0].service;
        let text = Text { start: self.text.len() as u32, length: service.len() as u32 };
        self.text.extend_from_slice(service);
        let first = self.patterns.len();
        let mut covering = self.elsewhere;
        let mut written_out: Vec<(&Listed<'a>, u64, u64)> = Vec::new();
        for equal in group.chunk_by(|a, b| a.key() == b.key()) {
            let of = |is_negated| {
                let listed = equal.iter().filter(|listed| listed.is_negated == is_negated);
                listed.fold(0, |bits, listed| bits | listed.bit)
            };
            let (adds, removes) = (of(false), of(true));
            let one = &equal[0];
            if one.name.is_every_name() {
                covering = (covering | adds) & !removes;
            } else if one.name.shape == Shape::Exact {
                written_out.push((one, adds, removes));
            } else {
                let name = one.name.copied(one.arena, &mut self.text);
                self.patterns.push(Pattern { name, adds, removes });
            }
        }
        let is_worked_out = written_out.len() * (self.patterns.len() - first) <= MOST_PAIRS;
        for (listed, adds, removes) in written_out {
            let name = listed.name.copied(listed.arena, &mut self.text);
            if !is_worked_out {
                self.patterns.push(Pattern { name, adds, removes });
                continue;
            }
            let action = RequestAction::of_halves(service, listed.name.text(listed.arena));
            let patterns = &self.patterns[first..];
            let covering = held_against(patterns, &self.text, covering | adds, &action) & !removes;
            let hash = action.hash();
            self.exact.push(Exact { hash, covering, service: text, of: name.place() });
        }
        let word = word_in(service, 0..service.len());
        let others = Others { word, first: first as u32, end: self.patterns.len() as u32 };
        let hash = hash(service);
        self.services.push(Service { hash, covering, service: text, of: others });
    }
}
