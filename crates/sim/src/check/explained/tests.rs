//! Histories that some order explains, and such that none does.

use super::*;
use crate::chance::Chance;
use crate::check::testing::{Story, create, found, get};
use crate::world::{Said, World};

fn nobody() -> Said {
    Said::Fault("NoSuchEntity".to_owned())
}

fn taken() -> Said {
    Said::Fault("EntityAlreadyExists".to_owned())
}

fn delete(name: &str) -> Write {
    Write::Delete { name: name.to_owned() }
}

fn unknown() -> Ending {
    Ending::Unknown("gone".to_owned())
}

#[test]
fn revisions_are_not_looked_at() {
    let mut story = Story::default();
    story.write(create("ann"), 9).strong(get("ann"), 3, found("ann"));
    story.logged(delete("ann"), 9, Said::Done).strong(get("ann"), 0, nobody());
    assert_eq!(explained(&story.history()), [""; 0]);
}

#[test]
fn calls_that_overlap_may_have_been_in_any_order() {
    let mut story = Story::default();
    story.during(1, 9).write(create("ann"), 10);
    story.during(2, 3).strong(get("ann"), 0, nobody());
    story.during(4, 5).strong(get("ann"), 0, found("ann"));
    assert_eq!(explained(&story.history()), [""; 0]);
    story.during(6, 7).strong(get("ann"), 0, nobody());
    let wrong = explained(&story.history());
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].starts_with("call-3 "), "{wrong:?}");
}

#[test]
fn one_wrong_read_is_found() {
    let mut story = Story::default();
    story.write(create("ann"), 10).write(create("bob"), 11).strong(get("ann"), 11, nobody());
    assert_eq!(explained(&story.history()).len(), 1);
}

#[test]
fn a_write_of_unknown_fate_may_have_been_done_at_any_time_after_it_or_never() {
    let never_or_late = |last: Said| {
        let mut story = Story::default();
        story.ended(create("ann"), unknown(), None);
        story.strong(get("ann"), 0, nobody()).strong(get("ann"), 0, last);
        explained(&story.history())
    };
    assert_eq!(never_or_late(nobody()), [""; 0]);
    assert_eq!(never_or_late(found("ann")), [""; 0]);
    let mut story = Story::default();
    story.strong(get("ann"), 0, found("ann")).ended(create("ann"), unknown(), None);
    assert_eq!(explained(&story.history()).len(), 1, "it was seen before it was asked for");
    let mut story = Story::default();
    story.ended(create("ann"), unknown(), None).strong(get("ann"), 0, found("ann"));
    story.strong(get("ann"), 0, nobody());
    assert_eq!(explained(&story.history()).len(), 1, "done once, it stays done");
}

#[test]
fn a_write_of_which_nothing_was_done_explains_nothing() {
    let mut story = Story::default();
    story.ended(create("ann"), Ending::NothingDone(String::new()), None);
    story.strong(get("ann"), 0, found("ann"));
    assert_eq!(explained(&story.history()).len(), 1);
}

#[test]
fn answers_to_writes_count_too() {
    let mut story = Story::default();
    story.write(create("ann"), 10).logged(create("ann"), 11, taken());
    assert_eq!(explained(&story.history()), [""; 0]);
    story.logged(delete("ann"), 12, Said::Done).logged(create("ann"), 13, taken());
    assert_eq!(explained(&story.history()).len(), 1);
}

#[test]
fn a_rename_connects_two_users() {
    let rename = || Write::Rename { name: "ann".to_owned(), to: "bob".to_owned() };
    let mut story = Story::default();
    story.write(create("ann"), 10).logged(rename(), 11, Said::Done);
    story.strong(get("bob"), 11, found("ann")).strong(get("ann"), 11, nobody());
    let history = story.history();
    assert_eq!(groups(&history).len(), 1);
    assert_eq!(explained(&history), [""; 0]);
    story.strong(get("ann"), 11, found("ann"));
    assert_eq!(explained(&story.history()).len(), 1);
}

#[test]
fn what_is_not_strong_or_about_all_users_is_for_others() {
    let mut story = Story::default();
    story.write(create("ann"), 10).eventual(get("ann"), 9, nobody());
    story.strong(Question::List, 10, Said::Users(BTreeMap::new()));
    story.reaching(12).strong(get("ann"), 10, nobody());
    assert_eq!(explained(&story.history()), [""; 0]);
}

#[test]
fn what_cannot_be_decided_fails() {
    let mut story = Story::default();
    story.write(create("ann"), 10);
    for _ in 0..CALLS_MAX {
        story.strong(get("ann"), 10, found("ann"));
    }
    assert_eq!(explained(&story.history()).len(), 1, "too many calls about one user");
    // Twenty writes at once, of which any order will do, and a read that none explains.
    let mut story = Story::default();
    for at in 0..20 {
        let write =
            Write::Tag { name: "ann".to_owned(), key: format!("{at}"), value: String::new() };
        story.during(at, 100 + at).logged(write, 10, nobody());
    }
    story.during(200, 201).strong(get("ann"), 10, found("ann"));
    let history = story.history();
    let calls: Vec<&Call> = history.calls.iter().collect();
    let operations: Vec<Operation<'_>> = calls.iter().map(|call| operation(call)).collect();
    assert_eq!(search(&operations, 1_000), Verdict::Unknown);
}

/// As many calls as a group may have, of ten clients at a time, one write in thirty of unknown fate. Each is answered
/// as it really took effect at some time between its beginning and its end.
fn greatest() -> Story {
    let (chance, mut world, mut story) = (Chance::of(7, 1), World::default(), Story::default());
    for turn in 0..CALLS_MAX as u64 / 10 {
        let mut clients: Vec<u64> = (0..10).collect();
        clients.sort_by_key(|_| chance.throw());
        for client in clients {
            let name = || chance.pick(&["ann", "bob"]).to_owned();
            let mark = format!("/{turn}-{client}/");
            let write = match chance.below(6) {
                0 => Write::Create { name: name(), path: mark },
                1 => Write::Move { name: name(), path: mark },
                2 => Write::Tag { name: name(), key: "k".to_owned(), value: mark },
                3 => delete(&name()),
                4 => Write::Rename { name: "ann".to_owned(), to: "bob".to_owned() },
                _ => {
                    story.during(1_000 * turn + client, 1_000 * turn + 500 + client);
                    story.strong(get("ann"), 0, world.read(&get("ann")));
                    continue;
                }
            };
            let is_unknown = chance.permille(33);
            let said = (!is_unknown || chance.permille(500)).then(|| world.write(&write));
            story.during(1_000 * turn + client, 1_000 * turn + 500 + client);
            match said.filter(|_| !is_unknown) {
                Some(said) => story.logged(write, 0, said),
                None => story.ended(write, unknown(), None),
            };
        }
    }
    story
}

#[test]
fn a_group_of_the_greatest_size_is_decided() {
    let history = greatest().history();
    assert_eq!(history.calls.len(), CALLS_MAX);
    assert_eq!(explained(&history), [""; 0]);
}
