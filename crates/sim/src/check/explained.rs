//! C2: writes and strong reads are linearizable, by nothing but what clients asked and were told.
//!
//! C1 believes the revisions in the answers; here no revision is looked at. Calls that touch no user in common have
//! nothing to do with each other, so each group of users is searched by itself (Herlihy and Wing: linearizability is
//! local). A group too large to be searched is a fault of the workload, and fails the run like a wrong answer.

use std::collections::BTreeMap;

use super::search::{Operation, Verdict, search};
use crate::history::{Asked, Call, Ending, History, Mode};
use crate::world::{Question, Write};

/// The most calls of one group.
const CALLS_MAX: usize = 500;

/// Steps of one search: some seconds.
const STEPS_MAX: usize = 400_000;

pub(super) fn explained(history: &History) -> Vec<String> {
    let groups = groups(history);
    groups.values().filter_map(|calls| judge(calls)).collect()
}

fn judge(calls: &[&Call]) -> Option<String> {
    let operations: Vec<Operation<'_>> = calls.iter().map(|call| operation(call)).collect();
    let first = calls.first()?;
    if calls.len() > CALLS_MAX {
        let (id, many) = (&first.request_id, calls.len());
        return Some(format!(
            "{id} and others are {many} calls about the same users: too many to order"
        ));
    }
    match search(&operations, STEPS_MAX) {
        Verdict::Linearizable => None,
        Verdict::Illegal { placed, stuck } => {
            let stuck = calls[stuck];
            Some(format!(
                "{} {:?} ended in {:?}, which no order of the {} calls about its users explains; \
                 {placed} can be placed",
                stuck.request_id,
                stuck.asked,
                stuck.ending,
                calls.len(),
            ))
        }
        Verdict::Unknown => Some(format!(
            "{} and {} others about the same users have too many orders to try",
            first.request_id,
            calls.len() - 1,
        )),
    }
}

fn operation(call: &Call) -> Operation<'_> {
    let answered = match &call.ending {
        Ending::Answered { said, .. } => Some((call.returned.order, said)),
        _ => None,
    };
    Operation { called: call.called.order, answered, asked: &call.asked }
}

/// Calls that count here, each with the user that it is about.
pub(super) fn counted(history: &History) -> impl Iterator<Item = (&str, &Call)> {
    history.calls.iter().filter_map(|call| Some((about(call)?, call)))
}

/// Calls by the users that they are about, as far as writes of the history connect them.
fn groups(history: &History) -> BTreeMap<&str, Vec<&Call>> {
    let mut users = Users::default();
    let counted: Vec<(&str, &Call)> = counted(history).collect();
    for (name, call) in &counted {
        if let Some(Write::Rename { to, .. }) = call.write() {
            users.join(name, to);
        }
    }
    let mut groups: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for (name, call) in counted {
        groups.entry(users.first_of(name)).or_default().push(call);
    }
    groups
}

/// The user that a call is about, if the call counts here: a write that may have been done, or a strong read of one
/// user. Lists are about all of them, and are left to C1 and C4; so are states that history never had.
fn about(call: &Call) -> Option<&str> {
    match (&call.asked, &call.ending) {
        (_, Ending::NothingDone(_)) => None,
        (Asked::Write(write), _) => Some(write.name()),
        (Asked::Read(Mode::Strong, question), Ending::Answered { reaches: None, .. }) => {
            match question {
                Question::Get(name)
                | Question::Tags(name)
                | Question::Attached(name)
                | Question::Keys(name) => Some(name),
                Question::List => None,
            }
        }
        (Asked::Read(..), _) => None,
    }
}

/// Users that some write connects; each group is known by one of its own.
#[derive(Default)]
struct Users<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Users<'a> {
    fn first_of(&self, name: &'a str) -> &'a str {
        let mut name = name;
        while let Some(before) = self.0.get(name) {
            name = before;
        }
        name
    }

    fn join(&mut self, one: &'a str, other: &'a str) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        if one != other {
            self.0.insert(one.max(other), one.min(other));
        }
    }
}

#[cfg(test)]
mod tests;
