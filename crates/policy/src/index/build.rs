//! Building the index from the statements of a document.

use super::{ActionIndex, Always, Candidate, Slot, Table, Unless, name::Name, service_place};
use crate::{
    Effect,
    action::{OddActions, first_colon, is_every_action},
    document::{Listed, Statement},
    hash::{hash, word_in},
};
use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

/// A name that a statement lists under a service.
struct Entry {
    hash: u64,
    service: Range<u32>,
    negated: bool,
    name: Name,
}

/// The services that statements are about, as bits.
#[derive(Default)]
struct Services {
    any: u64,
    denied: u64,
}

impl Services {
    fn add(&mut self, effect: Effect, bits: u64) {
        self.any |= bits;
        if effect == Effect::Deny {
            self.denied |= bits;
        }
    }
}

#[derive(Default)]
struct Builder {
    text: Vec<u8>,
    entries: Vec<Entry>,
    always: Vec<Always>,
    odd: Vec<OddActions>,
}

/// Builds the index of a document's statements.
pub(crate) fn build(statements: &[Statement<'_>]) -> ActionIndex {
    let mut builder = Builder::default();
    let listed = || statements.iter().filter_map(|statement| statement.action.as_ref());
    builder.entries.reserve(listed().map(|listed| listed.values.len()).sum());
    let bytes =
        |listed: &Listed<'_>| listed.values.iter().map(|text| text.value.len()).sum::<usize>();
    builder.text.reserve(listed().map(bytes).sum());
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
        let (text_length, entries_length) = (self.text.len(), self.entries.len());
        for pattern in &listed.values {
            let Some((service, name)) = halves(&pattern.value) else { continue };
            if service.contains(&b'*') || service.contains(&b'?') {
                self.text.truncate(text_length);
                self.entries.truncate(entries_length);
                let place = self.odd.len() as u32;
                self.odd.push(OddActions::new(listed));
                self.always.push(Always { candidate, unless: Unless::Odd(place) });
                return;
            }
            let (service, hash) = self.service(service);
            let name = Name::new(name, candidate, &mut self.text);
            self.entries.push(Entry { hash, service, negated: listed.negated, name });
        }
        if listed.negated && !listed.values.is_empty() {
            self.always.push(Always { candidate, unless: Unless::Listed });
        }
    }

    /// Where the text of a service stands, and its hash. Lists mostly go service by service.
    fn service(&mut self, written: &[u8]) -> (Range<u32>, u64) {
        if let Some(Entry { service, hash, .. }) = self.entries.last()
            && self.text[service.start as usize..service.end as usize].eq_ignore_ascii_case(written)
        {
            return (service.clone(), *hash);
        }
        let start = self.text.len();
        self.text.extend_from_slice(written);
        self.text[start..].make_ascii_lowercase();
        (start as u32..self.text.len() as u32, hash(&self.text[start..]))
    }

    fn finish(self) -> ActionIndex {
        let (text, entries) = (self.text, self.entries);
        let service_of =
            |entry: &Entry| &text[entry.service.start as usize..entry.service.end as usize];
        // Places instead of entries: those are large. The names of a service stay in the order of
        // statements.
        let mut order: Vec<(u64, u32)> =
            entries.iter().zip(0..).map(|(entry, at)| (entry.hash, at)).collect();
        order.sort_unstable_by(|(hash_a, at_a), (hash_b, at_b)| {
            hash_a.cmp(hash_b).then_with(|| {
                let (a, b) = (&entries[*at_a as usize], &entries[*at_b as usize]);
                let by_service = match a.service == b.service {
                    true => core::cmp::Ordering::Equal,
                    false => service_of(a).cmp(service_of(b)),
                };
                by_service.then(a.negated.cmp(&b.negated)).then(at_a.cmp(at_b))
            })
        });
        let entries: Vec<&Entry> = order.iter().map(|(_, at)| &entries[*at as usize]).collect();
        let same_service = |a: &&Entry, b: &&Entry| {
            a.hash == b.hash && (a.service == b.service || service_of(a) == service_of(b))
        };
        let groups = entries.chunk_by(same_service).count();
        let mut slots = Table::with_room(groups);
        let mut services = Services::default();
        let (mut start, mut letters) = (0, 0);
        for group in entries.chunk_by(same_service) {
            let Entry { hash, service, .. } = group[0];
            for entry in group {
                services.add(entry.name.effect, 1 << service_place(*hash));
                letters |= entry.name.letters();
            }
            let negated = group.partition_point(|entry| !entry.negated) as u32;
            let end = start + group.len() as u32;
            slots.insert(Slot {
                hash: *hash,
                word: word_in(&text, service.start as usize..service.end as usize),
                service_start: service.start,
                service_length: service.end - service.start,
                start,
                negated: start + negated,
                end,
            });
            start = end;
        }
        for always in &self.always {
            services.add(always.candidate.effect, u64::MAX);
            letters = u64::MAX;
        }
        ActionIndex {
            services: services.any,
            denied_services: services.denied,
            letters,
            slots,
            names: entries.iter().map(|entry| entry.name).collect(),
            always: self.always.into(),
            text: Box::from(text),
            odd: self.odd.into(),
        }
    }
}

/// The halves of a pattern; `None` without a colon.
fn halves(pattern: &str) -> Option<(&[u8], &[u8])> {
    let bytes = pattern.as_bytes();
    let colon = first_colon(bytes)?;
    Some((&bytes[..colon], &bytes[colon + 1..]))
}
