//! C6 and C7: tokens are honoured, and what one client sees of one node never goes back.

use std::collections::BTreeMap;

use crate::history::{History, Life, Mode};

pub(super) fn monotonic(history: &History) -> Vec<String> {
    let mut found = Vec::new();
    let mut newest: BTreeMap<(u64, Life), u64> = BTreeMap::new();
    // A client asks one thing after the other, so its calls ended in the order in which they began.
    for call in &history.calls {
        let Some((mode, _, revision, ..)) = call.read() else { continue };
        let id = &call.request_id;
        if let Mode::AtLeast(token) = mode
            && revision < token
        {
            found.push(format!("{id} asked for {token} and got {revision}"));
        }
        // Whoever asks for the past goes back, and need not go there again.
        if let Mode::Exact(_) = mode {
            continue;
        }
        let seen = newest.entry((call.client, call.life)).or_default();
        if revision < *seen {
            found.push(format!("{id} saw {revision} of {:?} after {seen}", call.life));
        }
        *seen = revision.max(*seen);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, get};
    use crate::world::Said;

    fn nothing() -> Said {
        Said::Fault("NoSuchEntity".to_owned())
    }

    #[test]
    fn going_back_is_found() {
        let mut story = Story::default();
        story.eventual(get("ann"), 10, nothing()).eventual(get("ann"), 10, nothing());
        assert_eq!(monotonic(&story.history()), [""; 0]);
        story.eventual(get("ann"), 9, nothing());
        assert_eq!(monotonic(&story.history()).len(), 1);
    }

    #[test]
    fn a_token_that_is_ignored_is_found() {
        let mut story = Story::default();
        story.at_least(12, get("ann"), 11, nothing());
        assert_eq!(monotonic(&story.history()).len(), 1);
    }
}
