//! Going on with a match that fails often, in time proportional to both lengths.
//!
//! The loop in [`super::matches`] compares the text after a star anew at every place: the product
//! of both lengths, where a hostile pattern meets a hostile text. Here each part between two stars
//! is sought once, with the standard library's linear search unless a `?` stands in it.

mod wild;

use super::{ANY, STAR, next_character};
use crate::steps;

/// Whether `text` matches a star followed by `pattern`.
pub(super) fn after_star(mut pattern: &[u8], mut text: &str) -> bool {
    loop {
        let Some(length) = pattern.iter().position(|byte| *byte == STAR) else {
            return ends_with(text.as_bytes(), pattern);
        };
        let Some(end) = find_end(text, &pattern[..length]) else { return false };
        pattern = &pattern[length + 1..];
        text = &text[end..];
    }
}

/// The place of the first `part`, a literal, in `text`.
pub(super) fn find(text: &str, part: &[u8]) -> Option<usize> {
    // What is no UTF-8 stands in no text.
    let found = str::from_utf8(part).ok().and_then(|part| text.find(part));
    steps::add(found.unwrap_or(text.len()) + part.len());
    found
}

/// Where the first occurrence of a part without stars ends.
fn find_end(text: &str, part: &[u8]) -> Option<usize> {
    match part.contains(&ANY) {
        true => wild::find_end(text.as_bytes(), part),
        false => find(text, part).map(|at| at + part.len()),
    }
}

/// Whether the text ends with a part without stars.
fn ends_with(text: &[u8], part: &[u8]) -> bool {
    steps::add(text.len() + part.len());
    // A wildcard counts as one character, too.
    let is_first = |byte: u8| byte & 0xc0 != 0x80;
    let Some(before) = part.iter().filter(|byte| is_first(**byte)).count().checked_sub(1) else {
        return true;
    };
    let mut starts = (0..text.len()).rev().filter(|at| is_first(text[*at]));
    starts.nth(before).is_some_and(|at| match_here(text, at, part) == Some(text.len()))
}

/// Where a part without stars ends, if it stands at this place.
fn match_here(text: &[u8], mut at: usize, part: &[u8]) -> Option<usize> {
    let mut runs = part.split(|byte| *byte == ANY);
    let mut run = runs.next()?;
    loop {
        steps::add(1 + run.len() / steps::BYTES_AT_ONCE);
        if !text[at..].starts_with(run) {
            return None;
        }
        at += run.len();
        let Some(next) = runs.next() else { return Some(at) };
        if at == text.len() {
            return None;
        }
        (run, at) = (next, next_character(text, at));
    }
}
