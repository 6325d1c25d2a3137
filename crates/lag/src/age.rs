//! How old a view is at most.

use std::collections::VecDeque;

/// More confirmations than this wait only when visibility lags by minutes; the newest are then left out, which can
/// only make the age look greater than it is.
const WAITING_MAX: usize = 4_096;

/// What is known about how far history had gone, and when.
///
/// A confirmation `(commit revision, time)` says: at that time of this node's clock, no write beyond that revision had
/// been acknowledged. A view that holds the revision was therefore the newest one at that time.
///
/// INVARIANT: the age is never less than the true one.
#[derive(Clone, Default, Debug)]
pub struct Age {
    newest_at_us: Option<u64>,
    waiting: VecDeque<(u64, u64)>,
}

impl Age {
    /// Takes a confirmation. Those that come out of order or say less than is known are passed over.
    pub fn confirm(&mut self, commit_revision: u64, at_us: u64) {
        match self.waiting.back_mut() {
            Some((revision, time_us)) if *revision == commit_revision => {
                *time_us = at_us.max(*time_us);
                return;
            }
            Some((revision, time_us)) if *revision > commit_revision || *time_us > at_us => return,
            _ => {}
        }
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back((commit_revision, at_us));
        }
    }

    /// The age of a view of a revision, microseconds; `None` when it was never known to be the newest one.
    pub fn of(&mut self, visible_revision: u64, now_us: u64) -> Option<u64> {
        while let Some(&(revision, at_us)) = self.waiting.front()
            && revision <= visible_revision
        {
            // The last one stays, so that the next confirmation of the same revision finds it.
            self.newest_at_us = self.newest_at_us.max(Some(at_us));
            if self.waiting.len() == 1 {
                break;
            }
            self.waiting.pop_front();
        }
        self.newest_at_us.map(|at_us| now_us.saturating_sub(at_us))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_idle_view_stays_young() {
        let mut age = Age::default();
        assert_eq!(age.of(7, 100), None);
        for at_us in [100, 200, 300] {
            age.confirm(7, at_us);
        }
        assert_eq!(age.of(7, 350), Some(50));
    }

    #[test]
    fn a_view_that_lags_ages_from_when_it_was_the_newest() {
        let mut age = Age::default();
        age.confirm(7, 100);
        age.confirm(9, 200);
        age.confirm(9, 300);
        assert_eq!(age.of(8, 400), Some(300));
        assert_eq!(age.of(9, 400), Some(100));
    }

    proptest! {
        /// Writes are acknowledged at known times; a confirmation tells the truth; the view may be anything. The age
        /// must reach back at least to the first write that the view lacks.
        #[test]
        fn the_age_is_never_too_small(
            gaps in prop::collection::vec(1_u64..50, 1..40),
            confirmed in prop::collection::vec(0_u64..2_000, 0..40),
            lag in 0_u64..5,
        ) {
            let mut acknowledged_us = Vec::new();
            let mut now_us = 0;
            for gap in gaps {
                now_us += gap;
                acknowledged_us.push(now_us);
            }
            now_us += 1;
            let mut times: Vec<u64> = confirmed.into_iter().filter(|at_us| *at_us < now_us).collect();
            times.sort_unstable();
            let mut age = Age::default();
            for at_us in times {
                age.confirm(acknowledged_us.iter().filter(|time| **time <= at_us).count() as u64, at_us);
            }
            let visible = (acknowledged_us.len() as u64).saturating_sub(lag);
            if let (Some(age_us), Some(missed_us)) = (age.of(visible, now_us), acknowledged_us.get(visible as usize)) {
                prop_assert!(age_us >= now_us - missed_us);
            }
        }
    }
}
