//! C4 and C5: every answer is the world at the revision it names, and that revision existed.

use super::Timeline;
use crate::history::{History, Mode};

/// C4: every read, of whatever mode and at whatever node, says what the world was like at its revision.
pub(super) fn consistent(history: &History, timeline: &Timeline) -> Vec<String> {
    let mut found = Vec::new();
    for call in &history.calls {
        let Some((mode, question, revision, _, said)) = call.read() else { continue };
        // What is no state of history is for [`super::classes`].
        if call.reaches().is_some() {
            continue;
        }
        if let Mode::Exact(wanted) = mode
            && revision != wanted
        {
            found
                .push(format!("{} asked for {wanted} exactly and got {revision}", call.request_id));
        }
        let expected = timeline.at(revision).read(question);
        if expected != *said {
            found.push(format!(
                "{} {mode:?} {question:?} at {revision} of {:?}: {said:?} instead of {expected:?}",
                call.request_id, call.life
            ));
        }
    }
    found
}

/// C5: nothing is read that no node had applied by then.
pub(super) fn not_from_the_future(history: &History) -> Vec<String> {
    let mut found = Vec::new();
    for call in &history.calls {
        let Some((_, _, revision, ..)) = call.read() else { continue };
        let revision = call.reaches().unwrap_or(revision);
        let newest = history.log.range(..=revision).next_back();
        if let Some((_, logged)) = newest.filter(|(_, log)| log.first.order > call.returned.order) {
            let id = &logged.request_id;
            found.push(format!("{} saw {id} before it was committed", call.request_id));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, found, get};
    use crate::world::{Question, Said};

    fn consistent_in(story: &Story) -> Vec<String> {
        let history = story.history();
        consistent(&history, &Timeline::of(&history))
    }

    #[test]
    fn old_answers_are_fine_and_torn_ones_are_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10).write(create("bob"), 11);
        let ann = || [("ann".to_owned(), "/ann/".to_owned())].into();
        story.eventual(Question::List, 10, Said::Users(ann()));
        assert_eq!(consistent_in(&story), [""; 0]);
        story.eventual(Question::List, 11, Said::Users(ann()));
        assert_eq!(consistent_in(&story).len(), 1);
    }

    #[test]
    fn an_exact_answer_of_another_revision_is_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10).write(create("bob"), 11);
        story.exact(10, get("ann"), 10, found("ann"));
        assert_eq!(consistent_in(&story), [""; 0]);
        story.exact(10, get("ann"), 11, found("ann"));
        assert_eq!(consistent_in(&story).len(), 1);
    }

    #[test]
    fn what_is_seen_before_it_is_committed_is_found() {
        let mut story = Story::default();
        story.eventual(get("ann"), 10, found("ann")).write(create("ann"), 10);
        assert_eq!(not_from_the_future(&story.history()).len(), 1);
        let mut story = Story::default();
        story.write(create("ann"), 10).eventual(get("ann"), 10, found("ann"));
        assert_eq!(not_from_the_future(&story.history()), [""; 0]);
    }
}
