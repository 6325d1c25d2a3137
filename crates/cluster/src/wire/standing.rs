//! What nodes say of themselves, and what the leader says of them.

use std::time::Duration;

use lag::Report;
use lag::duration::micros;
use model::Level;
use schema::peer::v1 as peer;

use super::Garbled;
use crate::propagation::{Standing, Standings};

pub(crate) fn report(report: Report) -> peer::Report {
    peer::Report {
        instance: report.instance,
        node: report.node,
        name: report.name,
        zone: report.zone,
        votes: report.votes,
        serves_stale: report.serves_stale,
        received: report.received,
        visible: report.visible,
    }
}

pub(crate) fn read_report(report: peer::Report) -> Report {
    Report {
        instance: report.instance,
        node: report.node,
        name: report.name,
        zone: report.zone,
        votes: report.votes,
        serves_stale: report.serves_stale,
        received: report.received,
        visible: report.visible,
    }
}

pub(crate) fn level(level: &Level) -> peer::r#await::Level {
    match level {
        Level::Replicas(count) => peer::r#await::Level::Replicas(*count),
        Level::Zone(zone) => peer::r#await::Level::Zone(zone.clone()),
        Level::All => peer::r#await::Level::All(peer::r#await::All {}),
    }
}

pub(crate) fn read_level(level: Option<peer::r#await::Level>) -> Result<Level, Garbled> {
    match level {
        Some(peer::r#await::Level::Replicas(count)) => Ok(Level::Replicas(count)),
        Some(peer::r#await::Level::Zone(zone)) => Ok(Level::Zone(zone)),
        Some(peer::r#await::Level::All(_)) => Ok(Level::All),
        None => Err(Garbled("no level")),
    }
}

pub(crate) fn standings(standings: Standings) -> peer::Standings {
    let nodes = standings.nodes.into_iter().map(|standing| peer::Standing {
        report: Some(report(standing.report)),
        heard_ago_us: micros(standing.heard_ago),
        lease_us: micros(standing.lease),
    });
    peer::Standings { revision: standings.revision, nodes: nodes.collect() }
}

pub(crate) fn read_standings(standings: peer::Standings) -> Standings {
    let nodes = standings.nodes.into_iter().map(|standing| Standing {
        report: read_report(standing.report.unwrap_or_default()),
        heard_ago: Duration::from_micros(standing.heard_ago_us),
        lease: Duration::from_micros(standing.lease_us),
    });
    Standings { revision: standings.revision, nodes: nodes.collect() }
}
