//! Seeking a part of a pattern in which a `?` stands.
//!
//! Its runs of literals are sought one after another, each in one pass over the text (Knuth, Morris
//! and Pratt, "Fast pattern matching in strings"), and kept where they continue what came before.

use crate::{
    glob::{ANY, next_character},
    steps,
};
use alloc::{vec, vec::Vec};

/// Where the first occurrence of a part without stars ends.
pub(super) fn find_end(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.len() > text.len() {
        return None;
    }
    let mut table = Vec::new();
    // Where the part so far may end. Before its first run that is anywhere.
    let mut ends: Option<Vec<bool>> = None;
    for run in part.split(|byte| *byte == ANY) {
        let mut next = vec![false; text.len() + 1];
        occurrences(text, run, &mut table, |start| {
            let continues = |ends: &Vec<bool>| start > 0 && ends[previous_character(text, start)];
            next[start + run.len()] = ends.as_ref().is_none_or(continues);
        });
        ends = Some(next);
    }
    ends?.into_iter().position(|may_end| may_end)
}

/// Hands over every place at which a run of literals stands, overlapping ones, too.
fn occurrences(text: &[u8], run: &[u8], table: &mut Vec<usize>, mut found: impl FnMut(usize)) {
    steps::add(2 * (text.len() + run.len()));
    if run.is_empty() {
        let mut at = 0;
        found(at);
        while at < text.len() {
            at = next_character(text, at);
            found(at);
        }
        return;
    }
    prepare(run, table);
    let mut matched = 0;
    for (at, byte) in text.iter().enumerate() {
        while matched > 0 && run.get(matched) != Some(byte) {
            matched = table[matched - 1];
        }
        matched += usize::from(run[matched] == *byte);
        if matched == run.len() {
            found(at + 1 - matched);
        }
    }
}

/// For each start of the run, how long its longest proper end is that is a start of the run, too.
fn prepare(run: &[u8], table: &mut Vec<usize>) {
    table.clear();
    table.push(0);
    let mut length = 0;
    for byte in &run[1..] {
        while length > 0 && run[length] != *byte {
            length = table[length - 1];
        }
        length += usize::from(run[length] == *byte);
        table.push(length);
    }
}

fn previous_character(text: &[u8], at: usize) -> usize {
    let before = text[..at].iter().rposition(|byte| byte & 0xc0 != 0x80);
    before.unwrap_or(0)
}
