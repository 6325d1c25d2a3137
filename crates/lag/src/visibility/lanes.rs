//! The changes that wait class by class.

use std::collections::VecDeque;

use model::State;
use model::v1::{Change, change, entity, entity_key};

use super::Until;
use crate::Class;

/// The changes that one revision made in one class.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) revision: u64,
    pub(super) changes: Vec<Change>,
    due_us: u64,
}

/// A queue for each class, in the order of [`Class::ALL`].
#[derive(Clone, Default, Debug)]
pub(super) struct Lanes([VecDeque<Part>; Class::ALL.len()]);

impl Lanes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(VecDeque::is_empty)
    }

    /// Lines changes up, due no earlier than those before them; gives when they are due.
    pub(super) fn push(
        &mut self,
        class: Class,
        due_us: u64,
        revision: u64,
        changes: Vec<Change>,
    ) -> u64 {
        let due_us = due_us.max(self.last_due_us(class));
        self.0[class as usize].push_back(Part { revision, changes, due_us });
        due_us
    }

    /// When the last of a class is due; 0 when none waits.
    pub(super) fn last_due_us(&self, class: Class) -> u64 {
        self.0[class as usize].back().map_or(0, |part| part.due_us)
    }

    pub(super) fn next_due_us(&self) -> Option<u64> {
        self.0.iter().filter_map(|lane| lane.front()).map(|part| part.due_us).min()
    }

    /// Takes out what may become visible, oldest revision first, accounts before what they hold.
    pub(super) fn pop(&mut self, until: Until) -> Vec<Part> {
        let mut parts = Vec::new();
        for lane in &mut self.0 {
            while let Some(part) =
                lane.pop_front_if(|part| until.admits(part.due_us, part.revision))
            {
                parts.push(part);
            }
        }
        // Stable: within a revision the order of the lanes stays.
        parts.sort_by_key(|part| part.revision);
        parts
    }
}

/// Changes by class, each class in the order of [`Class::ALL`]; classes without any are left out.
pub(super) fn split(changes: &[Change]) -> Vec<(Class, Vec<Change>)> {
    let of = |class| {
        let of_class = changes.iter().filter(|change| Class::of(change) == Some(class));
        (class, of_class.cloned().collect::<Vec<_>>())
    };
    Class::ALL.into_iter().map(of).filter(|(_, changes)| !changes.is_empty()).collect()
}

/// Whether changes wait for all that came before them: an account goes, and everything with it; or the cell's terms
/// change, which must not lengthen the time for which a view without something earlier is decided by.
pub(super) fn come_last(changes: &[Change]) -> bool {
    changes.iter().any(|change| match &change.kind {
        Some(change::Kind::Delete(key)) => key.kind() == entity_key::Kind::Account,
        Some(change::Kind::Put(entity)) => matches!(entity.kind, Some(entity::Kind::Cell(_))),
        None => false,
    })
}

/// Whether changes are in an account that is not visible yet.
pub(super) fn is_early(changes: &[Change], visible: &State) -> bool {
    changes.iter().filter_map(Class::account_of).any(|id| visible.account(id).is_none())
}

/// Makes changes that came this way before: they led from the state before them to one whose digest was right.
pub(super) fn apply(visible: &mut State, changes: &[Change]) {
    for change in changes {
        // What does not fit is in an account that has gone, in the same revision: gone is what it is.
        let _ = match &change.kind {
            Some(change::Kind::Put(entity)) => visible.put(entity.clone()),
            Some(change::Kind::Delete(key)) => visible.delete(key),
            None => Ok(()),
        };
    }
}
