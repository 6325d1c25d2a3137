//! Building the index from the statements of a document.

use super::{
    ActionIndex, Always, Candidate, Slot, Table, Unless, arena::Arena, name::Name, service_place,
};
use crate::{
    Effect,
    action::{Halves, OddActions, is_every_action, is_service, lower_word},
    document::{Listed, Statement},
    hash::{hash_words, word_in},
};
use alloc::{vec, vec::Vec};
use core::ops::Range;

/// What statements are about, as bits.
#[derive(Default)]
struct Interest {
    services: u64,
    denied_services: u64,
    letters: u64,
}

impl Interest {
    fn add_services(&mut self, effect: Effect, services: u64) {
        self.services |= services;
        if effect == Effect::Deny {
            self.denied_services |= services;
        }
    }
}

/// A service that statements list.
struct Service {
    hash: u64,
    /// Its first eight bytes.
    word: u64,
    start: u32,
    length: u32,
}

/// Names of one service that a statement lists one after another.
struct Stretch {
    /// Twice the place of the service, plus one under `NotAction`.
    key: u32,
    /// Where they start in `names`, and where they end.
    start: u32,
    end: u32,
}

struct Builder {
    text: Arena,
    services: Vec<Service>,
    /// Places in `services`, each plus one, by hash: open addressing, half of them empty at least.
    places: Vec<u32>,
    /// Which names are listed of which service.
    stretches: Vec<Stretch>,
    names: Vec<Name>,
    interest: Interest,
    always: Vec<Always>,
    odd: Vec<OddActions>,
    is_irregular: bool,
}

