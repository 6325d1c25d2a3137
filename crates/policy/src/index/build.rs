//! Building the index from the statements of a document.

use super::{ActionIndex, Candidate, Slot, name::Name, service_bit};
use crate::{
    action::{OddActions, is_every_action},
    document::{Listed, Statement},
    hash::{hash, word_in},
};
use alloc::{boxed::Box, vec, vec::Vec};
use core::ops::Range;

/// A name that a statement lists under a service.
struct Entry {
    hash: u64,
    service: Range<usize>,
    statement: usize,
    name: Name,
}

#[derive(Default)]
struct Builder {
    text: Vec<u8>,
    entries: Vec<Entry>,
    always: Vec<Candidate>,
    odd: Vec<OddActions>,
}

/// Builds the index of a document's statements.
pub(crate) fn build(statements: &[Statement]) -> ActionIndex {
    let mut builder = Builder::default();
    for (at, statement) in statements.iter().enumerate() {
        if let Some(listed) = &statement.action {
            builder.add(at, statement, listed);
        }
    }
    builder.finish(statements)
}

impl Builder {
    /// Adds a statement. An empty list covers nothing, even under `NotAction`.
    fn add(&mut self, at: usize, statement: &Statement, listed: &Listed) {
        let empty = candidate(at, statement, listed.negated, 0..0);
        if listed.values.iter().any(|pattern| is_every_action(&pattern.value)) {
            if !listed.negated {
                self.always.push(Candidate { negated: true, ..empty });
            }
            return;
        }
        let (text_length, entries_length) = (self.text.len(), self.entries.len());
        for pattern in &listed.values {
            let Some((service, name)) = pattern.value.split_once(':') else { continue };
            if service.contains(['*', '?']) {
                self.text.truncate(text_length);
                self.entries.truncate(entries_length);
                let place = self.odd.len() as u32;
                self.odd.push(OddActions::new(listed));
                self.always.push(Candidate { is_odd: true, start: place, ..empty });
                return;
            }
            let start = self.text.len();
            self.text.extend(service.bytes().map(|byte| byte.to_ascii_lowercase()));
            let service = start..self.text.len();
            let hash = hash(&self.text[service.clone()]);
            let name = Name::new(name, &mut self.text);
            self.entries.push(Entry { hash, service, statement: at, name });
        }
        if listed.negated && !listed.values.is_empty() {
            self.always.push(empty);
        }
    }

    fn finish(mut self, statements: &[Statement]) -> ActionIndex {
        let text = self.text;
        let service_of = |entry: &Entry| &text[entry.service.clone()];
        // Stable: the names of a service stay in the order of statements.
        self.entries
            .sort_by(|a, b| a.hash.cmp(&b.hash).then_with(|| service_of(a).cmp(service_of(b))));
        let same_service =
            |a: &Entry, b: &Entry| a.hash == b.hash && service_of(a) == service_of(b);
        let groups = self.entries.chunk_by(same_service).count();
        let mut slots = vec![Slot::default(); (2 * groups).next_power_of_two()];
        let (mut candidates, mut names, mut services) = (Vec::new(), Vec::new(), 0);
        for group in self.entries.chunk_by(same_service) {
            let start = candidates.len() as u32;
            for own in group.chunk_by(|a, b| a.statement == b.statement) {
                let first = names.len();
                names.extend(own.iter().map(|entry| entry.name));
                let statement = &statements[own[0].statement];
                let negated = statement.action.as_ref().is_some_and(|listed| listed.negated);
                candidates.push(candidate(
                    own[0].statement,
                    statement,
                    negated,
                    first..names.len(),
                ));
            }
            let Entry { hash, service, .. } = &group[0];
            services |= service_bit(*hash);
            let mask = slots.len() - 1;
            let mut at = *hash as usize & mask;
            while slots[at].end > slots[at].start {
                at = (at + 1) & mask;
            }
            slots[at] = Slot {
                hash: *hash,
                word: word_in(&text, service.clone()),
                service_start: service.start as u32,
                service_length: service.len() as u32,
                start,
                end: candidates.len() as u32,
            };
        }
        let services = if self.always.is_empty() { services } else { u64::MAX };
        ActionIndex {
            services,
            slots: slots.into(),
            candidates: candidates.into(),
            always: self.always.into(),
            names: names.into(),
            text: Box::from(text),
            odd: self.odd.into(),
        }
    }
}

fn candidate(at: usize, statement: &Statement, negated: bool, names: Range<usize>) -> Candidate {
    Candidate {
        statement: at as u32,
        effect: statement.effect,
        negated,
        is_odd: false,
        start: names.start as u32,
        end: names.end as u32,
    }
}
