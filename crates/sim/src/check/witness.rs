//! C1: writes and strong reads are linearizable, by the revision in each answer.
//!
//! The revisions are the witness: sorted by them, writes before the reads of the same revision, the calls must replay
//! to their answers, and none may have ended before one of a smaller place began. That proves linearizability.

use super::Timeline;
use crate::history::{Call, History, Mode};

pub(super) fn linearizable(history: &History, timeline: &Timeline) -> Vec<String> {
    let mut found = Vec::new();
    let mut placed: Vec<((u64, bool), &Call)> = Vec::new();
    for call in &history.calls {
        if let Some((write, revision, said)) = call.acknowledged() {
            placed.push(((revision, false), call));
            if timeline.answer(revision) != Some(said) {
                let expected = timeline.answer(revision);
                found.push(format!(
                    "{} {write:?} at {revision} was answered {said:?}, not {expected:?}",
                    call.request_id
                ));
            }
        } else if let Some((Mode::Strong, _, revision, ..)) = call.read() {
            // What it says is compared with all other reads: see `prefix`.
            placed.push(((revision, true), call));
        }
    }
    placed.sort_by_key(|(place, call)| (*place, call.called.order));
    for pair in placed.windows(2) {
        let same_place = pair[0].0 == pair[1].0;
        if same_place && !pair[0].0.1 {
            let (first, second) = (&pair[0].1.request_id, &pair[1].1.request_id);
            found.push(format!("two writes at revision {}: {first} and {second}", pair[0].0.0));
        }
    }
    found.extend(out_of_order(&placed));
    found
}

/// Calls that ended before a call of a smaller place began.
fn out_of_order(placed: &[((u64, bool), &Call)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut latest: Option<&Call> = None;
    for group in placed.chunk_by(|a, b| a.0 == b.0) {
        for (place, call) in group {
            if let Some(before) = latest.filter(|before| call.returned.order < before.called.order)
            {
                found.push(format!(
                    "{} ended at revision {} before {} of a smaller one began",
                    call.request_id, place.0, before.request_id
                ));
            }
        }
        let newest = group.iter().map(|(_, call)| *call).max_by_key(|call| call.called.order);
        latest = latest.into_iter().chain(newest).max_by_key(|call| call.called.order);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, found, get};
    use crate::world::Said;

    fn check(story: &Story) -> Vec<String> {
        let history = story.history();
        linearizable(&history, &Timeline::of(&history))
    }

    #[test]
    fn a_good_history_passes() {
        let mut story = Story::default();
        story.write(create("ann"), 10).strong(get("ann"), 10, found("ann"));
        // Reads of one revision may overlap and end in any order.
        story.during(0, 100).strong(get("ann"), 10, found("ann"));
        assert_eq!(check(&story), [""; 0]);
    }

    #[test]
    fn a_strong_read_that_misses_an_acknowledged_write_is_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10);
        story.strong(get("ann"), 9, Said::Fault("NoSuchEntity".to_owned()));
        assert_eq!(check(&story).len(), 1);
    }

    #[test]
    fn writes_out_of_order_or_in_one_place_are_found() {
        let mut story = Story::default();
        story.write(create("ann"), 11).write(create("bob"), 10);
        assert_eq!(check(&story).len(), 1);
        let mut story = Story::default();
        story.write(create("ann"), 10).acknowledged(create("bob"), 10, found("ann"));
        assert!(!check(&story).is_empty());
    }

    #[test]
    fn a_wrong_answer_to_a_write_is_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10).logged(create("ann"), 11, Said::Done);
        assert_eq!(check(&story).len(), 1);
    }
}
