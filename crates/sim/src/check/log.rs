//! C3: what became of every write, by the log.
//!
//! An acknowledged write is there, at the revision it was told; one of which nothing was done is nowhere; one of
//! unknown fate is there at most once, and so is every other.

use std::collections::BTreeMap;

use crate::history::{Ending, History};

pub(super) fn fates(history: &History) -> Vec<String> {
    let mut found = Vec::new();
    let mut places: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    // Nobody asked for what the cell writes of itself, and it may say a thing twice.
    let asked = history.log.iter().filter(|(_, logged)| !logged.request_id.is_empty());
    for (revision, logged) in asked {
        places.entry(&logged.request_id).or_default().push(*revision);
    }
    for (id, revisions) in &places {
        if revisions.len() > 1 {
            found.push(format!("{id} is in the log {revisions:?}"));
        }
    }
    for call in history.calls.iter().filter(|call| call.write().is_some()) {
        let id = call.request_id.as_str();
        let place = places.get(id).and_then(|places| places.first()).copied();
        match (&call.ending, place) {
            (Ending::Answered { revision, .. }, place) if place != Some(*revision) => {
                found.push(format!("{id} was acknowledged at {revision} and is at {place:?}"));
            }
            (Ending::NothingDone(why), Some(place)) => {
                found.push(format!("{id}, of which nothing was done ({why}), is at {place}"));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, found};

    #[test]
    fn fates_of_every_kind() {
        let mut story = Story::default();
        story.write(create("ann"), 10);
        story.ended(create("bob"), Ending::Unknown(String::new()), Some(11));
        story.ended(create("cid"), Ending::Unknown(String::new()), None);
        story.ended(create("dee"), Ending::NothingDone(String::new()), None);
        assert_eq!(fates(&story.history()), [""; 0]);
    }

    #[test]
    fn a_lost_write_is_found() {
        let mut story = Story::default();
        story.acknowledged(create("ann"), 10, found("ann"));
        assert_eq!(fates(&story.history()).len(), 1);
    }

    #[test]
    fn a_write_that_was_denied_and_done_is_found() {
        let mut story = Story::default();
        story.ended(create("ann"), Ending::NothingDone(String::new()), Some(10));
        assert_eq!(fates(&story.history()).len(), 1);
    }

    #[test]
    fn a_write_done_twice_is_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10);
        let mut history = story.history();
        history.log.insert(12, history.log[&10].clone());
        assert_eq!(fates(&history).len(), 1);
    }
}
