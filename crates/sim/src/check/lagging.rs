//! C9: a lag that was asked for really delays.

use std::collections::BTreeMap;

use super::Timeline;
use crate::history::{History, Life, Mode};

pub(super) fn late_enough(history: &History, timeline: &Timeline) -> Vec<String> {
    let mut found = Vec::new();
    // The state that a replica begins with is shown at once.
    let mut first: BTreeMap<Life, u64> = BTreeMap::new();
    for call in &history.calls {
        let Some(lag) = history.lags.get(&call.life.node) else { continue };
        let Some((mode, _, revision, ..)) = call.read() else { continue };
        // By a clock that is too fast, less time has passed than it says.
        let lag_us = u64::try_from(lag.as_micros()).unwrap_or(u64::MAX);
        let lag_us = lag_us.saturating_mul(1_000_000) / (1_000_000 + history.drift_ppm);
        let first = *first.entry(call.life).or_insert(revision);
        // Where classes wait each by itself, what changes nothing waits for nothing; and an exact answer does not say
        // whether they do.
        let is_prefix = call.reaches().is_none() && !matches!(mode, Mode::Exact(_));
        let waits = |at: u64| is_prefix || timeline.changes(at);
        let newest = history.log.range(..=revision).rev().find(|(at, _)| waits(**at));
        if let Some((_, logged)) = newest.filter(|(at, _)| **at > first)
            && call.returned.at_us < logged.first.at_us + lag_us
        {
            found.push(format!("{} saw {} too early", call.request_id, logged.request_id));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::check::testing::{REPLICA, Story, create, found, get};
    use crate::world::{Said, Write};

    fn check(story: &Story) -> Vec<String> {
        let lags = [(REPLICA, Duration::from_millis(50))].into();
        let history = History { lags, ..story.history() };
        late_enough(&history, &Timeline::of(&history))
    }

    #[test]
    fn what_is_shown_too_early_is_found() {
        let story = |wait_ms| {
            let mut story = Story::default();
            story.write(create("bob"), 9).eventual(get("bob"), 9, found("bob"));
            story.write(create("ann"), 10).wait_ms(wait_ms);
            story.eventual(get("ann"), 10, found("ann"));
            check(&story)
        };
        assert_eq!(story(60), [""; 0]);
        assert_eq!(story(40).len(), 1);
    }

    #[test]
    fn by_class_only_what_changes_something_waits() {
        let story = |last: Write, said: Said| {
            let mut story = Story::default();
            story.write(create("bob"), 9).reaching(9).eventual(get("bob"), 9, found("bob"));
            story.logged(last, 10, said).reaching(10).eventual(get("bob"), 10, found("bob"));
            check(&story)
        };
        let taken = || Said::Fault("EntityAlreadyExists".to_owned());
        assert_eq!(story(create("bob"), taken()), [""; 0]);
        assert_eq!(story(create("ann"), found("ann")).len(), 1);
        let mut story = Story::default();
        story.write(create("bob"), 9).reaching(9).eventual(get("bob"), 9, found("bob"));
        story.logged(create("bob"), 10, taken()).exact(10, get("bob"), 10, found("bob"));
        assert_eq!(check(&story), [""; 0]);
    }
}
