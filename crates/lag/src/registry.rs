//! What a leader knows of the nodes that decide: how far each of them shows history, and until when it may decide by
//! less.
//!
//! Why a wait that ends by this registry has no node behind it: docs/adr/0010-leases-are-ages.md.

use std::collections::BTreeMap;

use model::Level;

use crate::Terms;

/// What a node says of itself whenever it asks the leader how new its view is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Report {
    /// Drawn anew whenever the node starts: two processes that were given one name are two nodes.
    pub instance: u64,
    /// Its number.
    pub node: u64,
    /// What answers call it.
    pub name: String,
    /// Where it stands, in the operator's words; may be empty.
    pub zone: String,
    /// It votes. Others are replicas.
    pub votes: bool,
    /// It answers from views of any age, and says so: nobody waits for it.
    pub serves_stale: bool,
    /// The newest revision it holds.
    pub received: u64,
    /// The newest revision it shows.
    pub visible: u64,
}

/// Whether a level is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    /// It is.
    Yes,
    /// Not yet; at this moment at the latest time alone will have done it. `None`: only reports can.
    Wait(Option<u64>),
}

/// A node as it was last heard of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What it said.
    pub report: Report,
    /// When that arrived, microseconds of the leader's monotonic clock.
    pub heard_us: u64,
}

/// Nodes that may be known at once; what more say is not taken down, and they get no lease.
const NODES_MAX: usize = 4_096;

/// How many times the longest lease a silent node stays known, so that its silence can be seen.
const REMEMBERED: u64 = 60;

/// The nodes known to one leader. Times are microseconds of its monotonic clock.
#[derive(Clone, Default, Debug)]
pub struct Registry {
    /// The term led, and when that was first noticed.
    led: Option<(u64, u64)>,
    nodes: BTreeMap<u64, Known>,
    /// When the last of those that were forgotten in this term was heard of.
    forgotten_us: u64,
}

impl Registry {
    /// This node leads in `term`. What was known in another is forgotten: others led in between.
    pub fn lead(&mut self, term: u64, now_us: u64) {
        if self.led.is_none_or(|(led, _)| led != term) {
            self.led = Some((term, now_us));
            self.nodes.clear();
            self.forgotten_us = 0;
        }
    }

    /// Takes down what a node says. False: there is no room, and the node must not decide.
    pub fn hear(&mut self, terms: &Terms, report: Report, now_us: u64) -> bool {
        if !self.nodes.contains_key(&report.instance) && self.nodes.len() >= NODES_MAX {
            self.forget_silent(terms.outlast_us(), now_us);
            if self.nodes.len() >= NODES_MAX {
                return false;
            }
        }
        self.forget_silent(terms.outlast_us().saturating_mul(REMEMBERED), now_us);
        let known = self.nodes.entry(report.instance);
        let known = known.or_insert_with(|| Known { report: report.clone(), heard_us: now_us });
        // Reports may arrive out of order; what was shown once is shown from then on.
        let visible = known.report.visible.max(report.visible);
        let received = known.report.received.max(report.received);
        known.heard_us = known.heard_us.max(now_us);
        known.report = Report { visible, received, ..report };
        true
    }

    /// Is a committed revision visible at a level? `since_us`: it was known to be committed then.
    pub fn reached(
        &self,
        terms: &Terms,
        level: &Level,
        revision: u64,
        since_us: u64,
        now_us: u64,
    ) -> Reached {
        let at = |zone: &str| match level {
            Level::Zone(wanted) => wanted == zone,
            _ => true,
        };
        if let Level::Replicas(wanted) = level {
            let shown = |known: &&Known| !known.report.votes && known.report.visible >= revision;
            let enough = self.nodes.values().filter(shown).count() >= *wanted as usize;
            return if enough { Reached::Yes } else { Reached::Wait(None) };
        }
        // A view without the revision was the newest one before the revision was committed, and not after the node
        // was last heard of. Nodes that another leader knew were heard of before this one led.
        let until = |heard_us: u64| heard_us.min(since_us).saturating_add(terms.outlast_us());
        let lacking = self.nodes.values().filter(|known| {
            let report = &known.report;
            at(&report.zone) && !report.serves_stale && report.visible < revision
        });
        // So were those that were forgotten, perhaps on shorter terms than these.
        let unknown = self.led.map_or(since_us, |(_, led_us)| led_us.max(self.forgotten_us));
        let last = lacking.map(|known| until(known.heard_us)).chain([until(unknown)]).max();
        match last.filter(|last_us| *last_us > now_us) {
            None => Reached::Yes,
            last => Reached::Wait(last),
        }
    }

    /// The nodes known, in the order of their numbers.
    pub fn nodes(&self) -> Vec<Known> {
        let mut nodes: Vec<Known> = self.nodes.values().cloned().collect();
        nodes.sort_by_key(|known| (known.report.node, known.report.instance));
        nodes
    }

