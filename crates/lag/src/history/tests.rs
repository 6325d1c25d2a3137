//! What was is found as it was, for as long as it is retained.

use bytes::Bytes;
use model::v1::{Change, Entity, OperatorKey, change, entity};
use proptest::prelude::*;

use super::*;

const PLENTY: HistoryLimits = HistoryLimits { revisions: 1_000, bytes: 1 << 20 };

/// Every state there was, and a history that was told of them.
struct World {
    states: Vec<State>,
    history: History,
}

impl World {
    fn new(limits: HistoryLimits) -> Self {
        let mut history = History::new(limits);
        let first = State::default().advanced(1, 0);
        history.restart(&first);
        history.show(1);
        World { states: vec![State::default(), first], history }
    }

    fn newest(&self) -> u64 {
        self.states.len() as u64 - 1
    }

    /// So many revisions in one piece; every third changes nothing.
    fn write(&mut self, revisions: u64) {
        let mut changes = Vec::new();
        for _ in 0..revisions {
            let revision = self.newest() + 1;
            let note = OperatorKey {
                access_key_id: format!("note-{}", revision % 7),
                description: format!("as of {revision}"),
                ..OperatorKey::default()
            };
            let put = change::Kind::Put(Entity { kind: Some(entity::Kind::OperatorKey(note)) });
            let made = match revision % 3 {
                0 => Vec::new(),
                _ => vec![Change { kind: Some(put) }],
            };
            let state = self.states.last().unwrap().clone();
            let state = state.changed(revision, revision, &made).unwrap();
            changes.push(Weighed::of(Arc::new(RevisionChanges {
                revision,
                time_ms: revision,
                changes: made,
                digest: Bytes::copy_from_slice(&state.digest()),
                ..RevisionChanges::default()
            })));
            self.states.push(state);
        }
        self.history.extend(&changes, self.states.last().unwrap());
    }

    fn write_and_show(&mut self, revisions: u64) {
        self.write(revisions);
        self.history.show(self.newest());
    }

    fn find(&self, revision: u64) -> Option<State> {
        self.history.way_to(revision).map(|way| way.walk().unwrap())
    }

    /// Which revisions can be found; each is what it was.
    fn found(&self) -> Vec<u64> {
        let all = 0..=self.newest() + 2;
        let found = all.filter(|revision| {
            let state = self.find(*revision);
            if let Some(state) = &state {
                let then = &self.states[usize::try_from(*revision).unwrap()];
                let facts = |state: &State| (state.revision(), state.time_ms(), state.digest());
                assert_eq!(facts(state), facts(then));
            }
            state.is_some()
        });
        found.collect()
    }
}

#[test]
fn every_revision_is_found_as_it_was() {
    let mut world = World::new(HistoryLimits { revisions: 200, ..PLENTY });
    for revisions in [1, 5, 40, 1, 100, 3] {
        world.write_and_show(revisions);
    }
    assert_eq!(world.found(), (1..=151).collect::<Vec<_>>());
    assert!(world.history.bases.len() > 2, "more than one state is gone on from");
}

#[test]
fn no_more_is_kept_than_the_limits_say_and_no_hole_is_left() {
    let limits = HistoryLimits { revisions: 40, ..PLENTY };
    let mut world = World::new(limits);
    for _ in 0..200 {
        world.write_and_show(1);
    }
    let found = world.found();
    assert!((37..=41).contains(&found.len()), "{found:?}");
    assert_eq!(world.history.oldest(), found.first().copied());
    assert_eq!(found, (found[0]..=201).collect::<Vec<_>>());
    assert!(world.history.behind.len() <= limits.revisions);
    assert!(world.history.bases.len() <= PARTS + 2);
}

#[test]
fn bytes_are_limited_too() {
    let limits = HistoryLimits { bytes: 2_000, ..PLENTY };
    let mut world = World::new(limits);
    for _ in 0..200 {
        world.write_and_show(1);
    }
    let bytes: usize = world.history.behind.iter().map(|kept| kept.changes.encoded_len()).sum();
    assert_eq!(bytes, world.history.behind_bytes);
    assert!((1_600..=2_000).contains(&bytes), "{bytes}");
    assert_eq!(world.found().last(), Some(&201));
    assert!(world.found().len() < 100);
}

