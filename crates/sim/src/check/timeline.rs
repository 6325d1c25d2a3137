//! The world at every revision, by the tiny model.

use std::collections::BTreeMap;

use crate::history::{Call, History};
use crate::world::{Said, World};

/// Worlds by the revision of the write that made them, and what each write should have been answered.
#[derive(Default)]
pub(crate) struct Timeline {
    /// The one before the first write.
    empty: World,
    worlds: BTreeMap<u64, World>,
    answers: BTreeMap<u64, Said>,
}

impl Timeline {
    /// Replays the log. Entries that no client of the run asked for change no user.
    pub(crate) fn of(history: &History) -> Self {
        let asked: BTreeMap<&str, &Call> =
            history.calls.iter().map(|call| (call.request_id.as_str(), call)).collect();
        let mut world = World::default();
        let mut timeline = Timeline::default();
        for (revision, logged) in &history.log {
            let call = asked.get(logged.request_id.as_str());
            if let Some(write) = call.and_then(|call| call.write()) {
                timeline.answers.insert(*revision, world.write(write));
                timeline.worlds.insert(*revision, world.clone());
            }
        }
        timeline
    }

    /// The world as of a revision.
    pub(crate) fn at(&self, revision: u64) -> &World {
        let newest = self.worlds.range(..=revision).next_back();
        newest.map_or(&self.empty, |(_, world)| world)
    }

    /// The worlds from one revision to another, both included, each with the first of these revisions at which it was.
    pub(crate) fn between(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &World)> {
        let later = match from < to {
            true => Some(self.worlds.range(from + 1..=to)),
            false => None,
        };
        let later = later.into_iter().flatten().map(|(revision, world)| (*revision, world));
        [(from, self.at(from))].into_iter().chain(later)
    }

    /// Whether the entry of a revision is a write that was done.
    pub(crate) fn changes(&self, revision: u64) -> bool {
        self.answers.get(&revision).is_some_and(|said| !matches!(said, Said::Fault(_)))
    }

    /// What the write at a revision should have been answered; nothing when there is none.
    pub(crate) fn answer(&self, revision: u64) -> Option<&Said> {
        self.answers.get(&revision)
    }
}
