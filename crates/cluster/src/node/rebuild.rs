//! A node whose checkpoint is lost gets the state from another voter.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, future, stream};
use model::State;
use schema::peer::v1::{FollowRequest, FollowStart, feed_item, follow_request};
use store::Disk;
use tokio::time::{Instant, sleep, timeout_at};

use super::StartError;
use crate::network::Peer;
use crate::raft::SnapshotMeta;
use crate::settings::{Parts, Settings};
use crate::snapshot::{Assembly, Piece};
use crate::wire;

/// Between one round of the seeds and the next.
const PAUSE: Duration = Duration::from_millis(500);

/// Asks one seed after the other for its state, until one has a state from which the log here goes
/// on.
///
/// Taking it is safe: whatever this node acknowledged is in its log, of which nothing committed is
/// given up; only what the entries came to is taken from elsewhere, and that is the same on every
/// node.
pub(super) async fn from_seeds<D: Disk>(
    settings: &Settings,
    parts: &Parts<D>,
    log_start: u64,
) -> Result<(SnapshotMeta, State), StartError> {
    let deadline = Instant::now() + settings.install_patience;
    let others = || parts.seeds.iter().filter(|seed| seed.id != settings.id);
    let mut last = "there is no other seed".to_owned();
    while Instant::now() < deadline && others().next().is_some() {
        for seed in others() {
            let peer = parts.network.peer(seed);
            let fetched = timeout_at(deadline, fetch(&*peer, &settings.name)).await;
            last = match fetched.unwrap_or_else(|_| Err("no answer in time".into())) {
                Ok(state) if state.1.revision() + 1 >= log_start => return Ok(state),
                Ok(state) => format!("its state is of revision {}", state.1.revision()),
                Err(why) => why,
            };
            tracing::warn!(seed = seed.id, why = last, "a seed did not give the state");
        }
        sleep(PAUSE).await;
    }
    Err(StartError::State(format!("the log begins at {log_start}, and no seed helped: {last}")))
}

async fn fetch(seed: &dyn Peer, name: &str) -> Result<(SnapshotMeta, State), String> {
    // No state has this digest at revision 0: whoever shows it is sent the whole state.
    let digest = Bytes::from_static(&[0xff; 32]);
    let start = FollowStart { revision: 0, digest, name: name.to_owned() };
    let start = FollowRequest { say: Some(follow_request::Say::Start(start)) };
    let says = stream::once(future::ready(start)).chain(stream::pending()).boxed();
    let mut items = seed.follow(says).await.map_err(|error| error.to_string())?;
    let mut assembly = Assembly::default();
    let mut mark = None;
    while let Some(item) = items.next().await {
        let piece = match item.map_err(|error| error.to_string())?.item {
            Some(feed_item::Item::Snapshot(head)) => {
                mark = head.mark.clone();
                Piece::Head(head)
            }
            Some(feed_item::Item::Part(part)) => Piece::Part(part),
            Some(feed_item::Item::End(end)) => Piece::End(end),
            _ => continue,
        };
        if let Some(state) = assembly.take(piece).map_err(|error| error.to_string())? {
            let mark = mark.take().ok_or("a snapshot without a mark")?;
            let meta = wire::read_mark(mark).map_err(|error| error.to_string())?;
            let at_mark = meta.last_log_id.map(|id| id.index) == Some(state.revision());
            return at_mark.then_some((meta, state)).ok_or("a mark of another state".into());
        }
    }
    Err("it ended before the state was whole".into())
}
