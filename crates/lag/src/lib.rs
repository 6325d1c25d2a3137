//! What a replica may show, given what it received, the time, and a plan. Sans-I/O.
//!
//! Words as in docs/consistency.md: a revision is *received* when the replica holds it, *visible* when reads may see
//! it, and `visible <= received` always. The *age* of a view bounds the time since it was the newest one.
//!
//! Times are microseconds of one monotonic clock that the caller keeps. **Invariant:** nothing here reads a clock.

mod age;
mod lease;
mod plan;
mod registry;
mod visibility;

pub use age::Age;
pub use lease::{MAX_DRIFT_PPM, Terms};
pub use plan::{Plan, PlanError};
pub use registry::{Known, Level, Reached, Registry, Report};
pub use visibility::Visibility;
