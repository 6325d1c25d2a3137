//! The operator's hand: changes the terms on which nodes decide, while everything else goes on.

use std::time::Duration;

use cluster::{Proposal, terms};
use schema::internal::v1::{ChangeTermsRequest, SettleTermsRequest};
use tokio::time::Instant;

use super::Hand;
use crate::bug::Bug;
use crate::cell::{Door, REPLICAS, VOTERS};
use crate::settings::MAX_STALENESS_MS;
use crate::tape;

/// How long a change may take.
const PATIENCE: Duration = Duration::from_secs(2);

impl Hand {
    /// Makes the terms longer and shorter, until the run is over.
    pub(crate) async fn at_the_terms(self, bug: Option<Bug>) {
        while self.rest(500..3000).await {
            let node = self.chance.pick(&[VOTERS[0], VOTERS[1], VOTERS[2], REPLICAS[0]]);
            let ms =
                self.chance.pick(&[MAX_STALENESS_MS / 3, MAX_STALENESS_MS, 2 * MAX_STALENESS_MS]);
            let Some(door) = self.cell.door(node) else { continue };
            tokio::select! {
                biased;
                _ = door.gone.clone() => {}
                () = change_terms(&door, ms, bug) => {}
            }
        }
    }
}

async fn change_terms(door: &Door, ms: u64, bug: Option<Bug>) {
    let deadline = Instant::now() + PATIENCE;
    let backend = &*door.backend;
    let request = ChangeTermsRequest { max_staleness_ms: Some(ms), clock_drift_ppm: None };
    let Ok(changed) = terms::change(backend, &request, deadline).await else { return };
    tape::count("terms changed");
    tape::event(format_args!("terms of {ms} ms at {}", changed.revision));
    if bug == Some(Bug::TermsSettledEarly) {
        let settled = SettleTermsRequest { revision: changed.revision };
        let _ = backend.propose(Proposal::of_cell(&settled, String::new()), deadline).await;
    } else if let Ok(true) = terms::settle(backend, deadline).await {
        tape::count("terms settled");
    }
}
