//! What a client asks next.

use super::Client;
use crate::cell::{GRANDCHILD, REPLICA, REPLICAS, VOTERS};
use crate::history::{Asked, Mode};
use crate::world::{Question, Write};

/// Few, so that clients meet; in pairs, of which one may take the other's name.
const NAMES: [[&str; 2]; 3] = [["ann", "bob"], ["cid", "dee"], ["eve", "fay"]];

/// After so many calls come users of other names, so that the calls about the same ones stay few enough for C2 to
/// order them.
const GENERATION: usize = 300;

/// Users that stay as they are once they are made: keys are made for them and deleted.
const KEEPERS: [&str; 4] = ["kai", "kim", "kit", "kurt"];

impl Client {
    pub(super) fn think(&self) -> (u64, Asked) {
        if self.is_warden {
            return self.think_as_warden();
        }
        let (voter, replica) = (self.chance.pick(&VOTERS), self.chance.pick(&REPLICAS));
        let either = || if self.chance.permille(600) { replica } else { voter };
        let read = |node, mode| (node, Asked::Read(mode, self.question()));
        match self.chance.weighed(&[35, 5, 20, 5, 20, 7, 8, 12]) {
            0 => (voter, Asked::Write(self.change())),
            1 => (replica, Asked::Write(self.change())),
            2 => read(voter, Mode::Strong),
            3 => read(replica, Mode::Strong),
            4 => read(replica, Mode::Eventual),
            5 => read(voter, Mode::Eventual),
            6 => read(either(), Mode::AtLeast(self.token)),
            _ => read(either(), Mode::Exact(self.around())),
        }
    }

    /// A warden changes something, waits until nobody decides by the old state, and looks everywhere.
    fn think_as_warden(&self) -> (u64, Asked) {
        let list = || Asked::Read(Mode::Eventual, Question::List);
        match self.asked % 3 {
            0 => (self.anyone(), Asked::Write(self.change())),
            1 => (self.chance.pick(&REPLICAS), list()),
            _ => (self.chance.pick(&VOTERS), list()),
        }
    }

    pub(super) fn anyone(&self) -> u64 {
        self.chance.pick(&[VOTERS[0], VOTERS[1], VOTERS[2], REPLICA, GRANDCHILD])
    }

    fn question(&self) -> Question {
        match self.chance.weighed(&[45, 30, 10, 15]) {
            0 => Question::Get(self.name()),
            1 => Question::List,
            2 => Question::Tags(self.name()),
            _ => Question::Keys(self.keeper()),
        }
    }

    fn change(&self) -> Write {
        let (name, mark) = (self.name(), format!("/c{}-{}/", self.id, self.asked + 1));
        match self.chance.weighed(&[30, 30, 10, 15, 5, 5, 10]) {
            0 => Write::Create { name, path: mark },
            1 => Write::Move { name, path: mark },
            2 => {
                let [one, other] = self.pair();
                Write::Rename { name: one, to: other }
            }
            3 => Write::Delete { name },
            4 => Write::Tag { name, key: "mark".to_owned(), value: mark },
            5 => Write::Create { name: self.keeper(), path: mark },
            _ => match self.keys.first().cloned() {
                Some((name, mark)) => Write::DropKey { name, mark },
                None => Write::AddKey { name: self.keeper(), mark },
            },
        }
    }

    /// A revision not far from what this client knows: most are past, some are to come.
    fn around(&self) -> u64 {
        (self.token + 3).saturating_sub(self.chance.below(90)).max(1)
    }

    fn name(&self) -> String {
        let [name, _] = self.pair();
        name
    }

    /// Two users of the present generation, in any order.
    fn pair(&self) -> [String; 2] {
        let [one, other] = self.chance.pick(&NAMES).map(|name| self.of_now(name));
        if self.chance.permille(500) { [one, other] } else { [other, one] }
    }

    fn keeper(&self) -> String {
        self.of_now(self.chance.pick(&KEEPERS))
    }

    fn of_now(&self, name: &str) -> String {
        format!("{name}{}", self.book.calls() / GENERATION)
    }
}
