//! Moments as signatures write them, to and from Unix seconds.

use alloc::{format, string::String};

/// Reads ISO 8601 basic format, `20150830T123600Z`.
pub(crate) fn parse_basic(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let part = |from: usize, to: usize| digits(text.get(from..to)?);
    from_parts(part(0, 4)?, part(4, 6)?, part(6, 8)?, [part(9, 11)?, part(11, 13)?, part(13, 15)?])
}

/// Reads an HTTP date in its fixed form, `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 section 5.6.7).
///
/// Some signers send a `Date` header instead of `X-Amz-Date`; botocore writes the zone as `-0000`.
/// The day's name is not checked.
pub(crate) fn parse_http(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day = digits(words.next()?)?;
    let name = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|month| *month == name)? + 1).ok()?;
    let year = digits(words.next()?)?;
    let mut clock = words.next()?.split(':');
    let hms = [digits(clock.next()?)?, digits(clock.next()?)?, digits(clock.next()?)?];
    let is_utc = matches!(words.next()?, "GMT" | "-0000" | "+0000");
    let ended = clock.next().is_none() && words.next().is_none();
    if is_utc && ended { from_parts(year, month, day, hms) } else { None }
}

/// Writes ISO 8601 basic format.
pub(crate) fn format_basic(unix_s: i64) -> String {
    let (year, month, day) = civil(unix_s.div_euclid(86_400));
    let second = unix_s.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

fn digits(text: &str) -> Option<i64> {
    let all = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

fn from_parts(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3]) -> Option<i64> {
    let in_range = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    in_range.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that
/// the leap day is the last day of a year, and 400 of them make an era of 146,097 days.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The day of the Gregorian calendar that is `days` after 1970-01-01: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = (march_month + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * march_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(parse_basic("20150830T123600Z"), Some(1_440_938_160));
        assert_eq!(parse_basic("19700101T000000Z"), Some(0));
        assert_eq!(parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), Some(1_440_938_160));
        assert_eq!(format_basic(1_440_938_160), "20150830T123600Z");
        assert_eq!(format_basic(-1), "19691231T235959Z");
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2015-08-30T12:36:00Z",
            "20150230T123600Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "20150830T12360 Z",
            "20150830t123600Z",
            "+0150830T123600Z",
            "201508\u{e9}0T123600",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
        assert_eq!(parse_http("Sun, 31 Sep 2015 12:36:00 GMT"), None);
        assert_eq!(parse_http("Sun, 30 Aug 2015 12:36:00 CET"), None);
    }

    #[test]
    fn every_day_there_and_back() {
        for day in -200_000..200_000 {
            let moment = day * 86_400 + 86_399;
            let text = format_basic(moment);
            if text.len() == 16 && !text.starts_with('-') {
                assert_eq!(parse_basic(&text), Some(moment), "{text}");
            }
        }
    }
}
