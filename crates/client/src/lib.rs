//! Rust client of a cell: signs every call, goes on to another node when one fails, keeps a deadline.
//!
//! Calls are gRPC, signed with Signature Version 4 as docs/signing.md says. [`Client::call`] takes any operation of
//! the schema as bytes; [`Client::send`] any unary rpc with typed messages. A [`Session`] never goes back, whichever
//! node answers. A [`Follower`] holds the policy data of chosen accounts and decides without asking.

mod answer;
mod call;
mod clock;
mod codec;
mod credentials;
mod endpoint;
mod error;
mod follower;
mod session;
mod stream;
mod watch;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

pub use answer::Answer;
pub use clock::{Clock, SystemClock};
pub use credentials::Credentials;
pub use error::{Error, with_causes};
pub use follower::{Decided, Follower, FollowerOptions, FollowerStatus, Undecided};
pub use session::Session;
pub use watch::Watch;

use endpoint::Endpoint;
use session::Newest;

/// The header in which a read asks for a consistency.
pub(crate) const CONSISTENCY: &str = "x-bailiwick-consistency";

/// A client of one cell with one credential. Cloning is cheap and shares connections.
#[derive(Clone, Debug)]
pub struct Client {
    endpoints: Arc<[Endpoint]>,
    /// The endpoint that answered last; calls start there.
    current: Arc<AtomicUsize>,
    credentials: Option<Arc<Credentials>>,
    region: Arc<str>,
    deadline: Duration,
    headers: Arc<[(&'static str, String)]>,
    /// Of a session: the newest revision it has seen.
    newest: Option<Arc<Newest>>,
}

impl Client {
    /// A client of the nodes at some URLs. Connects when first used.
    ///
    /// # Errors
    /// [`Error::Usage`] for no URL, one that cannot be read, or one of `https`: see
    /// [`Client::trusting`].
    pub fn new(urls: &[String], credentials: Option<Credentials>) -> Result<Self, Error> {
        Self::build(urls, credentials, None)
    }

    /// As [`Client::new`], with certificates in PEM that those of `https` nodes must be, or be
    /// signed by.
    ///
    /// # Errors
    /// [`Error::Usage`] for no URL or one that cannot be read, and for what is no certificate.
    pub fn trusting(
        urls: &[String],
        credentials: Option<Credentials>,
        certificates: &[u8],
    ) -> Result<Self, Error> {
        Self::build(urls, credentials, Some(certificates))
    }

    fn build(
        urls: &[String],
        credentials: Option<Credentials>,
        trusted: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let endpoints =
            urls.iter().map(|url| Endpoint::new(url, trusted)).collect::<Result<Vec<_>, _>>()?;
        if endpoints.is_empty() {
            return Err(Error::Usage("no endpoint to talk to".to_owned()));
        }
        Ok(Client {
            endpoints: endpoints.into(),
            current: Arc::default(),
            credentials: credentials.map(Arc::new),
            region: "us-east-1".into(),
            deadline: Duration::from_secs(10),
            headers: Arc::new([]),
            newest: None,
        })
    }

    /// The same client with another deadline for each call, tries at other nodes included.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same client asking its reads for a consistency: `strong`, `eventual`, `at-least=<revision>`,
    /// `max-age=<duration>`.
    #[must_use]
    pub fn with_consistency(self, consistency: &str) -> Self {
        self.with_header(CONSISTENCY, consistency)
    }

    /// The same client whose writes wait until they are visible: `committed`, `replicas=<n>`, `zone=<name>`, `all`.
    /// [`Answer::propagation`] says whether they were in time.
    #[must_use]
    pub fn with_ack(self, level: &str) -> Self {
        self.with_header("x-bailiwick-ack", level)
    }

    /// The same client sending a header with each call, signed; one of the same name is replaced.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let others = self.headers.iter().filter(|(known, _)| *known != name).cloned();
        self.headers = others.chain([(name, value.to_owned())]).collect();
        self
    }

    /// The same client with another credential.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// The same endpoints and credential, with a place of its own among the endpoints and nothing to ask for.
    pub(crate) fn apart(&self) -> Client {
        let (headers, newest) = (Arc::new([]) as Arc<[_]>, None);
        Client { current: Arc::default(), headers, newest, ..self.clone() }
    }

    /// A client of each node alone.
    pub fn each(&self) -> impl Iterator<Item = (&str, Client)> {
        self.endpoints.iter().map(|endpoint| {
            let alone = Client {
                endpoints: Arc::new([endpoint.clone()]),
                current: Arc::default(),
                ..self.clone()
            };
            (endpoint.url(), alone)
        })
    }
}
