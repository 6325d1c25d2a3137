//! A replica: follows the change feed of a voter or of another replica, shows what its lag plan permits, forwards
//! writes, and serves the feed on.
//!
//! **Invariant:** what is shown is always a state that some voter had, checked by its digest, and never goes back.
//! **Invariant:** the age told with it is never too small; clocks of other machines say how long something took, never
//! what time it is (see [`cluster::feed`]).
//! **Invariant:** whether this node may decide is known by its own monotonic clock and the leader's word alone.

mod backend;
mod backoff;
mod delays;
mod follower;
mod kept;
mod lag_status;
mod leader;
mod pacer;
mod peer;
mod reporter;
mod settings;
mod source;
mod views;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cluster::feed::Feed;
use cluster::{NodeId, Past, Report};
use lag::Plan;
use prometheus_client::registry::Registry;
use tokio::task::{AbortHandle, JoinSet};

use follower::Follower;
use kept::Kept;
use leader::Leader;
use reporter::Reporter;
use source::Received;
use views::Views;

pub use lag_status::LagStatus;
pub use settings::{Parts, Settings};

/// A running replica; clones are handles on the same one. It stops with the last handle, or by [`Replica::stop`].
#[derive(Clone)]
pub struct Replica {
    inner: Arc<Inner>,
}

struct Inner {
    id: NodeId,
    name: Arc<str>,
    views: Arc<Views>,
    leader: Arc<Leader>,
    reporter: Arc<Reporter>,
    tasks: [AbortHandle; 3],
    feed: Arc<Feed>,
    /// Feeds being served; nothing once the replica has stopped.
    serving: Mutex<Option<JoinSet<()>>>,
}

impl Replica {
    /// Starts a replica that holds nothing yet: until the first state has come it shows the empty one, of unknown age.
    /// Must be called within a tokio runtime.
    pub fn start(settings: Settings, parts: Parts) -> Replica {
        let kept = Kept::new(settings.recent, Arc::clone(&parts.clock));
        let past = Past::new(settings.history);
        let (room, stale) = (settings.waiting_max, settings.serves_stale);
        let views = Arc::new(Views::new(settings.plan, room, stale, past, kept, parts.clock));
        let leader = Arc::new(Leader::new(&*parts.network, &settings.follow));
        let source = Received { views: Arc::clone(&views), leader: Arc::clone(&leader) };
        let clock = Arc::clone(views.clock());
        let feed = Arc::new(Feed::new(Arc::new(source), clock, settings.feed_heartbeat));
        let reporter = Reporter {
            me: Report {
                instance: parts.dice.throw(),
                node: settings.id,
                name: settings.name.to_string(),
                zone: settings.zone,
                serves_stale: settings.serves_stale,
                ..Report::default()
            },
            views: Arc::clone(&views),
            leader: Arc::clone(&leader),
        };
        let reporter = Arc::new(reporter);
        let follower = Follower {
            name: Arc::clone(&settings.name),
            follow: settings.follow,
            network: parts.network,
            dice: parts.dice,
            views: Arc::clone(&views),
            leader: Arc::clone(&leader),
            stale_after: settings.stale_after,
            backoff: settings.backoff,
        };
        let pacer = pacer::run(Arc::clone(&views));
        let reports = Arc::clone(&reporter).run(settings.report_every);
        let tasks = [
            tokio::spawn(follower.run()).abort_handle(),
            tokio::spawn(pacer).abort_handle(),
            tokio::spawn(reports).abort_handle(),
        ];
        let (id, name) = (settings.id, settings.name);
        let serving = Mutex::new(Some(JoinSet::new()));
        let inner = Inner { id, name, views, leader, reporter, tasks, feed, serving };
        Replica { inner: Arc::new(inner) }
    }

    /// The newest revision received, visible or not.
    pub fn received(&self) -> u64 {
        self.inner.views.received()
    }

    /// The lag plan in force.
    pub fn plan(&self) -> Plan {
        self.inner.views.plan()
    }

    /// Puts another plan in force, for what is received from now on.
    pub fn set_plan(&self, plan: Plan) {
        self.inner.views.set_plan(plan);
    }

    /// From now on time makes nothing visible.
    pub fn pause(&self) {
        self.inner.views.pause();
    }

    /// Ends a pause: what became due in it becomes visible.
    pub fn resume(&self) {
        self.inner.views.resume();
    }

    /// Makes the next so many of the revisions that wait visible now, due or not.
    pub fn step(&self, revisions: u64) {
        self.inner.views.step(revisions);
    }

    /// Makes everything that waits visible now.
    pub fn flush(&self) {
        self.inner.views.flush();
    }

    /// How the lag stands.
    pub fn lag(&self) -> LagStatus {
        self.inner.views.lag()
    }

    /// Puts the histograms of delays into a registry.
    pub fn register(&self, registry: &mut Registry) {
        self.inner.views.delays.register(registry);
    }

    /// Stops following and being followed. What is shown stays, and grows old.
    pub fn stop(&self) {
        self.inner.stop();
    }
}

impl Inner {
    fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("id", &self.inner.id).finish_non_exhaustive()
    }
}
