//! Boolean values.

/// Reads `true` or `false` in any case of letters.
#[inline]
pub(crate) fn parse(text: &str) -> Option<bool> {
    match text.len() {
        4 if text.eq_ignore_ascii_case("true") => Some(true),
        5 if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
