//! Which of what was received reads may see.
//!
//! Every revision waits until its time, drawn by the plan. With a plan by class, the changes of each class wait by
//! themselves in a lane, and the revision is complete when all its classes are visible.

mod lanes;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use model::State;
use model::v1::Change;

use crate::{Age, Class, Draws, Plan};
use lanes::Lanes;

/// Revisions that may wait. A replica that is full takes nothing more from the feed until some have become visible:
/// then they come later than the plan says, never earlier.
pub const WAITING_MAX: usize = 32_768;

/// Samples kept for who compares the plan with what happened.
const SAMPLES_MAX: usize = 1_024;

/// The received states of a replica, and what of them is visible.
///
/// States are values with O(1) clone: those that wait share all but what changed between them.
///
/// INVARIANT: revisions become complete in their order, and the changes of a class become visible in theirs: nothing
/// is due before what came before it.
#[derive(Debug)]
pub struct Visibility {
    plan: Plan,
    draws: Draws,
    is_paused: bool,
    /// What reads see. Its revision is the newest complete one.
    visible: State,
    /// The newest revision of which any class is visible.
    reaches: u64,
    waiting: VecDeque<Waiting>,
    lanes: Lanes,
    /// How many of `waiting` are whole, and when the last of them is due: no class goes past it.
    whole: usize,
    barrier_us: u64,
    waiting_max: usize,
    received: u64,
    age: Age,
    samples: VecDeque<Sample>,
}

/// A revision that is not complete yet.
#[derive(Clone, Debug)]
struct Waiting {
    due_us: u64,
    received_us: u64,
    drawn_us: u64,
    /// Nothing waited when it was received, so that nothing could hold it up.
    was_alone: bool,
    /// It becomes visible in one piece; its changes are in no lane.
    is_whole: bool,
    /// It is known to have changed something.
    has_changes: bool,
    state: State,
}

/// A revision that became visible when its time had come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Which.
    pub revision: u64,
    /// The delay that was drawn for it; with a plan by class the longest of its classes. Microseconds, as below.
    pub drawn_us: u64,
    /// The time between received and visible.
    pub delay_us: u64,
    /// Nothing waited when it was received: the order of revisions cannot have made its delay longer.
    pub was_alone: bool,
}

/// A revision that changed something and has just become visible, in whatever way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The time between received and visible, microseconds.
    pub delay_us: u64,
    /// The stamp of its entry, milliseconds since the Unix epoch.
    pub time_ms: u64,
}

/// What may become visible now.
#[derive(Clone, Copy)]
enum Until {
    /// What is due by a time.
    Due(u64),
    /// Everything up to a revision, due or not.
    Revision(u64),
}

impl Until {
    fn admits(self, due_us: u64, revision: u64) -> bool {
        match self {
            Until::Due(now_us) => due_us <= now_us,
            Until::Revision(last) => revision <= last,
        }
    }
}

impl Default for Visibility {
    fn default() -> Self {
        Visibility::new(Plan::default())
    }
}

impl Visibility {
    /// Nothing received yet, a plan for what will be.
    pub fn new(plan: Plan) -> Self {
        Visibility {
            draws: Draws::new(&plan),
            plan,
            is_paused: false,
            visible: State::default(),
            reaches: 0,
            waiting: VecDeque::new(),
            lanes: Lanes::default(),
            whole: 0,
            barrier_us: 0,
            waiting_max: WAITING_MAX,
            received: 0,
            age: Age::default(),
            samples: VecDeque::new(),
        }
    }

    /// The same with another bound than [`WAITING_MAX`].
    #[must_use]
    pub fn with_room(mut self, waiting_max: usize) -> Self {
        self.waiting_max = waiting_max;
        self
    }

    /// Lets go of everything received; plan, draws, pause and samples stay.
    pub fn forget(&mut self) {
        let fresh = Visibility::new(std::mem::take(&mut self.plan));
        let gone = std::mem::replace(self, fresh);
        self.draws = gone.draws;
        self.waiting_max = gone.waiting_max;
        self.is_paused = gone.is_paused;
        self.samples = gone.samples;
    }

    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Puts another plan in force, for what is received from now on; its draws begin with its seed. What waits keeps
    /// its time.
    pub fn set_plan(&mut self, plan: Plan) {
        self.draws = Draws::new(&plan);
        self.plan = plan;
    }

