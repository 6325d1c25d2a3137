//! How far the other nodes are, as the leader knows it: what a write waits for that wants to be seen everywhere.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lag::duration::micros;
use lag::{Reached, Registry, Report, Terms};
use model::Level;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::machine::Machine;
use crate::route::Router;

/// A node as its leader knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What it last said.
    pub report: Report,
    /// Time since then.
    pub heard_ago: Duration,
    /// For how long it may still decide by what it last said to show, at most.
    pub lease: Duration,
}

/// All nodes at one moment.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Standings {
    /// The newest revision the leader has applied.
    pub revision: u64,
    /// The nodes, the leader among them, in the order of their numbers.
    pub nodes: Vec<Standing>,
}

/// This node does not lead: somebody else knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NotLeading;

/// The leader's list of those who decide. On other nodes it stands empty.
pub(crate) struct Propagation {
    registry: Mutex<Registry>,
    heard: Notify,
    machine: Arc<Machine>,
    router: Arc<Router>,
    clock: Arc<dyn Clock>,
    me: Report,
}

impl Propagation {
    pub(crate) fn new(
        machine: Arc<Machine>,
        router: Arc<Router>,
        clock: Arc<dyn Clock>,
        me: Report,
    ) -> Self {
        let (registry, heard) = Default::default();
        Propagation { registry, heard, machine, router, clock, me }
    }

    /// What this node says of itself.
    pub(crate) fn report(&self) -> Report {
        let visible = self.machine.horizon.reached();
        Report { received: visible, visible, ..self.me.clone() }
    }

    /// Takes down what a node says, before its question is answered. False: it must not decide.
    ///
    /// INVARIANT: whoever gets the answer to a read-index is in the registry of the term in which the round began, or
    /// of a later one, or that registry is younger than the question (docs/adr/0010-leases-are-ages.md).
    pub(crate) fn hear(&self, report: Report) -> bool {
        let Some(mut registry) = self.registry() else { return false };
        let (terms, now_us) = (Terms::counted(&self.machine.view()), self.now_us());
        let taken = registry.hear(&terms, report, now_us);
        drop(registry);
        self.heard.notify_waiters();
        taken
    }

    /// Waits until a revision is visible at a level; false when the deadline passes first.
    ///
    /// # Errors
    /// This node does not lead, or no longer.
    pub(crate) async fn wait(
        &self,
        revision: u64,
        level: &Level,
        deadline: Instant,
    ) -> Result<bool, NotLeading> {
        // What is applied is committed.
        if !self.machine.horizon.wait(revision, deadline).await {
            return Ok(false);
        }
        let since_us = self.now_us();
        loop {
            let heard = self.heard.notified();
            tokio::pin!(heard);
            heard.as_mut().enable();
            let until = match self.reached(revision, level, since_us)? {
                Reached::Yes => return Ok(true),
                Reached::Wait(None) => deadline,
                Reached::Wait(Some(at_us)) => {
                    let left = Duration::from_micros(at_us.saturating_sub(self.now_us()));
                    deadline.min(Instant::now() + left)
                }
            };
            tokio::select! {
                biased;
                () = heard => {}
                () = sleep_until(until) => {
                    if until == deadline {
                        return Ok(self.reached(revision, level, since_us)? == Reached::Yes);
                    }
                }
            }
        }
    }

    fn reached(&self, revision: u64, level: &Level, since_us: u64) -> Result<Reached, NotLeading> {
        let registry = self.registry().ok_or(NotLeading)?;
        let terms = Terms::counted(&self.machine.view());
        Ok(registry.reached(&terms, level, revision, since_us, self.now_us()))
    }

    /// All nodes, as far as known.
    ///
    /// # Errors
    /// This node does not lead.
    pub(crate) fn standings(&self) -> Result<Standings, NotLeading> {
        let nodes = self.registry().ok_or(NotLeading)?.nodes();
        let (now_us, terms) = (self.now_us(), Terms::counted(&self.machine.view()));
        let standing = |known: lag::Known| {
            let ago_us = now_us.saturating_sub(known.heard_us);
            Standing {
                report: known.report,
                heard_ago: Duration::from_micros(ago_us),
                lease: Duration::from_micros(terms.outlast_us().saturating_sub(ago_us)),
            }
        };
        let me = self.report();
        let revision = me.visible;
        let lease = Duration::from_micros(terms.max_staleness_us);
        let mut nodes: Vec<Standing> = nodes.into_iter().map(standing).collect();
        nodes.push(Standing { report: me, heard_ago: Duration::ZERO, lease });
        nodes.sort_by_key(|standing| (standing.report.node, standing.heard_ago));
        Ok(Standings { revision, nodes })
    }

    /// The registry of the term this node leads.
    fn registry(&self) -> Option<MutexGuard<'_, Registry>> {
        let term = self.router.term_led()?;
        // INVARIANT: nothing that can panic runs under the lock.
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.lead(term, self.now_us());
        Some(registry)
    }

    fn now_us(&self) -> u64 {
        micros(self.clock.monotonic())
    }
}
