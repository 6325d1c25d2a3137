//! Starting a node: from checkpoint and log to a member that takes part.

use std::sync::Arc;

use futures::FutureExt;
use lag::Report;
use openraft::{Config, SnapshotPolicy};
use store::Disk;

use super::source::Applied;
use super::{Inner, Node, StartError, rebuild};
use crate::checkpoint::{self, Keeper};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::freshness::{Freshness, keep_fresh};
use crate::log_store::LogStore;
use crate::machine::Machine;
use crate::network::Network;
use crate::propagation::Propagation;
use crate::proposer::{ProposalLimits, Proposer, Stamper};
use crate::raft::Raft;
use crate::raft_network::{Asked, Factory, Patience};
use crate::read_index::Rounds;
use crate::route::Router;
use crate::runtime::Context;
use crate::settings::{Parts, Settings};
use crate::state_machine::StateMachine;
use crate::terms::keep_settled;

/// The largest entry, unless the log's segments are small; well below the limit of a message
/// between peers.
const ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;

impl Node {
    /// Starts a node on what its disk holds. A node without a past waits for [`Node::init`] on one
    /// of the first members, or to be added by a leader.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start<D: Disk>(
        settings: Settings,
        mut parts: Parts<D>,
    ) -> Result<Node, StartError> {
        let context = Context::new(Arc::clone(&parts.dice));
        let (log, machine) = context.scope(open(&settings, &mut parts)).await?;
        let asked = Arc::new(Asked::default());
        let network = Arc::clone(&parts.network);
        let raft = start_raft(&settings, network, Arc::clone(&asked), &log, &machine);
        let raft = context.scope(raft).await?;
        let node = assemble(&settings, parts, log, machine, raft, asked, context);
        node.start_chores(&settings);
        Ok(node)
    }

    fn start_chores(&self, settings: &Settings) {
        let inner = &self.inner;
        drop(inner.context.spawn(keep_fresh(
            inner.rounds.clone(),
            Arc::clone(&inner.machine),
            Arc::clone(&inner.freshness),
            settings.confirm_every,
        )));
        drop(inner.context.spawn(keep_settled(Arc::downgrade(inner))));
        if inner.machine.keeper.is_durable() {
            let (raft, machine) = (inner.raft.clone(), Arc::clone(&inner.machine));
            drop(inner.context.spawn(super::checkpoints::keep(raft, machine, settings.checkpoint)));
        }
    }
}

async fn open<D: Disk>(
    settings: &Settings,
    parts: &mut Parts<D>,
) -> Result<(LogStore<D>, Arc<Machine>), StartError> {
    let log = LogStore::open(parts.disk.clone(), settings.log, settings.threading);
    let mut log = log.map_err(StartError::Log)?;
    let mut checkpoints = parts.checkpoints.take();
    let mut restored = match checkpoints.as_deref_mut() {
        Some(store) => checkpoint::load(store).map_err(StartError::Checkpoint)?,
        None => Default::default(),
    };
    let keeper = Keeper::new(checkpoints, settings.threading, restored.1.clone());
    let first = log.marks().first_index();
    if first > restored.1.revision() + 1 {
        tracing::error!(
            first,
            "the state is lost and the log does not reach back: asking the seeds"
        );
        restored = rebuild::from_seeds(settings, parts, first).await?;
        let (meta, state) = (&restored.0, Arc::new(restored.1.clone()));
        if let Some(id) = meta.last_log_id {
            log.adopt(id).await.map_err(StartError::Log)?;
        }
        let kept = keeper.replace(meta, &state).await;
        kept.map_err(|error| StartError::State(error.to_string()))?;
    }
    let clock = Arc::clone(&parts.clock);
    let kept = (settings.recent, settings.history);
    Ok((log, Machine::new(parts.apply, clock, kept, keeper, restored)))
}

async fn start_raft<D: Disk>(
    settings: &Settings,
    network: Arc<dyn Network>,
    asked: Arc<Asked>,
    log: &LogStore<D>,
    machine: &Arc<Machine>,
) -> Result<Raft, StartError> {
    let patience = Patience {
        append: settings.peer_patience,
        vote: settings.peer_patience,
        install: settings.install_patience,
    };
    let factory = Factory::new(network, patience, asked);
    let state_machine = StateMachine::new(Arc::clone(machine));
    let config = Arc::new(config(settings)?);
    let raft = Raft::new(settings.id, config, factory, log.clone(), state_machine).await;
    raft.map_err(|error| StartError::Consensus(error.to_string()))
}

fn config(settings: &Settings) -> Result<Config, StartError> {
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let config = Config {
        cluster_name: "bailiwick".to_owned(),
        heartbeat_interval: millis(settings.heartbeat),
        election_timeout_min: millis(settings.election.start),
        election_timeout_max: millis(settings.election.end),
        install_snapshot_timeout: millis(settings.install_patience),
        // The log is purged behind checkpoints, by us: see `checkpoints`.
        snapshot_policy: SnapshotPolicy::Never,
        max_in_snapshot_log_to_keep: u64::MAX,
        // A node that comes back from a partition must not unseat a leader that the others can
        // reach.
        enable_pre_vote: Some(true),
        // A leader that was restarted stands for election like anybody else.
        enable_leader_restore: Some(false),
        max_payload_entries: 1_024,
        backoff: "50ms 100ms 200ms ..1s".to_owned(),
        ..Config::default()
    };
    config.validate().map_err(|error| StartError::Settings(error.to_string()))
}

fn assemble<D: Disk>(
    settings: &Settings,
    parts: Parts<D>,
    log: LogStore<D>,
    machine: Arc<Machine>,
    raft: Raft,
    asked: Arc<Asked>,
    context: Arc<Context>,
) -> Node {
    let clock: Arc<dyn Clock> = parts.clock;
    let router = Arc::new(Router::new(settings.id, parts.network, &raft));
    let me = Report {
        instance: parts.dice.throw(),
        node: settings.id,
        name: settings.name.to_string(),
        zone: settings.zone.clone(),
        votes: true,
        serves_stale: settings.serves_stale,
        ..Report::default()
    };
    let propagation = Arc::new(Propagation::new(
        Arc::clone(&machine),
        Arc::clone(&router),
        Arc::clone(&clock),
        me,
    ));
    let stamper =
        Stamper::new(Arc::clone(&clock), parts.dice, Arc::clone(&machine), settings.feature_level);
    let limits = ProposalLimits {
        waiting: settings.proposals_max,
        bytes: ENTRY_BYTES_MAX.min(settings.log.segment_bytes / 2),
    };
    let proposer = Proposer::start(stamper, raft.clone(), limits, &context);
    let freshness = Arc::new(Freshness::new(Arc::clone(&clock)));
    let rounds = Rounds::start(
        raft.clone(),
        Arc::clone(&router),
        Arc::clone(&clock),
        settings.peer_patience,
        Arc::clone(&propagation),
        &context,
    );
    let source = Applied {
        machine: Arc::clone(&machine),
        freshness: Arc::clone(&freshness),
        router: Arc::clone(&router),
    };
    let feed = Feed::new(Arc::new(source), Arc::clone(&clock), settings.feed_heartbeat);
    let inner = Inner {
        id: settings.id,
        name: Arc::clone(&settings.name),
        raft,
        machine,
        router,
        proposer,
        rounds,
        asked,
        freshness,
        propagation,
        clock,
        serves_stale: settings.serves_stale,
        feed: Arc::new(feed),
        context,
        log: log.marks().clone(),
        log_released: log.released().boxed().shared(),
    };
    Node { inner: Arc::new(inner) }
}
