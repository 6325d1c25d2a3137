//! Histories told in a few words, for the checkers' own tests.

use std::mem;

use crate::history::{Asked, Barrier, Call, Ending, History, Life, Logged, Mode, Moment};
use crate::world::{Question, Said, Write};

/// The replica of every story.
pub(crate) const REPLICA: u64 = 4;

/// One client after the other, everything in the order in which it is told, a millisecond for each call.
pub(crate) struct Story {
    history: History,
    now: Moment,
    age_ms: u64,
    reaches: Option<u64>,
    times: Option<(u64, u64)>,
}

impl Default for Story {
    fn default() -> Self {
        let (history, now) = (History::default(), Moment { order: 0, at_us: 0 });
        Story { history, now, age_ms: u64::MAX, reaches: None, times: None }
    }
}

pub(crate) fn create(name: &str) -> Write {
    Write::Create { name: name.to_owned(), path: format!("/{name}/") }
}

pub(crate) fn get(name: &str) -> Question {
    Question::Get(name.to_owned())
}

pub(crate) fn found(name: &str) -> Said {
    Said::User(format!("/{name}/"))
}

impl Story {
    pub(crate) fn history(&self) -> History {
        self.history.clone()
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) -> &mut Self {
        self.now.at_us += ms * 1000;
        self
    }

    /// The next answers claim this age.
    pub(crate) fn aged(&mut self, age_ms: u64) -> &mut Self {
        self.age_ms = age_ms;
        self
    }

    /// The next answer shows of some classes more than its revision, up to this one.
    pub(crate) fn reaching(&mut self, revision: u64) -> &mut Self {
        self.reaches = Some(revision);
        self
    }

    /// The next call lasts from one place in the order to another.
    pub(crate) fn during(&mut self, called: u64, returned: u64) -> &mut Self {
        self.times = Some((called, returned));
        self
    }

    /// A write that makes a user, in the log and acknowledged.
    pub(crate) fn write(&mut self, write: Write, revision: u64) -> &mut Self {
        let Write::Create { path, .. } = &write else { panic!("a write that makes a user") };
        let said = Said::User(path.clone());
        self.logged(write, revision, said)
    }

    /// A write in the log, and acknowledged with some answer.
    pub(crate) fn logged(&mut self, write: Write, revision: u64, said: Said) -> &mut Self {
        let ending = Ending::Answered { revision, age_ms: u64::MAX, reaches: None, said };
        self.ended(write, ending, Some(revision))
    }

    /// A write acknowledged, whatever the log holds.
    pub(crate) fn acknowledged(&mut self, write: Write, revision: u64, said: Said) -> &mut Self {
        let ending = Ending::Answered { revision, age_ms: u64::MAX, reaches: None, said };
        self.ended(write, ending, None)
    }

    pub(crate) fn ended(&mut self, write: Write, ending: Ending, log: Option<u64>) -> &mut Self {
        let first = Moment { order: self.now.order + 1, ..self.now };
        let request_id = self.call(Asked::Write(write), ending);
        if let Some(revision) = log {
            let logged = Logged { request_id, entry: [0; 32], state: [0; 32], first };
            self.history.log.insert(revision, logged);
        }
        self
    }

    pub(crate) fn strong(&mut self, question: Question, revision: u64, said: Said) -> &mut Self {
        self.read(Mode::Strong, question, revision, said)
    }

    pub(crate) fn eventual(&mut self, question: Question, revision: u64, said: Said) -> &mut Self {
        self.read(Mode::Eventual, question, revision, said)
    }

    pub(crate) fn at_least(
        &mut self,
        token: u64,
        question: Question,
        revision: u64,
        said: Said,
    ) -> &mut Self {
        self.read(Mode::AtLeast(token), question, revision, said)
    }

    pub(crate) fn exact(
        &mut self,
        wanted: u64,
        question: Question,
        revision: u64,
        said: Said,
    ) -> &mut Self {
        self.read(Mode::Exact(wanted), question, revision, said)
    }

    /// A barrier that is reached.
    pub(crate) fn barrier(&mut self, revision: u64) -> &mut Self {
        self.now.order += 1;
        self.history.barriers.push(Barrier { reached: self.now, revision });
        self
    }

    fn read(&mut self, mode: Mode, question: Question, revision: u64, said: Said) -> &mut Self {
        let (age_ms, reaches) = (self.age_ms, self.reaches.take());
        let ending = Ending::Answered { revision, age_ms, reaches, said };
        self.call(Asked::Read(mode, question), ending);
        self
    }

    fn call(&mut self, asked: Asked, ending: Ending) -> String {
        let request_id = format!("call-{}", self.history.calls.len());
        let (mut called, mut returned) = (self.now, self.now);
        called.order += 1;
        returned.order += 2;
        returned.at_us += 1000;
        self.now = returned;
        if let Some((from, to)) = mem::take(&mut self.times) {
            (called.order, returned.order) = (from, to);
        }
        let life = Life { node: REPLICA, nth: 1 };
        let id = request_id.clone();
        self.history.calls.push(Call {
            client: 1,
            request_id,
            life,
            asked,
            called,
            returned,
            made_us: returned.at_us,
            ending,
        });
        id
    }
}
