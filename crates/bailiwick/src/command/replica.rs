//! `bailiwick replica`: a read replica.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use cluster::network::grpc::{self, GrpcNetwork, PeerToken};
use cluster::{Backend, Clock, Dice, RecentLimits, SystemClock};
use door::Services;
use lag::{Plan, PlanError};
use prometheus_client::registry::Registry;
use replica::{Parts, Replica, Settings};
use schema::cluster::v1::cluster_server::ClusterServer;
use schema::lag::v1::lag_server::LagServer;
use tokio::net::TcpListener;
use tracing::info;

use crate::config::{OnStale, Overrides, PeerAddress, ReplicaConfig};
use crate::lag_service::LagService;
use crate::node::{self, Behind, Front};
use crate::service::ClusterService;
use crate::telemetry;

/// Run a read replica.
#[derive(Args)]
pub struct ReplicaArgs {
    /// Settings (deploy/replica.toml is an example with every one explained)
    #[arg(long, env = "BAILIWICK_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// Lag plan, such as `aws-typical` or `fixed:400ms`, over the one of the settings
    #[arg(long, env = "BAILIWICK_LAG", value_name = "PLAN")]
    lag: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
}

impl ReplicaArgs {
    /// The settings: the file, with environment and flags over it.
    ///
    /// # Errors
    /// They cannot be read, or contradict each other.
    pub fn config(&self) -> Result<ReplicaConfig, String> {
        ReplicaConfig::load(&self.config, &self.overrides)
    }
}

/// Runs until it is asked to stop.
///
/// # Errors
/// The replica cannot start: the message says what to do.
pub async fn run(arguments: ReplicaArgs, config: ReplicaConfig) -> Result<(), String> {
    telemetry::start(&config.log)?;
    let keys = node::master_key(&config.master_key_file)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let plan = arguments.lag.as_deref().unwrap_or(&config.lag);
    let plan: Plan = plan.parse().map_err(|error: PlanError| error.to_string())?;
    let follow = config.follow.iter().map(PeerAddress::member);
    let name: Arc<str> = config.name.as_str().into();
    let peers = match config.peer_listen {
        Some(address) => Some(node::bind(address).await?),
        None => None,
    };
    let peer_address = peers.as_ref().map(TcpListener::local_addr).transpose();
    let peer_address = peer_address.map_err(|error| error.to_string())?;
    // Nothing is kept for followers when nobody can follow.
    let nothing = RecentLimits { revisions: 0, changes: 0, bytes: 0 };
    let recent = if peers.is_some() { RecentLimits::default() } else { nothing };
    let settings = Settings {
        name: Arc::clone(&name),
        plan,
        zone: config.zone.clone(),
        history: config.history.limits(),
        serves_stale: config.on_stale == OnStale::ServeFlagged,
        recent,
        ..Settings::new(config.id, follow.collect())
    };
    let parts = Parts {
        network: Arc::new(GrpcNetwork::new(PeerToken::derive(keys.peer_token().as_bytes()))),
        clock: Arc::clone(&clock),
        dice: Arc::new(Dice::from_entropy()),
    };
    let replica = Replica::start(settings, parts);
    let backend: Arc<dyn Backend> = Arc::new(replica.clone());
    let service = ClusterService::replica(name, Arc::clone(&backend), Arc::clone(&keys));
    let lag = match arguments.lag {
        None => Ok(arguments.config),
        Some(_) => {
            Err("nothing was changed: this replica has its plan from --lag or BAILIWICK_LAG, \
                        which would win over its settings at the next start")
        }
    };
    let lag = LagService::replica(replica.clone(), lag);
    let services =
        Services::new().guarded(ClusterServer::new(service)).guarded(LagServer::new(lag));
    let mut registry = Registry::default();
    replica.register(&mut registry);
    let options = config.defaults.options()?;
    let behind = Behind { backend, clock, keys: Arc::clone(&keys), services, options, registry };
    let front = Front::bind(config.listen, config.tls.as_ref(), behind).await?;
    let endpoint = config.endpoint.clone();
    let endpoint = endpoint.unwrap_or(node::url(front.address()?, config.tls.is_some()));
    let serving = peers.map(|peers| {
        let token = PeerToken::derive(keys.peer_token().as_bytes());
        let node = Arc::new(replica.clone());
        tokio::spawn(grpc::serve(peers, node, token, std::future::pending()))
    });
    info!(name = %config.name, %endpoint, lag = %replica.plan(), "replica listens");
    node::announce(&endpoint, peer_address);
    front.serve(node::stop_signal(arguments.overrides.until_stdin_closes)).await;
    replica.stop();
    if let Some(serving) = serving {
        serving.abort();
    }
    info!("stopped");
    Ok(())
}
