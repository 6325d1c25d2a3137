//! Changing the terms on which a cell decides, in two entries, so that no leader counts on less than some node decides
//! by (docs/adr/0010-leases-are-ages.md, "Changing the terms").

use std::sync::Weak;
use std::time::Duration;

use lag::Terms;
use model::Level;
use schema::internal::v1::{ChangeTermsRequest, SettleTermsRequest};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::backend::{Backend, Committed, Proposal, Unavailable};
use crate::node::{Inner, Node};

/// How often a leader looks whether there is something to settle, and how long one try takes at most.
const SETTLE_EVERY: Duration = Duration::from_secs(1);
const SETTLE_FOR: Duration = Duration::from_secs(60);

/// Changes the terms. Nodes decide on them from the entry on; leaders count on the longer of old and new until
/// [`settle`].
///
/// # Errors
/// It was not committed by the deadline, as far as known. What is wrong with the terms is an outcome.
pub async fn change(
    backend: &dyn Backend,
    request: &ChangeTermsRequest,
    deadline: Instant,
) -> Result<Committed, Unavailable> {
    let proposal = Proposal { awaited: true, ..Proposal::of_cell(request, String::new()) };
    backend.propose(proposal, deadline).await
}

/// Waits until no node decides on earlier terms, and lets leaders count on those in force alone. False when some node
/// still did when the deadline passed.
///
/// # Errors
/// Nobody could be asked.
pub async fn settle(backend: &dyn Backend, deadline: Instant) -> Result<bool, Unavailable> {
    let seen = backend.strong(deadline).await?;
    let Some(cell) = seen.state.cell().filter(|cell| cell.counted.is_some()) else {
        return Ok(true);
    };
    let revision = cell.terms_revision;
    // INVARIANT: the entry is proposed only when nobody decides by a view from before the change, nor ever will: such a
    // view was not the newest one since, so no lease on it begins any more.
    if !backend.propagated(revision, &Level::All, deadline).await {
        return Ok(false);
    }
    let settled = Proposal::of_cell(&SettleTermsRequest { revision }, String::new());
    backend.propose(settled, deadline).await.map(|committed| committed.outcome.is_ok())
}

/// The leader's chore: settles what whoever changed the terms did not stay for.
pub(crate) async fn keep_settled(node: Weak<Inner>) {
    let mut ticks = interval(SETTLE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(inner) = node.upgrade() else { return };
        let state = inner.machine.view();
        if Terms::counted(&state) == Terms::of(&state) || inner.router.term_led().is_none() {
            continue;
        }
        match settle(&Node { inner }, Instant::now() + SETTLE_FOR).await {
            Ok(true) => tracing::info!("no node decides on the earlier terms any more"),
            Ok(false) => tracing::info!("some node may still decide on the earlier terms"),
            Err(error) => tracing::warn!(%error, "the terms could not be settled"),
        }
    }
}
