//! Follows one node after another.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::State;
use schema::follow::v1::{Mark, SubscribeRequest, SubscribeResponse};
use schema::model::v1::Change;

use super::held::Held;
use crate::{Client, Error};

/// A node says something at least once a second.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// What has come since the last mark.
#[derive(Default)]
struct Step {
    restart: bool,
    changes: Vec<Change>,
}

struct Feed {
    held: Arc<Held>,
    client: Client,
    /// What is held was not what the node has: it is fetched anew.
    is_suspect: bool,
    limit: Duration,
    backoff: Range<Duration>,
}

/// Runs until it is aborted.
pub(super) async fn run(held: Arc<Held>, client: Client, backoff: Range<Duration>) {
    let limit = backoff.start;
    let mut feed = Feed { held, client, is_suspect: false, limit, backoff };
    loop {
        let Err(ended) = feed.follow().await;
        feed.held.trouble(&ended, false);
        feed.client.pass_over();
        tokio::time::sleep(feed.pause()).await;
    }
}

impl Feed {
    async fn follow(&mut self) -> Result<Infallible, Error> {
        let start = self.start();
        let mut incoming =
            self.client.open("/bailiwick.follow.v1.Follow/Subscribe", &start).await?;
        let mut step = Step::default();
        let mut up_to_date_at = self.held.clock.monotonic();
        loop {
            let item: SubscribeResponse = incoming.next(SILENCE_MAX).await?;
            if let Some(mark) = step.take(item) {
                self.lead_to(std::mem::take(&mut step), mark).await?;
                self.limit = self.backoff.start;
            }
            let now = self.held.clock.monotonic();
            if self.held.is_up_to_date() {
                up_to_date_at = now;
            }
            // It may be cut off from the cell, which goes on without it.
            let patience = self.held.shown().max_staleness / 2;
            if now.saturating_sub(up_to_date_at) > patience.max(Duration::from_millis(100)) {
                return Err(lost("the node is behind the cell"));
            }
        }
    }

    fn start(&self) -> SubscribeRequest {
        let accounts = self.held.accounts.iter().cloned().collect();
        let shown = self.held.shown();
        let revision = shown.state.revision();
        let digest = match self.is_suspect || revision == 0 {
            true => Bytes::new(),
            false => Bytes::copy_from_slice(&shown.state.shared_digest(&self.held.accounts)),
        };
        SubscribeRequest { accounts, revision, digest }
    }

    /// Shows where a step leads, if that is where the node is.
    async fn lead_to(&mut self, step: Step, mark: Mark) -> Result<(), Error> {
        let shown = self.held.shown();
        if mark.revision < shown.state.revision() {
            return Err(lost("the node went back"));
        }
        let before = match step.restart {
            true => State::default(),
            false => State::clone(&shown.state),
        };
        drop(shown);
        let (revision, time_ms) = (mark.revision, mark.time_ms);
        // Compiling the policies of an account may take a while, and the runtime has others to serve.
        let state = match step.changes.is_empty() {
            true => Ok(before.advanced(revision, time_ms)),
            false => {
                let changed = move || before.changed(revision, time_ms, &step.changes);
                let changed = tokio::task::spawn_blocking(changed).await;
                changed.map_err(|_| lost("the runtime stops"))?
            }
        };
        let state = state.map_err(|error| self.suspect(&error.to_string()))?;
        if state.shared_digest(&self.held.accounts)[..] != mark.digest[..] {
            return Err(self.suspect("the digest differs"));
        }
        self.is_suspect = false;
        self.held.show(state, mark.served_by);
        Ok(())
    }

    fn suspect(&mut self, why: &str) -> Error {
        self.is_suspect = true;
        lost(&format!("what came does not lead to the cell's state: {why}"))
    }

    /// Anything up to the limit, which doubles: followers that lost the same node do not come back together.
    fn pause(&mut self) -> Duration {
        let limit = self.limit;
        self.limit = (limit * 2).min(self.backoff.end);
        let limit_us = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(RandomState::new().build_hasher().finish() % limit_us)
    }
}

impl Step {
    /// Takes an item; gives the mark that closes the step.
    fn take(&mut self, item: SubscribeResponse) -> Option<Mark> {
        if item.restart {
            self.restart = true;
            self.changes.clear();
        }
        self.changes.extend(item.changes);
        item.mark
    }
}

fn lost(why: &str) -> Error {
    Error::Unavailable { message: why.to_owned(), maybe_applied: false }
}
