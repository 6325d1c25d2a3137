//! Building the index from the statements of a document.

use super::{ActionIndex, Always, Candidate, Slot, Table, Unless, name::Name, service_place};
use crate::{
    Effect,
    action::{OddActions, first_colon, is_every_action},
    document::{Listed, Statement},
    hash::{hash, word_in},
};
use alloc::vec::Vec;
use core::ops::Range;

/// What statements are about, as bits.
#[derive(Default)]
struct Interest {
    services: u64,
    denied_services: u64,
    letters: u64,
}

impl Interest {
    fn add(&mut self, effect: Effect, services: u64, letters: u64) {
        self.services |= services;
        self.letters |= letters;
        if effect == Effect::Deny {
            self.denied_services |= services;
        }
    }
}

/// A service that statements list.
struct Service {
    hash: u64,
    start: u32,
    length: u32,
}

#[derive(Default)]
struct Builder {
    text: Vec<u8>,
    services: Vec<Service>,
    /// Places in `services`, each plus one, by hash: open addressing.
    places: Vec<u32>,
    /// Of each name twice the place of its service, plus one under `NotAction`.
    keys: Vec<u32>,
    names: Vec<Name>,
    interest: Interest,
    always: Vec<Always>,
    odd: Vec<OddActions>,
}

/// Builds the index of a document's statements.
pub(crate) fn build(statements: &[Statement<'_>]) -> ActionIndex {
    let mut builder = Builder::default();
    let listed = || statements.iter().filter_map(|statement| statement.action.as_ref());
    let values = listed().map(|listed| listed.values.len()).sum();
    builder.names.reserve_exact(values);
    builder.keys.reserve_exact(values);
    let bytes =
        |listed: &Listed<'_>| listed.values.iter().map(|text| text.value.len()).sum::<usize>();
    builder.text.reserve_exact(listed().map(bytes).sum());
    for (at, statement) in statements.iter().enumerate() {
        if let Some(listed) = &statement.action {
            let candidate = Candidate { statement: at as u32, effect: statement.effect };
            builder.add(candidate, listed);
        }
    }
    builder.finish()
}

impl Builder {
    /// Adds a statement. An empty list covers nothing, even under `NotAction`.
    fn add(&mut self, candidate: Candidate, listed: &Listed<'_>) {
        if listed.values.iter().any(|pattern| is_every_action(&pattern.value)) {
            if !listed.negated {
                self.always.push(Always { candidate, unless: Unless::Never });
            }
            return;
        }
        let before = self.names.len();
        let mut last = None;
        for pattern in &listed.values {
            let Some((service, name)) = halves(&pattern.value) else { continue };
            let place = match last {
                Some((written, place)) if written == service => place,
                _ if service.contains(&b'*') || service.contains(&b'?') => {
                    self.names.truncate(before);
                    self.keys.truncate(before);
                    let place = self.odd.len() as u32;
                    self.odd.push(OddActions::new(listed));
                    self.always.push(Always { candidate, unless: Unless::Odd(place) });
                    return;
                }
                _ => self.service(service),
            };
            last = Some((service, place));
            self.names.push(Name::new(name, candidate, &mut self.text));
            self.keys.push(2 * place + u32::from(listed.negated));
        }
        if listed.negated && !listed.values.is_empty() {
            self.always.push(Always { candidate, unless: Unless::Listed });
        }
    }

    /// The place of a service. Lists mostly go service by service, so it is seldom looked up.
    fn service(&mut self, written: &[u8]) -> u32 {
        let start = self.text.len();
        self.text.extend_from_slice(written);
        self.text[start..].make_ascii_lowercase();
        let hash = hash(&self.text[start..]);
        if 2 * self.services.len() >= self.places.len() {
            self.widen();
        }
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        while self.places[at] != 0 {
            let place = self.places[at] - 1;
            let known = &self.services[place as usize];
            if known.hash == hash && self.text[known.range()] == self.text[start..] {
                self.text.truncate(start);
                return place;
            }
            at = (at + 1) & mask;
        }
        let length = written.len() as u32;
        self.services.push(Service { hash, start: start as u32, length });
        self.places[at] = self.services.len() as u32;
        self.places[at] - 1
    }

    fn widen(&mut self) {
        let places = (4 * self.services.len()).next_power_of_two().max(16);
        self.places.clear();
        self.places.resize(places, 0);
        for (service, place) in self.services.iter().zip(1..) {
            let mut at = service.hash as usize & (places - 1);
            while self.places[at] != 0 {
                at = (at + 1) & (places - 1);
            }
            self.places[at] = place;
        }
    }

    /// Brings the names into the order of services; under each they stay in that of statements.
    fn order(&mut self) {
        if self.keys.is_sorted() {
            return;
        }
        let mut order: Vec<(u32, u32)> = self.keys.iter().copied().zip(0..).collect();
        order.sort_unstable();
        self.names = order.iter().map(|(_, at)| self.names[*at as usize]).collect();
        self.keys = order.iter().map(|(key, _)| *key).collect();
    }

    fn finish(mut self) -> ActionIndex {
        self.order();
        let mut slots = Table::with_room(self.services.len());
        let mut start = 0;
        for keys in self.keys.chunk_by(|a, b| a / 2 == b / 2) {
            let service = &self.services[keys[0] as usize / 2];
            let (hash, word) = (service.hash, word_in(&self.text, service.range()));
            let negated = start + keys.partition_point(|key| key % 2 == 0) as u32;
            let end = start + keys.len() as u32;
            for name in &self.names[start as usize..end as usize] {
                self.interest.add(name.effect, 1 << service_place(hash), name.letters());
            }
            let (service_start, service_length) = (service.start, service.length);
            slots.insert(Slot { hash, word, service_start, service_length, start, negated, end });
            start = end;
        }
        for always in &self.always {
            self.interest.add(always.candidate.effect, u64::MAX, u64::MAX);
        }
        ActionIndex {
            services: self.interest.services,
            denied_services: self.interest.denied_services,
            letters: self.interest.letters,
            slots,
            names: self.names.into(),
            always: self.always.into(),
            text: self.text.into(),
            odd: self.odd.into(),
        }
    }
}

impl Service {
    fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }
}

/// The halves of a pattern; `None` without a colon.
fn halves(pattern: &str) -> Option<(&[u8], &[u8])> {
    let bytes = pattern.as_bytes();
    let colon = first_colon(bytes)?;
    Some((&bytes[..colon], &bytes[colon + 1..]))
}
