//! Durations on the command line.

use std::time::Duration;

/// Reads a duration: a whole number and `ms`, `s`, `m` or `h`.
///
/// # Errors
/// What would be one.
pub fn parse(text: &str) -> Result<Duration, String> {
    door::parse_duration(text).ok_or_else(|| "write a duration such as 500ms, 10s or 2m".to_owned())
}
