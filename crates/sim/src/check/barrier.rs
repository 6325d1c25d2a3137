//! C10: after a barrier was reached, no node decides by a state without its revision.

use crate::history::{History, Mode};

pub(super) fn honoured(history: &History) -> Vec<String> {
    let barriers = history.barriers.iter();
    let mut reached: Vec<(u64, u64)> =
        barriers.map(|barrier| (barrier.reached.order, barrier.revision)).collect();
    reached.sort_unstable();
    // The greatest revision of all barriers up to each.
    let mut greatest = 0;
    for (_, revision) in &mut reached {
        greatest = greatest.max(*revision);
        *revision = greatest;
    }
    let mut found = Vec::new();
    for call in &history.calls {
        let Some((mode, _, revision, ..)) = call.read() else { continue };
        // What was is told by the past; it is no decision.
        if let Mode::Exact(_) = mode {
            continue;
        }
        let before = reached.partition_point(|(order, _)| *order < call.called.order);
        let Some((_, barrier)) = before.checked_sub(1).map(|last| reached[last]) else { continue };
        if revision < barrier {
            found.push(format!(
                "{} of {:?} was decided at {revision} after the barrier of {barrier} had been reached",
                call.request_id, call.life
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, found, get};

    #[test]
    fn a_decision_by_the_old_state_is_found() {
        let story = |revision| {
            let mut story = Story::default();
            story.write(create("ann"), 9).write(create("bob"), 10).barrier(10);
            story.eventual(get("ann"), revision, found("ann"));
            honoured(&story.history())
        };
        assert_eq!(story(10), [""; 0]);
        assert_eq!(story(9).len(), 1);
    }

    #[test]
    fn what_began_before_may_end_after() {
        let mut story = Story::default();
        story.write(create("ann"), 9).write(create("bob"), 10).barrier(10);
        story.during(3, 12).eventual(get("ann"), 9, found("ann"));
        assert_eq!(honoured(&story.history()), [""; 0]);
    }
}
