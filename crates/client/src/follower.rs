//! The policy data of chosen accounts, in this process: decisions without asking anybody, of a known age.
//!
//! ```text
//! Subscribe (stream) ─► changes, checked by their digest ─► Held ◄─ decide: no lock, no wait
//! Confirm (4 a second) ─► "at the moment you asked, history had gone to c" ──┘
//! ```
//!
//! INVARIANT: a view that holds revision `c` was the newest one at the moment at which a confirmation that answered
//! `c` was *sent*, by this process's monotonic clock. No other clock counts.

mod confirm;
mod decide;
mod feed;
mod held;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use schema::authz::v1::Question;
use tokio::task::AbortHandle;

use crate::session::parse;
use crate::{Client, Clock, Error, SystemClock};

pub use decide::{Decided, Undecided};
use held::Held;

/// How a follower behaves. The defaults suit a program on the cell's network.
#[derive(Clone)]
pub struct FollowerOptions {
    /// The greatest age of the data that is decided by; `None`: the cell's own `max_staleness`.
    pub max_staleness: Option<Duration>,
    /// How often the cell is asked how far it is: about what is added to the age.
    pub confirm_every: Duration,
    /// Pauses before following anew: anything up to a limit, which starts at the first and doubles up to the second.
    pub backoff: Range<Duration>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Default for FollowerOptions {
    fn default() -> Self {
        FollowerOptions {
            max_staleness: None,
            confirm_every: Duration::from_millis(250),
            backoff: Duration::from_millis(50)..Duration::from_secs(2),
            clock: Arc::new(SystemClock::default()),
        }
    }
}

/// How a follower stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FollowerStatus {
    /// The revision that is decided by; 0 before the first data have come.
    pub revision: u64,
    /// Upper bound of the age of that; `None` when nothing is known.
    pub age: Option<Duration>,
    /// From this age on nothing is decided.
    pub max_staleness: Duration,
    /// The node that is followed; `None` between two.
    pub followed: Option<String>,
    /// What last went wrong since the last that went well.
    pub trouble: Option<String>,
}

/// Holds the policy data of chosen accounts and decides by them, as `authz/v1` would with the same state.
///
/// It goes on from node to node, and decides nothing by what is older than
/// [`max_staleness`](FollowerOptions::max_staleness). It ends when it is dropped. See docs/authorization.md, "Deciding
/// in your own process".
pub struct Follower {
    held: Arc<Held>,
    tasks: [AbortHandle; 2],
}

impl Follower {
    /// Begins to follow accounts, with a credential that may (`authz:Follow`). It decides nothing until the data have
    /// come: see [`Follower::ready`]. Must be called within a tokio runtime.
    pub fn start<A: Into<String>>(
        client: &Client,
        accounts: impl IntoIterator<Item = A>,
        options: FollowerOptions,
    ) -> Follower {
        let FollowerOptions { max_staleness, confirm_every, backoff, clock } = options;
        let accounts = accounts.into_iter().map(Into::into).collect();
        let held = Arc::new(Held::new(accounts, max_staleness, clock));
        let tasks = [
            tokio::spawn(feed::run(Arc::clone(&held), client.apart(), backoff)).abort_handle(),
            tokio::spawn(confirm::run(Arc::clone(&held), client.apart(), confirm_every))
                .abort_handle(),
        ];
        Follower { held, tasks }
    }

    /// Decides a question by what is held, without waiting.
    ///
    /// # Errors
    /// Why this follower cannot decide it, which is no permission: see [`Undecided`].
    pub fn decide(&self, question: &Question) -> Result<Decided, Undecided> {
        decide::decide(&self.held, question)
    }

    /// Waits until decisions can be made.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what is in the way, when they cannot within the time.
    pub async fn ready(&self, within: Duration) -> Result<(), Error> {
        self.wait(within, "nothing young enough to decide by", |held| held.is_young()).await
    }

    /// Waits until what is decided by holds a write, by its token or revision.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no token or one of another cell; [`Error::Unavailable`] when it does not within
    /// the time.
    pub async fn wait_for(&self, token: &str, within: Duration) -> Result<(), Error> {
        let token = parse(token)?;
        let cell = || self.held.shown().state.cell().map(|cell| cell.cell_id.clone());
        let is_here = |held: &Held| held.shown().state.revision() >= token.revision;
        self.wait(within, &format!("revision {} is not here", token.revision), is_here).await?;
        match cell().is_none_or(|cell| token.is_of(&cell)) {
            true => Ok(()),
            false => Err(Error::Usage("the token is of another cell".to_owned())),
        }
    }

    /// How it stands.
    pub fn status(&self) -> FollowerStatus {
        self.held.status()
    }

    async fn wait(
        &self,
        within: Duration,
        what: &str,
        is_there: impl Fn(&Held) -> bool,
    ) -> Result<(), Error> {
        let mut moved = self.held.moved();
        let there = moved.wait_for(|()| is_there(&self.held));
        if tokio::time::timeout(within, there).await.is_ok() {
            return Ok(());
        }
        let status = self.status();
        let trouble = status.trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default();
        let message = format!("{what}, at revision {}{trouble}", status.revision);
        Err(Error::Unavailable { message, maybe_applied: false })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("status", &self.status()).finish_non_exhaustive()
    }
}
