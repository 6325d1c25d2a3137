//! Faults built in on purpose, to see that the checkers find them.
//!
//! Each is put in where the real one would be: between a node and its disk, its peers, its clients or its settings.
//! None is in the product, which has no such switch (docs/reliability.md, "Faults built in").

mod backend;
mod network;
mod peer;

use std::fmt;
use std::sync::Arc;

use cluster::Backend;
use cluster::network::{Network, Peer};

/// A fault built in on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// A disk says it synced and did not.
    SkipFsync,
    /// A leader counts log entries as held by a follower once they are sent.
    AckBeforeQuorum,
    /// A read that asks for at least a revision is answered by whatever is there.
    TokenIgnored,
    /// A replica shows at once what its plan delays.
    LagNotEnforced,
    /// A node decides by a view for twice as long as it may.
    LeaseTooLong,
    /// Whoever believes that it leads answers strong reads without asking a quorum.
    ReadIndexWithoutTermCheck,
    /// A barrier waits for no replica that holds more than it shows.
    BarrierIgnoresPausedReplica,
    /// A write is answered as done when its fate is unknown.
    AckUnknown,
    /// An answer claims to be half as old as it is.
    AgeHalved,
    /// A revision that is past is answered from what is visible now.
    ExactFromNow,
    /// Leaders count on new terms before every node decides on them.
    TermsSettledEarly,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 11] = [
        Bug::SkipFsync,
        Bug::AckBeforeQuorum,
        Bug::TokenIgnored,
        Bug::LagNotEnforced,
        Bug::LeaseTooLong,
        Bug::ReadIndexWithoutTermCheck,
        Bug::BarrierIgnoresPausedReplica,
        Bug::AckUnknown,
        Bug::AgeHalved,
        Bug::ExactFromNow,
        Bug::TermsSettledEarly,
    ];

    /// As it is written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Bug::SkipFsync => "skip-fsync",
            Bug::AckBeforeQuorum => "ack-before-quorum",
            Bug::TokenIgnored => "token-ignored",
            Bug::LagNotEnforced => "lag-not-enforced",
            Bug::LeaseTooLong => "lease-too-long",
            Bug::ReadIndexWithoutTermCheck => "read-index-without-term-check",
            Bug::BarrierIgnoresPausedReplica => "barrier-ignores-paused-replica",
            Bug::AckUnknown => "ack-unknown",
            Bug::AgeHalved => "age-halved",
            Bug::ExactFromNow => "exact-from-now",
            Bug::TermsSettledEarly => "terms-settled-early",
        }
    }

    /// The node as clients reach it.
    pub(crate) fn before_clients(self, node: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(backend::Faulty { node, bug: self })
    }

    /// The node as its peers reach it.
    pub(crate) fn before_peers(self, node: Arc<dyn Backend>, peer: Arc<dyn Peer>) -> Arc<dyn Peer> {
        Arc::new(peer::Faulty { peer, side: peer::Side::Called(node), bug: self })
    }

    /// Its peers as a node reaches them.
    pub(crate) fn around(self, network: Arc<dyn Network>) -> Arc<dyn Network> {
        match self {
            Bug::AckBeforeQuorum => Arc::new(network::Hasty(network)),
            _ => network,
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
