//! Durations as plans write them: `250us`, `400ms`, `4s`, `2m`, `1h`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] =
    [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

/// Reads a duration as microseconds; `None` when it is none, or too long to count.
pub fn parse(text: &str) -> Option<u64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    let (_, unit_us) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*unit_us)
}

/// A time as this crate counts it, in whole microseconds.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Writes microseconds in the largest unit that makes a whole number: what [`parse`] reads back.
pub fn format(time_us: u64) -> String {
    if time_us == 0 {
        return "0s".to_owned();
    }
    let fits = UNITS.iter().find(|(_, unit_us)| time_us.is_multiple_of(*unit_us));
    let (unit, unit_us) = fits.unwrap_or(&("us", 1));
    format!("{}{unit}", time_us / unit_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, time_us) in [
            ("0s", 0),
            ("250us", 250),
            ("400ms", 400_000),
            ("4s", 4_000_000),
            ("90s", 90_000_000),
            ("2m", 120_000_000),
            ("1h", 3_600_000_000),
        ] {
            assert_eq!(parse(text), Some(time_us), "{text}");
            assert_eq!(format(time_us), text);
        }
        assert_eq!(parse("1000ms").map(format).as_deref(), Some("1s"));
        for text in [
            "",
            "4",
            "s",
            "4 s",
            "-4s",
            "4.5s",
            "4d",
            "99999999999999999999s",
            "99999999999999999h",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
