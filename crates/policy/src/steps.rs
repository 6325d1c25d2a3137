//! Steps of work, counted in this crate's own tests: a bound that no noise of a machine moves.
//!
//! A step is a byte compared, [`BYTES_AT_ONCE`] of them where runs are compared or copied as a
//! whole, or a pattern looked at. In every other build nothing is counted.

/// How many bytes one step takes where whole runs are compared or copied.
pub(crate) const BYTES_AT_ONCE: usize = 16;

/// Adds steps.
#[inline(always)]
pub(crate) fn add(steps: usize) {
    #[cfg(test)]
    TAKEN.with(|taken| taken.set(taken.get() + steps));
    #[cfg(not(test))]
    let _ = steps;
}

#[cfg(test)]
std::thread_local! {
    static TAKEN: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
}

/// How many steps some work takes.
#[cfg(test)]
pub(crate) fn taken(work: impl FnOnce()) -> usize {
    let before = TAKEN.get();
    work();
    TAKEN.get() - before
}