/// Builds the index of a document's statements. Also tells whether each action is regular: a `*`,
/// or the name of a service, a colon and no other.
pub(crate) fn build(statements: &[Statement<'_>]) -> (ActionIndex, bool) {
    let listed = || statements.iter().filter_map(|statement| statement.action.as_ref());
    let names = listed().map(|listed| listed.values.len()).sum();
    let texts = listed().flat_map(|listed| &listed.values);
    let bytes = texts.map(|text| text.value.len()).sum();
    let mut builder = Builder::with_room(names, bytes);
    for (at, statement) in statements.iter().enumerate() {
        if let Some(listed) = &statement.action {
            let candidate = Candidate { statement: at as u32, effect: statement.effect };
            builder.add(candidate, listed);
        }
    }
    let is_regular = !builder.is_irregular;
    (builder.finish(), is_regular)
}

impl Builder {
    /// Room for so many names, as many services and all their texts.
    fn with_room(names: usize, bytes: usize) -> Self {
        Self {
            text: Arena::with_room(bytes),
            services: Vec::with_capacity(names),
            places: vec![0; (2 * names).next_power_of_two()],
            stretches: Vec::with_capacity(names),
            names: Vec::with_capacity(names),
            interest: Interest::default(),
            always: Vec::new(),
            odd: Vec::new(),
            is_irregular: false,
        }
    }

    /// Adds a statement. An empty list covers nothing, even under `NotAction`.
    fn add(&mut self, candidate: Candidate, listed: &Listed<'_>) {
        let (names, stretches) = (self.names.len(), self.stretches.len());
        if self.add_names(candidate, listed).is_some() {
            if listed.negated && !listed.values.is_empty() {
                self.always.push(Always { candidate, unless: Unless::Listed });
            }
            return;
        }
        self.names.truncate(names);
        self.stretches.truncate(stretches);
        let mut values = listed.values.iter().map(|text| &*text.value);
        self.is_irregular |= !values.clone().eq(["*"]);
        if !values.any(is_every_action) {
            let place = self.odd.len() as u32;
            self.odd.push(OddActions::new(listed));
            self.always.push(Always { candidate, unless: Unless::Odd(place) });
        } else if !listed.negated {
            self.always.push(Always { candidate, unless: Unless::Never });
        }
    }

    /// Adds the names that a statement lists; `None`, and perhaps some of them, when a pattern has
    /// wildcards in the service half or is no more than stars.
    fn add_names(&mut self, candidate: Candidate, listed: &Listed<'_>) -> Option<()> {
        let mut halves = Halves::default();
        for pattern in &listed.values {
            let action = pattern.value.as_bytes();
            let Some((name_start, is_last)) = halves.split(action) else {
                if is_every_action(&pattern.value) {
                    return None;
                }
                self.is_irregular = true;
                continue;
            };
            if !is_last {
                self.end_stretch();
                let service = self.service(action, name_start - 1)?;
                let hash = self.services[service as usize].hash;
                self.interest.add_services(candidate.effect, 1 << service_place(hash));
                let key = 2 * service + u32::from(listed.negated);
                let start = self.names.len() as u32;
                self.stretches.push(Stretch { key, start, end: start });
            }
            let put = self.text.put(action, name_start);
            let pattern = &action[name_start..];
            if !matches!(pattern[put.plain..], [] | [b'*']) {
                self.is_irregular |= pattern.contains(&b':');
            }
            let name = Name::new(pattern, &put, candidate);
            self.interest.letters |= name.letters();
            self.names.push(name);
        }
        self.end_stretch();
        Some(())
    }

    /// The place of the service at the start of an action; `None` with wildcards.
    fn service(&mut self, action: &[u8], length: usize) -> Option<u32> {
        // Words are read from the whole action, which costs less near the end of the service.
        let word_at = |at| lower_word(word_in(action, at..length));
        let (service, hash) = (&action[..length], hash_words(length, word_at));
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        while self.places[at] != 0 {
            let place = self.places[at] - 1;
            let known = &self.services[place as usize];
            let text = &self.text.written()[known.range()];
            if known.hash == hash && text.eq_ignore_ascii_case(service) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
        if !is_service(service) {
            self.is_irregular = true;
            if service.iter().any(|byte| matches!(byte, b'*' | b'?')) {
                return None;
            }
        }
        let (word, start) = (word_at(0), self.text.push(service) as u32);
        self.services.push(Service { hash, word, start, length: length as u32 });
        self.places[at] = self.services.len() as u32;
        Some(self.places[at] - 1)
    }

    /// Ends the last stretch with the last name.
    fn end_stretch(&mut self) {
        if let Some(stretch) = self.stretches.last_mut() {
            stretch.end = self.names.len() as u32;
        }
    }

    /// Brings the names into the order of services; under each they stay in that of statements.
    fn order(&mut self) {
        if self.stretches.is_sorted_by_key(|stretch| stretch.key) {
            return;
        }
        self.stretches.sort_unstable_by_key(|stretch| (stretch.key, stretch.start));
        let mut names = Vec::with_capacity(self.names.len());
        for stretch in &mut self.stretches {
            let start = names.len() as u32;
            names.extend_from_slice(&self.names[stretch.start as usize..stretch.end as usize]);
            (stretch.start, stretch.end) = (start, names.len() as u32);
        }
        self.names = names;
    }

    fn finish(mut self) -> ActionIndex {
        self.order();
        let mut slots = Table::with_room(self.services.len());
        for stretches in self.stretches.chunk_by(|a, b| a.key / 2 == b.key / 2) {
            let service = &self.services[stretches[0].key as usize / 2];
            let Service { hash, word, start: service_start, length: service_length } = *service;
            let (start, end) = (stretches[0].start, stretches[stretches.len() - 1].end);
            let negated = stretches
                .iter()
                .find(|stretch| stretch.key % 2 == 1)
                .map_or(end, |stretch| stretch.start);
            slots.insert(Slot { hash, word, service_start, service_length, start, negated, end });
        }
        for always in &self.always {
            self.interest.letters = u64::MAX;
            self.interest.add_services(always.candidate.effect, u64::MAX);
        }
        ActionIndex {
            services: self.interest.services,
            denied_services: self.interest.denied_services,
            letters: self.interest.letters,
            slots,
            names: self.names.into(),
            always: self.always.into(),
            text: self.text.into_folded(),
            odd: self.odd.into(),
        }
    }
}

impl Service {
    fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }
}
