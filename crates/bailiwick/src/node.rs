//! What voters and replicas have in common: the master key, the front door, the life of the process.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use client::with_causes;
use cluster::{Backend, Clock};
use door::{Door, MasterKey, Options, Services, SystemEntropy};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use schema::cluster::v1::cluster_client::ClusterClient;
use schema::cluster::v1::{InitRequest, InitResponse};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tracing::{info, warn};

use crate::config::TlsConfig;
use crate::output::say;

/// How often uses of keys and roles are written down.
const USES_EVERY: Duration = Duration::from_secs(15);
const INIT_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the cell's master key.
///
/// # Errors
/// The file cannot be read, or holds no key.
pub fn master_key(file: &Path) -> Result<Arc<MasterKey>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("master key {}: {error}; make one with `openssl rand -hex 32`", file.display())
    })?;
    let text = zeroize::Zeroizing::new(text);
    MasterKey::parse(&text).map(Arc::new).map_err(|error| format!("{}: {error}", file.display()))
}

/// A front door and the socket it stands at.
pub struct Front {
    door: Door,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// What a front door stands on and offers.
pub struct Behind {
    pub backend: Arc<dyn Backend>,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<MasterKey>,
    pub services: Services,
    pub options: Options,
    pub registry: Registry,
}

impl Front {
    /// Binds the socket, so that its port is known before anything is said about it.
    ///
    /// # Errors
    /// The address is taken, or the certificate cannot be read.
    pub async fn bind(
        listen: SocketAddr,
        tls: Option<&TlsConfig>,
        behind: Behind,
    ) -> Result<Self, String> {
        let Behind { backend, clock, keys, services, options, mut registry } = behind;
        let listener = bind(listen).await?;
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("bailiwick_build", "The program", version);
        let door = Door::new(door::Parts {
            backend,
            keys,
            clock,
            entropy: Arc::new(SystemEntropy),
            options,
            registry,
            services,
        });
        Ok(Front { door, listener, tls: tls.map(certificate).transpose()? })
    }

    /// The address the kernel gave.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn address(&self) -> Result<SocketAddr, String> {
        self.listener.local_addr().map_err(|error| error.to_string())
    }

    /// Serves until told to stop, then finishes what is under way.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) {
        let uses = tokio::spawn(write_uses(self.door.clone()));
        let closed = door::listen(self.door, self.listener, self.tls, stop).await;
        if closed.cut > 0 {
            warn!(cut = closed.cut, "some connections had to be cut, calls under way on them");
        }
        uses.abort();
    }
}

fn certificate(tls: &TlsConfig) -> Result<Arc<rustls::ServerConfig>, String> {
    let read =
        |file: &Path| std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()));
    let (chain, key) =
        (read(&tls.certificate_file)?, zeroize::Zeroizing::new(read(&tls.key_file)?));
    door::server_config(&chain, &key)
        .map_err(|error| format!("{}: {error}", tls.certificate_file.display()))
}

/// Binds a socket.
///
/// # Errors
/// The address is taken.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))
}

async fn write_uses(door: Door) {
    let mut ticks = tokio::time::interval(USES_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = door.flush_uses(Instant::now() + USES_EVERY).await {
            warn!(%error, "the last uses of some keys were not written down");
        }
    }
}

/// The URL of an address that a node listens on.
pub fn url(address: SocketAddr, tls: bool) -> String {
    format!("{}://{address}", if tls { "https" } else { "http" })
}

/// Tells a parent process where the node listens: one line of JSON on standard output.
pub fn announce(endpoint: &str, peer: Option<SocketAddr>) {
    say!("{}", json!({"endpoint": endpoint, "peer": peer.map(|peer| peer.to_string())}));
}

/// Ends when the process is asked to end: Ctrl-C, SIGTERM, or, if asked for, the end of standard input.
pub async fn stop_signal(until_stdin_closes: bool) {
    let stdin = async {
        if until_stdin_closes {
            let mut rest = Vec::new();
            // Whatever comes, or fails, it ends when the parent does.
            let _ = tokio::io::stdin().read_to_end(&mut rest).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted() => {}
        () = stdin => {}
    }
    info!("stopping");
}

/// Ends with Ctrl-C or SIGTERM.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Makes a cell, by way of one of its voters: the master key proves the right to.
///
/// # Errors
/// The voter refuses, or does not answer.
pub async fn initialize(
    endpoint: &str,
    trusted: Option<Vec<u8>>,
    keys: &MasterKey,
    cell: InitRequest,
) -> Result<InitResponse, String> {
    let wrong = |error: tonic::transport::Error| {
        format!("{endpoint}: {}", with_causes(&error.to_string(), &error))
    };
    let mut connection = Endpoint::from_shared(endpoint.to_owned()).map_err(wrong)?;
    if endpoint.starts_with("https://") {
        let trusted = trusted.ok_or_else(|| {
            format!("{endpoint}: https needs the certificates to trust (--ca-file)")
        })?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trusted));
        connection = connection.tls_config(tls).map_err(wrong)?;
    }
    let channel = connection.connect().await.map_err(wrong)?;
    let mut request = tonic::Request::new(cell);
    request.set_timeout(INIT_TIMEOUT);
    let bearer = format!("Bearer {}", keys.peer_token()).parse();
    request
        .metadata_mut()
        .insert("authorization", bearer.map_err(|_| "the peer token is no header value")?);
    let made = ClusterClient::new(channel).init(request).await;
    made.map(tonic::Response::into_inner).map_err(|status| status.message().to_owned())
}
