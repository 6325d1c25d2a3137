//! Numeric operators: exact decimals of any length.

use alloc::boxed::Box;
use core::cmp::Ordering;

/// A decimal number, kept as its text.
#[derive(Debug, Clone)]
pub(super) struct Decimal(Box<str>);

impl Decimal {
    pub(super) fn view(&self) -> View<'_> {
        read(&self.0).expect("only readable text becomes a Decimal")
    }
}

/// The parts of a decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View<'a> {
    negative: bool,
    /// Without leading zeros.
    whole: &'a str,
    /// Without trailing zeros.
    fraction: &'a str,
}

/// Keeps a number for comparing.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    read(text).map(|_| Decimal(text.into()))
}

/// Whether a text is a number.
pub(crate) fn is_readable(text: &str) -> bool {
    read(text).is_some()
}

/// Reads an integer or decimal: a sign or none, digits, and after a point more digits.
pub(super) fn read(text: &str) -> Option<View<'_>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some(View { negative: text.starts_with('-') && !is_zero, whole, fraction })
}

impl View<'_> {
    pub(super) fn cmp(&self, other: &View<'_>) -> Ordering {
        let size = |view: &View<'_>| view.whole.len();
        let magnitude = size(self)
            .cmp(&size(other))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction));
        match (self.negative, other.negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_exactly() {
        let order = |a, b| read(a).expect("a number").cmp(&read(b).expect("a number"));
        assert_eq!(order("10", "9"), Ordering::Greater);
        assert_eq!(order("2.50", "002.5"), Ordering::Equal);
        assert_eq!(order("-0", "0.0"), Ordering::Equal);
        assert_eq!(order("-3", "-20"), Ordering::Greater);
        assert_eq!(order("-1", ".5"), Ordering::Less);
        assert_eq!(order("0.05", "0.5"), Ordering::Less);
        assert_eq!(order("9007199254740993", "9007199254740992"), Ordering::Greater);
    }

    #[test]
    fn refuses_other_texts() {
        for text in ["", "-", ".", "1.", "1e3", "0x1", " 1", "1 ", "--1", "1.2.3", "١", "NaN"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