    fn forget_silent(&mut self, silent_us: u64, now_us: u64) {
        let forgotten_us = &mut self.forgotten_us;
        self.nodes.retain(|_, known| {
            let stays = now_us.saturating_sub(known.heard_us) < silent_us;
            if !stays {
                *forgotten_us = known.heard_us.max(*forgotten_us);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { max_staleness_us: 1_000, drift_ppm: 0 };

    fn report(instance: u64, visible: u64) -> Report {
        Report { instance, node: instance, visible, received: visible, ..Report::default() }
    }

    /// A leader since long ago.
    fn registry(reports: impl IntoIterator<Item = Report>, heard_us: u64) -> Registry {
        let mut registry = Registry::default();
        registry.lead(1, 0);
        for report in reports {
            assert!(registry.hear(&TERMS, report, heard_us));
        }
        registry
    }

    #[test]
    fn all_is_reached_when_everybody_shows_it() {
        let mut registry = registry([report(1, 7), report(2, 6)], 5_000);
        let reached = |r: &Registry| r.reached(&TERMS, &Level::All, 7, 5_000, 5_100);
        assert_eq!(reached(&registry), Reached::Wait(Some(6_000)));
        registry.hear(&TERMS, report(2, 7), 5_050);
        assert_eq!(reached(&registry), Reached::Yes);
        registry.hear(&TERMS, report(2, 6), 5_060);
        assert_eq!(reached(&registry), Reached::Yes, "a late report takes nothing back");
    }

    #[test]
    fn a_node_that_went_silent_is_waited_for_until_its_lease_has_run_out() {
        let registry = registry([report(1, 6)], 5_000);
        let at = |now_us| registry.reached(&TERMS, &Level::All, 7, 5_500, now_us);
        assert_eq!(at(5_500), Reached::Wait(Some(6_000)));
        assert_eq!(at(5_999), Reached::Wait(Some(6_000)));
        assert_eq!(at(6_000), Reached::Yes);
    }

    #[test]
    fn a_node_that_goes_on_reporting_but_does_not_show_it_ends_as_soon() {
        let mut registry = registry([report(1, 6)], 5_000);
        for now_us in [5_400, 5_900, 6_499] {
            registry.hear(&TERMS, report(1, 6), now_us);
            let reached = registry.reached(&TERMS, &Level::All, 7, 5_500, now_us.max(5_500));
            assert!(matches!(reached, Reached::Wait(Some(..=6_500))), "{reached:?}");
        }
        assert_eq!(registry.reached(&TERMS, &Level::All, 7, 5_500, 6_500), Reached::Yes);
    }

    #[test]
    fn a_new_leader_waits_for_nodes_that_it_does_not_know() {
        let mut registry = registry([report(1, 7)], 5_000);
        registry.lead(2, 5_200);
        assert_eq!(registry.nodes(), []);
        registry.hear(&TERMS, report(1, 7), 5_300);
        let at = |now_us| registry.reached(&TERMS, &Level::All, 7, 5_300, now_us);
        assert_eq!(at(5_300), Reached::Wait(Some(6_200)));
        assert_eq!(at(6_200), Reached::Yes);
        registry.lead(2, 6_000);
        assert_eq!(registry.nodes().len(), 1, "the same term goes on");
    }

    #[test]
    fn some_are_not_waited_for() {
        let flagged = Report { serves_stale: true, ..report(1, 3) };
        let elsewhere = Report { zone: "b".to_owned(), ..report(2, 3) };
        let registry = registry([flagged, elsewhere], 5_000);
        let zone =
            |name: &str| registry.reached(&TERMS, &Level::Zone(name.to_owned()), 7, 5_000, 5_000);
        assert_eq!(zone("a"), Reached::Yes);
        assert_eq!(zone("b"), Reached::Wait(Some(6_000)));
    }

    #[test]
    fn replicas_are_counted_and_time_does_not_stand_in_for_them() {
        let voter = Report { votes: true, ..report(1, 7) };
        let mut registry = registry([voter, report(2, 7), report(3, 6)], 5_000);
        let at = |registry: &Registry, wanted| {
            registry.reached(&TERMS, &Level::Replicas(wanted), 7, 5_000, 99_000)
        };
        assert_eq!(at(&registry, 1), Reached::Yes);
        assert_eq!(at(&registry, 2), Reached::Wait(None));
        registry.hear(&TERMS, report(3, 8), 5_001);
        assert_eq!(at(&registry, 2), Reached::Yes);
    }

    #[test]
    fn a_full_registry_takes_down_no_stranger() {
        let mut registry = registry((0..NODES_MAX as u64).map(|n| report(n, 1)), 5_000);
        assert!(!registry.hear(&TERMS, report(9_999, 1), 5_500));
        assert!(registry.hear(&TERMS, report(5, 2), 5_500));
        assert!(registry.hear(&TERMS, report(9_999, 1), 6_000), "the silent make room");
    }

    #[test]
    fn who_was_forgotten_is_waited_for_when_terms_have_become_longer() {
        let mut registry = registry((0..NODES_MAX as u64).map(|n| report(n, 1)), 5_000);
        assert!(registry.hear(&TERMS, report(9_999, 7), 6_000), "the silent make room");
        let longer = Terms { max_staleness_us: 4_000, ..TERMS };
        let at = |terms, now_us| registry.reached(&terms, &Level::All, 7, 6_000, now_us);
        assert_eq!(at(TERMS, 6_000), Reached::Yes);
        assert_eq!(at(longer, 6_000), Reached::Wait(Some(9_000)));
        assert_eq!(at(longer, 9_000), Reached::Yes);
    }
}