#[test]
fn what_no_limit_admits_is_not_kept_at_all() {
    let mut world = World::new(HistoryLimits { revisions: 0, ..PLENTY });
    world.write_and_show(5);
    assert_eq!((world.found(), world.history.oldest()), (vec![], None));
    // A single batch that is too large takes everything with it; what comes after is kept again.
    let mut world = World::new(HistoryLimits { revisions: 10, ..PLENTY });
    world.write_and_show(50);
    world.write_and_show(1);
    world.write_and_show(1);
    assert_eq!(world.found(), [51, 52, 53]);
}

#[test]
fn what_is_not_visible_yet_is_not_found_and_not_counted() {
    let mut world = World::new(HistoryLimits { revisions: 10, ..PLENTY });
    for _ in 0..30 {
        world.write(1);
    }
    assert_eq!(world.found(), [1]);
    world.history.show(4);
    assert_eq!(world.found(), [1, 2, 3, 4]);
    world.history.show(31);
    let found = world.found();
    assert!((10..=11).contains(&found.len()) && found.last() == Some(&31), "{found:?}");
}

#[test]
fn another_state_in_place_of_all_begins_anew() {
    let mut world = World::new(PLENTY);
    world.write_and_show(5);
    world.states.resize(20, State::default());
    world.states.push(State::default().advanced(20, 20));
    world.history.restart(&world.states[20]);
    assert_eq!((world.found(), world.history.oldest()), (vec![], None), "it is not visible yet");
    world.history.show(20);
    world.write_and_show(2);
    assert_eq!(world.found(), [20, 21, 22]);
}

#[test]
fn a_state_found_before_shortens_the_way() {
    let mut world = World::new(PLENTY);
    world.write_and_show(40);
    world.history.remember(world.find(30).unwrap());
    assert_eq!(world.history.way_to(30).unwrap().steps.len(), 0);
    assert_eq!(world.history.way_to(32).unwrap().steps.len(), 2);
    assert_eq!(world.found(), (1..=41).collect::<Vec<_>>());
}

#[test]
fn changes_that_lead_elsewhere_are_noticed() {
    let mut world = World::new(PLENTY);
    world.write_and_show(5);
    let other = State::default().advanced(1, 0);
    let mut way = world.history.way_to(5).unwrap();
    way.base = other.changed(1, 0, &world.history.behind[0].changes.changes).unwrap();
    way.steps.remove(0);
    assert!(way.clone().walk().is_ok(), "the same way in other pieces");
    way.steps.remove(way.steps.len() - 2);
    assert_eq!(way.walk().unwrap_err().revision, 5);
}

#[test]
fn an_age_counts_from_when_the_revision_was_last_known_to_be_the_newest() {
    let mut world = World::new(PLENTY);
    world.write_and_show(8);
    for (revision, at_us) in [(3, 100), (3, 150), (5, 200), (4, 300), (5, 250), (9, 240), (9, 400)]
    {
        world.history.confirm(revision, at_us);
    }
    let ages = [2, 3, 4, 5, 8, 9].map(|revision| world.history.newest_at_us(revision));
    assert_eq!(ages, [None, Some(150), Some(150), Some(250), Some(250), Some(400)]);
}

#[test]
fn what_is_known_of_ages_is_forgotten_with_the_states() {
    let mut world = World::new(HistoryLimits { revisions: 8, ..PLENTY });
    for _ in 0..100 {
        world.write_and_show(1);
        world.history.confirm(world.newest(), world.newest() * 10);
    }
    let oldest = world.history.oldest().unwrap();
    assert_eq!(world.history.newest_at_us(oldest), Some(oldest * 10));
    assert!(world.history.moments.len() <= 10, "{:?}", world.history.moments);
}

proptest! {
    /// Whatever comes in what pieces and becomes visible when: what is found is right, it is a run that ends with what
    /// is visible, and it is what the bounds leave.
    #[test]
    fn what_is_found_is_what_was(
        limit in 1_usize..60,
        deeds in prop::collection::vec((1_u64..20, 0_u64..25), 1..30),
    ) {
        let mut world = World::new(HistoryLimits { revisions: limit, ..PLENTY });
        let mut visible = 1;
        for (revisions, shown) in deeds {
            world.write(revisions);
            visible = world.newest().min(visible + shown);
            world.history.show(visible);
            let found = world.found();
            if let (Some(first), Some(last)) = (found.first(), found.last()) {
                prop_assert_eq!(&found, &(*first..=*last).collect::<Vec<_>>());
                prop_assert_eq!(*last, visible);
            }
            prop_assert!(found.len() <= limit + 1);
        }
    }
}
