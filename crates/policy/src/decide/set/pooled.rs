//! Identity policies, of which some are indexed as a whole.

use super::{Found, look_through};
use crate::{
    Policy,
    compile::Question,
    decide::Place,
    pool::{Chunk, Pool},
    principal::Levels,
};

/// Looks through a pool, and then through policies whose places go on after it.
#[inline]
pub(in crate::decide) fn search_pooled(
    question: &Question<'_>,
    pool: &Pool,
    others: &[&Policy],
) -> Found {
    let mut found = search_indexed(question, pool);
    if pool.has_loose() {
        found = with_loose(question, pool, found);
    }
    if others.is_empty() || found.denies() {
        return found;
    }
    let places = (pool.policies().len()..).zip(others.iter().copied());
    look_through(question, places, found, false)
}

/// What indexed and loose policies say together: the first place of those that count.
#[inline(never)]
fn with_loose(question: &Question<'_>, pool: &Pool, indexed: Found) -> Found {
    let loose = look_through(question, pool.loose(), Found::NOTHING, false);
    if indexed.denies() != loose.denies() {
        return if indexed.denies() { indexed } else { loose };
    }
    let place = [indexed.place, loose.place].into_iter().flatten().min();
    Found { place, levels: indexed.levels.with(loose.levels) }
}

#[inline]
fn search_indexed(question: &Question<'_>, pool: &Pool) -> Found {
    let hash = question.action.hash();
    let mut found = Found::NOTHING;
    for (chunk, live) in pool.chunks() {
        let covering = chunk.actions.covering(&question.action, hash) & live;
        if let Some((place, _)) = first(question, pool, chunk, covering & chunk.denies) {
            return Found::denied(place);
        }
        if found.place.is_none()
            && let Some((place, levels)) = first(question, pool, chunk, covering & !chunk.denies)
        {
            found = Found { place: Some(place), levels };
        }
    }
    found
}

/// The first of some statements that applies.
#[inline]
fn first(
    question: &Question<'_>,
    pool: &Pool,
    chunk: &Chunk,
    mut bits: u64,
) -> Option<(Place, Levels)> {
    while bits != 0 {
        let at = bits.trailing_zeros() as usize;
        let place = chunk.places[at];
        if chunk.unconditional & 1 << at != 0 {
            return Some((place, Levels::DIRECT));
        }
        let statement = pool.policies()[place.policy()].compiled(place.statement());
        let levels = statement.applies(question);
        if !levels.is_none() {
            return Some((place, levels));
        }
        bits &= bits - 1;
    }
    None
}
