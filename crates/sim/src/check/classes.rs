//! C4 where classes of changes are shown each in its own time: of each class a prefix, and none that goes back.

use std::collections::BTreeMap;

use super::Timeline;
use crate::history::{Call, History, Life, Mode};
use crate::world::{Question, Said, World};

/// What an answer is made of. Nobody who has keys changes his name, so whose they are does not matter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Identity,
    Credential,
}

/// For every answer there is a revision of its class, at least the one it names and at most the one that anything of it
/// reaches, at which the world said so; and for what one client was told by one node of one class, such revisions that
/// never go back. The earliest that will do are looked for, so that those after them have the most to choose from.
pub(super) fn consistent(history: &History, timeline: &Timeline) -> Vec<String> {
    let mut found = Vec::new();
    let mut floors: BTreeMap<(u64, Life, Class), u64> = BTreeMap::new();
    for call in &history.calls {
        let Some((mode, question, revision, _, said)) = call.read() else { continue };
        let Some(reaches) = call.reaches() else { continue };
        if let Mode::Exact(_) = mode {
            found.push(format!("{} asked for what history had at {revision}", call.request_id));
            continue;
        }
        let class = class_of(question, said);
        let floor = floors.entry((call.client, call.life, class)).or_default();
        let from = revision.max(*floor);
        let mut worlds = timeline.between(from, reaches);
        match worlds.find(|(_, world)| says(world, class, question, said)) {
            Some((at, _)) => *floor = at,
            None => found.push(torn(call, from, reaches)),
        }
    }
    found
}

fn class_of(question: &Question, said: &Said) -> Class {
    match (question, said) {
        (Question::Keys(_), Said::Count(_)) => Class::Credential,
        _ => Class::Identity,
    }
}

/// Keys are known by their owner whether or not he is seen yet: one who is not there has none.
fn says(world: &World, class: Class, question: &Question, said: &Said) -> bool {
    let told = world.read(question);
    told == *said
        || (class == Class::Credential && *said == Said::Count(0) && matches!(told, Said::Fault(_)))
}

fn torn(call: &Call, from: u64, reaches: u64) -> String {
    format!(
        "{} {:?} of {:?}: no revision from {from} to {reaches} says {:?}",
        call.request_id, call.asked, call.life, call.ending
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Story, create, found, get};
    use crate::world::Write;

    fn check(story: &Story) -> Vec<String> {
        let history = story.history();
        consistent(&history, &Timeline::of(&history))
    }

    fn nobody() -> Said {
        Said::Fault("NoSuchEntity".to_owned())
    }

    #[test]
    fn each_class_is_a_prefix_of_its_own() {
        let (ann, key) = (|| "ann".to_owned(), || "k".to_owned());
        let keys = || Question::Keys(ann());
        let mut story = Story::default();
        story.write(create("ann"), 10);
        story.logged(Write::AddKey { name: ann(), mark: key() }, 11, Said::Done);
        story.write(create("bob"), 12);
        // The users of 12, and no key yet; then the key, which is of 11; then neither goes back.
        story.reaching(12).eventual(get("bob"), 10, found("bob"));
        story.reaching(12).eventual(keys(), 10, Said::Count(0));
        story.reaching(12).eventual(keys(), 10, Said::Count(1));
        assert_eq!(check(&story), [""; 0]);
        story.reaching(12).eventual(keys(), 10, Said::Count(0));
        assert_eq!(check(&story).len(), 1, "a key that was there is gone");
        story.reaching(12).eventual(get("bob"), 10, nobody());
        assert_eq!(check(&story).len(), 2, "a user that was there is gone");
    }

    #[test]
    fn what_no_prefix_says_is_found() {
        let mut story = Story::default();
        story.write(create("ann"), 10).write(create("bob"), 11).write(create("cid"), 12);
        // Of a class that reaches 11, what came with 12 is not there, and what came with 11 may be.
        story.reaching(11).eventual(get("bob"), 10, nobody());
        story.reaching(11).eventual(get("bob"), 10, found("bob"));
        assert_eq!(check(&story), [""; 0]);
        story.reaching(11).eventual(get("cid"), 10, found("cid"));
        assert_eq!(check(&story).len(), 1);
        // A user of 11 without one of 10: a class is shown in its order.
        let users = Said::Users([("bob".to_owned(), "/bob/".to_owned())].into());
        story.reaching(12).eventual(Question::List, 10, users);
        assert_eq!(check(&story).len(), 2);
    }

    #[test]
    fn an_exact_answer_is_never_a_mixture() {
        let mut story = Story::default();
        story.write(create("ann"), 10);
        story.reaching(10).exact(10, get("ann"), 10, found("ann"));
        assert_eq!(check(&story).len(), 1);
    }
}
