//! What a replica may show, given what it received, the time, and a plan. Sans-I/O.
//!
//! Words as in docs/consistency.md: a revision is *received* when the replica holds it, *visible* when reads may see
//! it, and `visible <= received` always. The *age* of a view bounds the time since it was the newest one.
//!
//! Times are microseconds of one monotonic clock that the caller keeps. **Invariant:** nothing here reads a clock.

mod age;
mod class;
mod distribution;
mod draws;
pub mod duration;
mod fit;
mod history;
mod plan;
mod registry;
mod visibility;

pub use age::Age;
pub use class::Class;
pub use distribution::Distribution;
pub use draws::Draws;
pub use fit::{Fit, critical_distance};
pub use history::{Astray, History, HistoryLimits, Way, Weighed};
pub use model::Terms;
pub use plan::{Plan, PlanError, Scope};
pub use registry::{Known, Reached, Registry, Report};
pub use visibility::{Sample, Shown, Visibility, WAITING_MAX};

/// The longest delay that a plan draws: one hour, in microseconds. What a distribution gives beyond it is cut to it.
pub const MAX_DELAY_US: u64 = 3_600_000_000;
