//! What a cell writes into its own log: its birth and its bookkeeping.

mod change_terms;
mod initialize_cell;
mod record_use;
mod settle_terms;

use model::terms::{MAX_DRIFT_PPM, MAX_STALENESS_MS};
use schema::Fault;

use crate::faults;

/// Whether nodes could decide on such terms; what is left out always can be.
///
/// # Errors
/// `ValidationError` that names the bounds.
fn check_terms(max_staleness_ms: Option<u64>, clock_drift_ppm: Option<u32>) -> Result<(), Fault> {
    if max_staleness_ms.is_some_and(|ages| !MAX_STALENESS_MS.contains(&ages)) {
        return Err(faults::validation("max_staleness_ms must be 100 to 3600000."));
    }
    if clock_drift_ppm.is_some_and(|drift| drift > MAX_DRIFT_PPM) {
        return Err(faults::validation("clock_drift_ppm must be at most 100000."));
    }
    Ok(())
}
