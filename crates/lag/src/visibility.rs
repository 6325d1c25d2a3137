//! Which of the received states reads may see.

use std::collections::VecDeque;

use model::State;

use crate::{Age, Plan};

/// The received states of a replica, the newest of which that is due is visible.
///
/// States are values with O(1) clone: those that wait share all but what changed between them.
#[derive(Clone, Default, Debug)]
pub struct Visibility {
    plan: Plan,
    visible: State,
    waiting: VecDeque<(u64, State)>,
    received: u64,
    age: Age,
}

impl Visibility {
    /// Nothing received yet, a plan for what will be.
    pub fn new(plan: Plan) -> Self {
        Visibility { plan, ..Default::default() }
    }

    /// The plan in force.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// The newest revision received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The newest state received, visible or not: what the next change applies to.
    pub fn newest(&self) -> &State {
        self.waiting.back().map_or(&self.visible, |(_, state)| state)
    }

    /// The state that reads may see.
    pub fn visible(&self) -> &State {
        &self.visible
    }

    /// Takes a newer state, received now. Visibility never goes out of order: a state waits at least as long as the
    /// one before it.
    pub fn receive(&mut self, now_us: u64, state: State) {
        self.received = state.revision();
        let earlier_us = self.waiting.back().map_or(0, |(due_us, _)| *due_us);
        let due_us = now_us.saturating_add(self.plan.delay_us()).max(earlier_us);
        self.waiting.push_back((due_us, state));
        self.advance(now_us);
    }

    /// Takes a state that replaces everything: a snapshot, after which there is no telling what came between. It is
    /// visible at once, since what was visible before may be of another history.
    pub fn replace(&mut self, state: State) {
        self.received = state.revision();
        self.waiting.clear();
        self.visible = state;
    }

    /// Takes a confirmation: see [`Age::confirm`].
    pub fn confirm(&mut self, commit_revision: u64, at_us: u64) {
        self.age.confirm(commit_revision, at_us);
    }

    /// Makes visible what is due. True when the visible state changed.
    pub fn advance(&mut self, now_us: u64) -> bool {
        let mut changed = false;
        while self.waiting.front().is_some_and(|(due_us, _)| *due_us <= now_us) {
            if let Some((_, state)) = self.waiting.pop_front() {
                self.visible = state;
                changed = true;
            }
        }
        changed
    }

    /// When the next state is due, microseconds; `None` when none waits.
    pub fn next_due_us(&self) -> Option<u64> {
        self.waiting.front().map(|(due_us, _)| *due_us)
    }

    /// The age of the visible state, microseconds; `None` when it was never known to be the newest one.
    pub fn age_us(&mut self, now_us: u64) -> Option<u64> {
        self.age.of(self.visible.revision(), now_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(revision: u64) -> State {
        State::default().advanced(revision, 0)
    }

    #[test]
    fn without_a_plan_what_is_received_is_visible() {
        let mut visibility = Visibility::new(Plan::None);
        visibility.receive(5, at(3));
        assert_eq!((visibility.visible().revision(), visibility.received()), (3, 3));
        assert_eq!(visibility.next_due_us(), None);
    }

    #[test]
    fn a_fixed_plan_delays_and_keeps_the_order() {
        let mut visibility = Visibility::new(Plan::Fixed { delay_us: 100 });
        visibility.receive(0, at(1));
        visibility.receive(50, at(2));
        assert_eq!(visibility.visible().revision(), 0);
        assert_eq!(visibility.newest().revision(), 2);
        assert_eq!(visibility.next_due_us(), Some(100));
        assert!(visibility.advance(100));
        assert_eq!(visibility.visible().revision(), 1);
        assert!(!visibility.advance(149));
        assert!(visibility.advance(1_000));
        assert_eq!(visibility.visible().revision(), 2);
    }

    #[test]
    fn a_delayed_view_tells_its_age() {
        let mut visibility = Visibility::new(Plan::Fixed { delay_us: 100 });
        visibility.receive(0, at(1));
        visibility.advance(100);
        visibility.confirm(1, 110);
        visibility.receive(120, at(2));
        visibility.confirm(2, 130);
        assert_eq!(visibility.age_us(200), Some(90));
        visibility.advance(220);
        assert_eq!(visibility.age_us(230), Some(100));
    }
}