    /// Whether time makes nothing visible.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// From now on time makes nothing visible. Delays go on being drawn, and times go on running out.
    pub fn pause(&mut self) {
        self.is_paused = true;
    }

    /// Ends a pause. What became due in it is visible with the next [`Visibility::advance`].
    pub fn resume(&mut self) {
        self.is_paused = false;
    }

    /// The newest revision received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The newest state received, visible or not: what the next change applies to.
    pub fn newest(&self) -> &State {
        self.waiting.back().map_or(&self.visible, |waiting| &waiting.state)
    }

    /// The state that reads may see, at the newest complete revision.
    pub fn visible(&self) -> &State {
        &self.visible
    }

    /// The newest revision of which any class is visible, when classes are visible each by themselves: then what is
    /// seen may be no state that any revision had.
    pub fn by_class(&self) -> Option<u64> {
        let is_ahead = self.reaches > self.visible.revision();
        let by_class = self.plan.is_by_class() || is_ahead || !self.lanes.is_empty();
        by_class.then(|| self.reaches.max(self.visible.revision()))
    }

    /// How many revisions wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether so many wait that no more should be received for now: see [`WAITING_MAX`].
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= self.waiting_max
    }

    /// Whether what is received now is visible at once.
    pub fn is_transparent(&self) -> bool {
        self.waiting.is_empty() && !self.is_paused && self.plan.is_none()
    }

    /// The latest samples, oldest first: revisions that became visible when their time had come, and in no pause.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter()
    }

    /// Takes a newer state, received now, and the changes that led to it from the one before; `None` when they are not
    /// known. It waits at least as long as what came before it. [`Visibility::advance`] shows it, if it is due.
    pub fn receive(&mut self, now_us: u64, state: State, changes: Option<&[Change]>) {
        self.received = state.revision();
        let was_alone = self.waiting.is_empty();
        let has_changes = changes.is_some_and(|changes| !changes.is_empty());
        let earlier_us = self.waiting.back().map_or(0, |waiting| waiting.due_us);
        let (drawn_us, due_us, is_whole) = match changes {
            Some(changes) if self.plan.is_by_class() => {
                let (drawn_us, due_us) = self.line_up(now_us, &state, changes);
                (drawn_us, due_us.max(earlier_us), false)
            }
            _ => {
                let drawn_us = self.draws.whole(&self.plan);
                let due_us = now_us.saturating_add(drawn_us).max(earlier_us);
                self.whole += 1;
                self.barrier_us = due_us;
                (drawn_us, due_us, true)
            }
        };
        self.waiting.push_back(Waiting {
            due_us,
            received_us: now_us,
            drawn_us,
            was_alone,
            is_whole,
            has_changes,
            state,
        });
    }

    /// Puts changes into their lanes; gives the longest delay drawn and when the last of them is due.
    fn line_up(&mut self, now_us: u64, state: &State, changes: &[Change]) -> (u64, u64) {
        let earlier_us = self.waiting.back().map_or(0, |waiting| waiting.due_us);
        let (mut longest_us, mut last_us) = (0, now_us);
        for (class, changes) in lanes::split(changes) {
            let drawn_us = self.draws.of(&self.plan, class);
            let mut due_us = now_us.saturating_add(drawn_us).max(self.barrier_us);
            // What an account holds cannot be seen without it: it waits for an account to come, and an account that
            // goes waits for it.
            if lanes::come_last(&changes) {
                due_us = due_us.max(earlier_us);
            }
            if lanes::is_early(&changes, &self.visible) {
                due_us = due_us.max(self.lanes.last_due_us(Class::Account));
            }
            due_us = self.lanes.push(class, due_us, state.revision(), changes);
            longest_us = longest_us.max(drawn_us);
            last_us = last_us.max(due_us);
        }
        (longest_us, last_us)
    }

    /// Takes a state that replaces everything: a snapshot, after which there is no telling what came between. It is
    /// visible at once, since what was visible before may be of another history.
    pub fn replace(&mut self, state: State) {
        self.received = state.revision();
        self.waiting.clear();
        self.lanes = Lanes::default();
        self.whole = 0;
        self.barrier_us = 0;
        self.reaches = state.revision();
        self.visible = state;
    }

    /// Takes a confirmation: see [`Age::confirm`].
    pub fn confirm(&mut self, commit_revision: u64, at_us: u64) {
        self.age.confirm(commit_revision, at_us);
    }

    /// Makes visible what is due; in a pause nothing. Puts the revisions that became complete and changed something
    /// into `shown`. True when anything became visible.
    pub fn advance(&mut self, now_us: u64, shown: &mut Vec<Shown>) -> bool {
        !self.is_paused && self.show(now_us, Until::Due(now_us), shown)
    }

    /// Makes the next so many revisions visible now, due or not, in a pause as well.
    pub fn step(&mut self, now_us: u64, revisions: u64, shown: &mut Vec<Shown>) -> bool {
        let last = usize::try_from(revisions).unwrap_or(usize::MAX).min(self.waiting.len());
        let last = last.checked_sub(1).and_then(|at| self.waiting.get(at));
        let last = last.map(|waiting| waiting.state.revision());
        last.is_some_and(|last| self.show(now_us, Until::Revision(last), shown))
    }

    /// Makes everything that waits visible now, in a pause as well.
    pub fn flush(&mut self, now_us: u64, shown: &mut Vec<Shown>) -> bool {
        self.show(now_us, Until::Revision(self.received), shown)
    }

    fn show(&mut self, now_us: u64, until: Until, shown: &mut Vec<Shown>) -> bool {
        let parts = self.lanes.pop(until);
        let (mut whole, mut complete) = (None, None);
        while let Some(waiting) = self
            .waiting
            .pop_front_if(|waiting| until.admits(waiting.due_us, waiting.state.revision()))
        {
            let delay_us = now_us.saturating_sub(waiting.received_us);
            // Others have no stamp of their own, or it is not known which.
            if waiting.has_changes {
                shown.push(Shown { delay_us, time_ms: waiting.state.time_ms() });
            }
            if let Until::Due(_) = until {
                self.sample(&waiting, delay_us);
            }
            if waiting.is_whole {
                self.whole -= 1;
                whole = Some(waiting.state.clone());
            }
            complete = Some(waiting.state);
        }
        if self.whole == 0 {
            self.barrier_us = 0;
        }
        if complete.is_none() && parts.is_empty() {
            return false;
        }
        self.reaches = parts.last().map_or(self.reaches, |part| part.revision.max(self.reaches));
        match (whole, complete) {
            // No class is ahead: what is seen is the state of a revision.
            (_, Some(complete)) if complete.revision() >= self.reaches => {
                self.reaches = complete.revision();
                self.visible = complete;
            }
            (whole, complete) => {
                // No class goes past a revision that is whole, so nothing of what was ahead is lost.
                if let Some(whole) = whole {
                    self.visible = whole;
                }
                let from = self.visible.revision();
                for part in parts.iter().filter(|part| part.revision > from) {
                    lanes::apply(&mut self.visible, &part.changes);
                }
                if let Some(complete) = complete {
                    let visible = std::mem::take(&mut self.visible);
                    self.visible = visible.advanced(complete.revision(), complete.time_ms());
                }
            }
        }
        true
    }

    fn sample(&mut self, waiting: &Waiting, delay_us: u64) {
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            revision: waiting.state.revision(),
            drawn_us: waiting.drawn_us,
            delay_us,
            was_alone: waiting.was_alone,
        });
    }

    /// When more is due, microseconds; `None` when nothing waits, or in a pause.
    pub fn next_due_us(&self) -> Option<u64> {
        if self.is_paused {
            return None;
        }
        let next = self.waiting.front().map(|waiting| waiting.due_us);
        next.into_iter().chain(self.lanes.next_due_us()).min()
    }

    /// The age of the visible state, microseconds; `None` when it was never known to be the newest one.
    pub fn age_us(&mut self, now_us: u64) -> Option<u64> {
        self.age.of(self.visible.revision(), now_us)
    }
}
