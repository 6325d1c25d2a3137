//! What a client asks next.

use sim::history::{Asked, Mode};
use sim::world::{Question, Write};

use super::{Client, KEEPERS, PATH};
use crate::cell::{POLICIES, VOTERS};

/// Few, so that clients meet; in pairs, of which one may take the other's name.
const NAMES: [[&str; 2]; 4] = [["ann", "bob"], ["cid", "dee"], ["eve", "fay"], ["gil", "hal"]];

/// After so many lines of the history come users of other names, so that the calls about the same ones stay few enough
/// for C2 to order them.
const GENERATION: usize = 1_000;

const TAGS: [&str; 2] = ["level", "team"];

impl Client {
    /// The next call, and whom to ask.
    pub(super) fn think(&self) -> (u64, Asked) {
        let voter = self.chance.pick(&VOTERS);
        let replicas = self.cell.replicas();
        let replica = if replicas.is_empty() { voter } else { self.chance.pick(&replicas) };
        let read = |node, mode| (node, Asked::Read(mode, self.question()));
        let at_least = Mode::AtLeast(self.newest.0);
        match self.chance.weighed(&[33, 5, 20, 5, 18, 6, 6, 7]) {
            0 => (voter, Asked::Write(self.change())),
            1 => (replica, Asked::Write(self.change())),
            2 => read(voter, Mode::Strong),
            3 => read(replica, Mode::Strong),
            4 => read(replica, Mode::Eventual),
            5 => read(voter, Mode::Eventual),
            6 => read(replica, at_least),
            _ => read(voter, at_least),
        }
    }

    fn question(&self) -> Question {
        match self.chance.weighed(&[35, 20, 20, 15, 10]) {
            0 => Question::Get(self.name()),
            1 => Question::List,
            2 => Question::Tags(self.name()),
            3 => Question::Attached(self.name()),
            _ => Question::Keys(self.keeper()),
        }
    }

    fn change(&self) -> Write {
        let unique = format!("c{}-{}", self.number, self.asked + 1);
        let (name, path) = (self.name(), format!("{PATH}{unique}/"));
        let (key, policy) =
            (self.chance.pick(&TAGS).to_owned(), self.chance.pick(&POLICIES).to_owned());
        match self.chance.weighed(&[26, 16, 6, 14, 12, 3, 7, 8, 4, 4]) {
            0 => Write::Create { name, path },
            1 => Write::Move { name, path },
            2 => {
                let [name, to] = self.pair();
                Write::Rename { name, to }
            }
            3 => Write::Delete { name },
            4 => Write::Tag { name, key, value: unique },
            5 => Write::Untag { name, key },
            6 => Write::Attach { name, policy },
            7 => Write::Detach { name, policy },
            8 => Write::AddKey { name: self.keeper(), mark: unique },
            _ => match self.keys.first().cloned() {
                Some((name, mark)) => Write::DropKey { name, mark },
                None => Write::Tag { name, key, value: unique },
            },
        }
    }

    fn name(&self) -> String {
        let [name, _] = self.pair();
        name
    }

    /// Two users of the present generation, in any order.
    fn pair(&self) -> [String; 2] {
        let generation = self.cell.recorder.lines() / GENERATION;
        let [one, other] = self.chance.pick(&NAMES).map(|name| format!("{name}{generation}"));
        if self.chance.permille(500) { [one, other] } else { [other, one] }
    }

    fn keeper(&self) -> String {
        self.chance.pick(&KEEPERS).to_owned()
    }
}
