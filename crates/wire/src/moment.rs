//! Timestamps as the Query protocol writes them (ISO 8601), to and from Unix seconds.

/// A moment: Unix seconds, and nanoseconds after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) seconds: i64,
    pub(crate) nanos: i32,
}

/// The years 0001 to 9999, which is what protobuf's timestamps may hold.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Reads `2026-11-23T16:37:14Z`, with a fraction or an offset if there is one, or Unix seconds.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let moment = match text.parse::<i64>() {
        Ok(seconds) => Moment { seconds, nanos: 0 },
        Err(_) => parse_iso(text)?,
    };
    RANGE.contains(&moment.seconds).then_some(moment)
}

/// Writes whole seconds, `2026-11-23T16:37:14Z`, as IAM and STS do.
pub(crate) fn format(seconds: i64) -> String {
    let seconds = seconds.clamp(*RANGE.start(), *RANGE.end());
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn parse_iso(text: &str) -> Option<Moment> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let at = clock.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = clock.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let offset_s = match zone {
        "Z" | "z" => 0,
        _ => {
            let [hours, minutes] = numbers(&zone[1..], ':', [2, 2])?;
            let offset_s = hours * 3600 + minutes * 60;
            if zone.starts_with('-') { -offset_s } else { offset_s }
        }
    };
    let in_range = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset_s;
    Some(Moment { seconds, nanos: nanos(fraction)? }).filter(|_| in_range)
}

/// Numbers of exactly these widths between separators.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (slot, width) in out.iter_mut().zip(widths) {
        let part = parts.next()?;
        let is_number = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        *slot = is_number.then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(out)
}

fn nanos(fraction: &str) -> Option<i32> {
    let is_number =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("{fraction:0<9}").parse().ok() } else { None }
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
        let whole = Some(Moment { seconds: 1_440_938_160, nanos: 0 });
        for text in [
            "2015-08-30T12:36:00Z",
            "2015-08-30t12:36:00z",
            "2015-08-30T14:36:00+02:00",
            "2015-08-30T12:06:00-00:30",
            "1440938160",
        ] {
            assert_eq!(parse(text), whole, "{text}");
        }
        let fraction = Some(Moment { seconds: 1_440_938_160, nanos: 120_000_000 });
        assert_eq!(parse("2015-08-30T12:36:00.12Z"), fraction);
        assert_eq!(format(1_440_938_160), "2015-08-30T12:36:00Z");
        assert_eq!(format(i64::MIN), "0001-01-01T00:00:00Z");
        assert_eq!(format(i64::MAX), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "now",
            "2015-08-30",
            "2015-08-30T12:36:00",
            "2015-02-30T12:36:00Z",
            "2015-08-30T24:36:00Z",
            "2015-8-30T12:36:00Z",
            "2015-08-30T12:36:00.Z",
            "2015-08-30T12:36:00.1234567890Z",
            "2015-08-30T12:36:00+2",
            "2015-08-30T12:36:00+\u{e9}1:00",
            "99999999999999",
            "99999999999999999999",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn there_and_back() {
        for day in (-719_162..2_932_896).step_by(97) {
            let seconds = day * 86_400 + 43_210;
            assert_eq!(parse(&format(seconds)), Some(Moment { seconds, nanos: 0 }));
        }
    }
}
