//! C9: a lag that was asked for really delays.

use std::collections::BTreeMap;

use crate::history::{History, Life};

pub(super) fn late_enough(history: &History) -> Vec<String> {
    let mut found = Vec::new();
    // The state that a replica begins with is shown at once.
    let mut first: BTreeMap<Life, u64> = BTreeMap::new();
    for call in &history.calls {
        let Some(lag) = history.lags.get(&call.life.node) else { continue };
        let Some((_, _, revision, ..)) = call.read() else { continue };
        // By a clock that is too fast, less time has passed than it says.
        let lag_us = u64::try_from(lag.as_micros()).unwrap_or(u64::MAX);
        let lag_us = lag_us.saturating_mul(1_000_000) / (1_000_000 + history.drift_ppm);
        let first = *first.entry(call.life).or_insert(revision);
        let newest = history.log.range(..=revision).next_back();
        if let Some((_, logged)) = newest.filter(|_| revision > first)
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

    #[test]
    fn what_is_shown_too_early_is_found() {
        let story = |wait_ms| {
            let mut story = Story::default();
            story.write(create("bob"), 9).eventual(get("bob"), 9, found("bob"));
            story.write(create("ann"), 10).wait_ms(wait_ms);
            story.eventual(get("ann"), 10, found("ann"));
            let lags = [(REPLICA, Duration::from_millis(50))].into();
            History { lags, ..story.history() }
        };
        assert_eq!(late_enough(&story(60)), [""; 0]);
        assert_eq!(late_enough(&story(40)).len(), 1);
    }
}
