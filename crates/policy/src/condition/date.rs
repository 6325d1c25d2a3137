//! Dates: ISO 8601 in the forms of the W3C note, or seconds since 1970.

use alloc::{format, string::String};

/// Nanoseconds since 1970-01-01T00:00:00Z.
pub(super) type Instant = i128;

const NANOSECONDS: i128 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
/// The years a 64-bit count of milliseconds can hold, which bound IAM's dates.
const YEARS: core::ops::RangeInclusive<i64> = -292_275_054..=292_278_993;

/// Reads a date. A text with a `T` or `-` is ISO 8601 (year, then month, day, time and zone as far
/// as they are written, UTC without a zone); any other is seconds.
pub(super) fn parse(text: &str) -> Option<Instant> {
    if !text.contains(['T', 't', '-']) {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: i64 = if is_number { text.parse().ok()? } else { return None };
        return Some(i128::from(seconds) * NANOSECONDS);
    }
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let (clock, offset_minutes) = zone(time)?;
    let (seconds, nanoseconds) = time_of_day(clock)?;
    let total = days(date)? * DAY_SECONDS + seconds - offset_minutes * 60;
    Some(i128::from(total) * NANOSECONDS + i128::from(nanoseconds))
}

/// Whether a text is a date.
pub(crate) fn is_readable(text: &str) -> bool {
    parse(text).is_some()
}

/// Writes seconds since 1970 as `2021-01-13T03:33:37Z`.
pub(crate) fn format(seconds: i64) -> String {
    let (days, of_day) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads a number of so many digits within a range.
fn digits(text: &str, length: core::ops::RangeInclusive<usize>, limit: i64) -> Option<i64> {
    let fits = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !fits {
        return None;
    }
    text.parse().ok().filter(|value| *value <= limit)
}

/// The days from 1970 to `year[-month[-day]]`.
fn days(text: &str) -> Option<i64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, text),
    };
    let mut parts = unsigned.split('-');
    let year = sign * digits(parts.next()?, 1..=9, i64::MAX)?;
    let month = parts.next().map_or(Some(1), |text| digits(text, 1..=2, 12))?;
    let day = parts.next().map_or(Some(1), |text| digits(text, 1..=2, 31))?;
    let is_date = parts.next().is_none() && YEARS.contains(&year) && month > 0 && day > 0;
    (is_date && day <= month_days(year, month)).then(|| days_from_civil(year, month, day))
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Splits the zone off a time: the rest, and the zone's offset in minutes east.
fn zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0)).filter(|(clock, _)| !clock.is_empty());
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (clock, written) = text.split_at(at);
    let sign = if written.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = written[1..].split_once(':').unwrap_or((&written[1..], "00"));
    let offset = digits(hours, 2..=2, 23)? * 60 + digits(minutes, 2..=2, 59)?;
    Some((clock, sign * offset)).filter(|(clock, _)| !clock.is_empty())
}

/// The seconds and nanoseconds of `[hour[:minute[:second[.fraction]]]]`.
fn time_of_day(text: &str) -> Option<(i64, i64)> {
    if text.is_empty() {
        return Some((0, 0));
    }
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2, 23)?;
    let minute = parts.next().map_or(Some(0), |text| digits(text, 1..=2, 59))?;
    let (second, nanoseconds) = parts.next().map_or(Some((0, 0)), second)?;
    parts.next().is_none().then_some((hour * 3600 + minute * 60 + second, nanoseconds))
}

fn second(text: &str) -> Option<(i64, i64)> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Some((digits(text, 1..=2, 59)?, 0));
    };
    let mut nanoseconds = digits(fraction, 1..=9, i64::MAX)?;
    for _ in fraction.len()..9 {
        nanoseconds *= 10;
    }
    Some((digits(whole, 1..=2, 59)?, nanoseconds))
}

/// Days from 1970 to a day of the proleptic Gregorian calendar, counted in years that begin in
/// March and in eras of 400 years.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let leaps = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i128 {
        parse(text).unwrap_or_else(|| panic!("{text} is a date")) / NANOSECONDS
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(seconds("0"), 0);
        assert_eq!(seconds("1610508817"), 1_610_508_817);
        assert_eq!(seconds("2021-01-13T03:33:37Z"), 1_610_508_817);
        assert_eq!(seconds("2021-01-13t05:33:37+02:00"), 1_610_508_817);
        assert_eq!(seconds("2021-01-12T22:33:37-05"), 1_610_508_817);
        assert_eq!(seconds("2021-01-13T03:33:37"), 1_610_508_817);
        assert_eq!(seconds("1970-01-02"), 86_400);
        assert_eq!(seconds("1970T01:30Z"), 5_400);
        assert_eq!(seconds("2000-02-29"), 951_782_400);
        assert_eq!(seconds("2016-12-13t2:00:00.593194+23"), 1_481_511_600);
        assert!(parse("2021-01-13T03:33:37.000000001Z") > parse("2021-01-13T03:33:37Z"));
        assert!(parse("01T") < parse("1970T"));
        assert!(parse("-292275054") < parse("0000-01-01"));
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "sdfdsf",
            "now",
            "1.5",
            "+5",
            "9223372036854775808",
            "234-13",
            "2021-02-29",
            "2021-04-31",
            "2021-00-01",
            "2021-01-01-01",
            "2021-01-01T24:00",
            "2021-01-01T10:60",
            "2021-01-01T10:00:60Z",
            "2021-01-01TZ",
            "2021-01-01T+01",
            "2016-12-13t2:00:00.593194+1",
            "2016-12-13t2:00:00.1999999999+10:59",
            "2021-01-01T10:00:00ZZ",
            "-292275055",
            "999999999-01",
            "T",
            "-",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn formats_what_it_reads() {
        for value in [0, -1, 86_399, 951_782_400, 1_610_508_817, 4_102_444_800, 68_169_600] {
            assert_eq!(seconds(&format(value)), i128::from(value));
        }
    }
}
