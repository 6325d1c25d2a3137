//! `bailiwick server`: a voter.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use cluster::network::grpc::{self, GrpcNetwork, PeerToken};
use cluster::{Clock, Dice, Node, Parts, Settings, SystemClock};
use door::Services;
use prometheus_client::registry::Registry;
use schema::cluster::v1::cluster_server::ClusterServer;
use schema::lag::v1::lag_server::LagServer;
use store::{Checkpoint, RealDisk};
use tracing::info;

use crate::config::{OnStale, Overrides, PeerAddress, ServerConfig};
use crate::lag_service::LagService;
use crate::node::{self, Behind, Front};
use crate::service::ClusterService;
use crate::telemetry;

/// Run a voter.
#[derive(Args)]
pub struct ServerArgs {
    /// Settings (deploy/voter-1.toml is an example with every one explained)
    #[arg(long, env = "BAILIWICK_CONFIG", value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    overrides: Overrides,
}

impl ServerArgs {
    /// The settings: the file, with environment and flags over it.
    ///
    /// # Errors
    /// They cannot be read, or contradict each other.
    pub fn config(&self) -> Result<ServerConfig, String> {
        ServerConfig::load(&self.config, &self.overrides)
    }
}

/// Runs until it is asked to stop.
///
/// # Errors
/// The voter cannot start: the message says what to do.
pub async fn run(arguments: ServerArgs, config: ServerConfig) -> Result<(), String> {
    telemetry::start(&config.log)?;
    // A storage engine that only pretends to fsync must not run.
    fsync::assert_in_force();
    let keys = node::master_key(&config.master_key_file)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let peers = node::bind(config.peer_listen).await?;
    let peer_address = peers.local_addr().map_err(|error| error.to_string())?;
    let voter = start(&config, &clock, keys.peer_token()).await?;
    let name: Arc<str> = format!("voter-{}", config.id).into();
    let service = ClusterService::voter(name, voter.clone(), Arc::clone(&keys));
    let services = Services::new()
        .guarded(ClusterServer::new(service))
        .guarded(LagServer::new(LagService::voter()));
    let token = PeerToken::derive(keys.peer_token().as_bytes());
    let behind = Behind {
        backend: Arc::new(voter.clone()),
        clock,
        keys,
        services,
        options: config.defaults.options()?,
        registry: Registry::default(),
    };
    let front = Front::bind(config.listen, config.tls.as_ref(), behind).await?;
    let endpoint = config.endpoint.clone();
    let endpoint = endpoint.unwrap_or(node::url(front.address()?, config.tls.is_some()));
    let (stop_peers, peers_stopped) = tokio::sync::oneshot::channel::<()>();
    let peer_stop = async move { drop(peers_stopped.await) };
    let serving = tokio::spawn(grpc::serve(peers, Arc::new(voter.clone()), token, peer_stop));
    info!(id = config.id, %endpoint, peer = %peer_address, "voter listens");
    node::announce(&endpoint, Some(peer_address));
    let (stopped, asked) = (voter.clone(), arguments.overrides.until_stdin_closes);
    let (told, why) = tokio::sync::oneshot::channel();
    let stop = async move {
        tokio::select! {
            () = node::stop_signal(asked) => {}
            why = stopped.stopped() => drop(told.send(why)),
        }
    };
    front.serve(stop).await;
    // The peers go on as long as we serve: what is under way needs them.
    drop(stop_peers);
    voter.shutdown().await;
    serving.abort();
    info!("stopped");
    // A voter that stopped by itself must be seen to have failed, so that whoever looks after it starts it again.
    why.await.map_or(Ok(()), |why| Err(format!("the voter stopped by itself: {why}")))
}

async fn start(
    config: &ServerConfig,
    clock: &Arc<dyn Clock>,
    peer_token: &str,
) -> Result<Node, String> {
    let folder = |name: &str| {
        let path = config.data.join(name);
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<PathBuf, String>(path)
    };
    let (log, state) = (folder("log")?, config.data.join("state"));
    let disk = RealDisk::new(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let checkpoint =
        Checkpoint::open(&state).map_err(|error| format!("{}: {error}", state.display()))?;
    let millis = Duration::from_millis;
    let settings = Settings {
        heartbeat: millis(config.raft.heartbeat_ms),
        zone: config.zone.clone(),
        history: config.history.limits(),
        serves_stale: config.on_stale == OnStale::ServeFlagged,
        election: millis(config.raft.election_min_ms)..millis(config.raft.election_max_ms),
        ..Settings::new(config.id)
    };
    let parts = Parts {
        disk,
        checkpoints: Some(Box::new(checkpoint)),
        network: Arc::new(GrpcNetwork::new(PeerToken::derive(peer_token.as_bytes()))),
        clock: Arc::clone(clock),
        dice: Arc::new(Dice::from_entropy()),
        apply: ops::apply,
        seeds: config.seeds.iter().map(PeerAddress::member).collect(),
    };
    Node::start(settings, parts).await.map_err(|error| error.to_string())
}
