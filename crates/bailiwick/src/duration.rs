//! Durations on the command line.

use std::time::Duration;

/// Reads a duration: a whole number and `us`, `ms`, `s`, `m` or `h`.
///
/// # Errors
/// What would be one.
pub fn parse(text: &str) -> Result<Duration, String> {
    let time_us = lag::duration::parse(text).map(Duration::from_micros);
    time_us.ok_or_else(|| "write a duration such as 500ms, 10s or 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "s", "-1s", "1.5s", "99999999999999999999s"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
