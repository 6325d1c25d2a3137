//! C8: no answer is older than it claims. Whatever was acknowledged before that age is in it.

use crate::history::History;

pub(super) fn truthful(history: &History) -> Vec<String> {
    let acknowledged = acknowledged(history);
    let mut found = Vec::new();
    for call in &history.calls {
        let Some((_, _, revision, age_ms, _)) = call.read() else { continue };
        if age_ms == u64::MAX {
            continue;
        }
        // By a clock that is too slow, more time has passed than it says.
        let longest_us = age_ms.saturating_mul(1000).saturating_mul(1_000_000);
        let longest_us = longest_us.div_ceil(1_000_000 - history.drift_ppm);
        let newest_at_us = call.made_us.saturating_sub(longest_us);
        let before = acknowledged.partition_point(|(at_us, _)| *at_us < newest_at_us);
        let Some((at_us, newest)) = before.checked_sub(1).map(|last| acknowledged[last]) else {
            continue;
        };
        if newest > revision {
            found.push(format!(
                "{} of {:?} at {} us shows {revision} and calls it {age_ms} ms old, but {newest} was \
                 acknowledged by {at_us} us",
                call.request_id, call.life, call.made_us
            ));
        }
    }
    found
}

/// When, and the newest revision acknowledged by then.
fn acknowledged(history: &History) -> Vec<(u64, u64)> {
    let mut newest = 0;
    let writes = history.calls.iter().filter_map(|call| {
        let (_, revision, _) = call.acknowledged()?;
        newest = revision.max(newest);
        Some((call.returned.at_us, newest))
    });
    writes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, get};
    use crate::world::Said;

    #[test]
    fn an_age_too_small_is_found() {
        let story = |age_ms| {
            let mut story = Story::default();
            story.write(create("ann"), 10).write(create("bob"), 11).wait_ms(100);
            story.aged(age_ms).eventual(get("bob"), 10, Said::Fault("NoSuchEntity".to_owned()));
            story.history()
        };
        assert_eq!(truthful(&story(u64::MAX)), [""; 0]);
        assert_eq!(truthful(&story(102)), [""; 0]);
        assert_eq!(truthful(&story(50)).len(), 1);
    }
}
