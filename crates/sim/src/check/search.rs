//! The search for an order that explains all answers: Wing and Gong's, with Lowe's memory of what led nowhere
//! ("Testing for linearizability", Concurrency and Computation 29(4), 2017).

use std::collections::HashMap;

use crate::history::Asked;
use crate::world::{Said, World};

/// A call as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    /// Its place in the order of all calls' beginnings and ends.
    pub(super) called: u64,
    /// The place of its end, and the answer; nothing for a write of unknown fate, which may take effect at any time
    /// after its beginning, or never.
    pub(super) answered: Option<(u64, &'a Said)>,
    pub(super) asked: &'a Asked,
}

/// What a search found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// An order that explains every answer.
    Linearizable,
    /// There is none. The most that could be placed, and the first call then that could not be.
    Illegal { placed: usize, stuck: usize },
    /// Too many orders to try them all.
    Unknown,
}

/// Looks for an order, trying so many steps at most.
pub(super) fn search(operations: &[Operation<'_>], steps_max: usize) -> Verdict {
    let mut worlds = Worlds::default();
    let mut line = Line::new(operations);
    let mut seen = Seen::default();
    let mut placed = Placed::none_of(operations.len());
    let mut world = worlds.number(World::default());
    let mut stack: Vec<Step> = Vec::new();
    let mut furthest = Verdict::Illegal { placed: 0, stuck: 0 };
    // A write of unknown fate is taken when nothing else can go on: most of them explain nothing, early ones least.
    let mut takes_unknown = false;
    let mut at = line.first();
    let mut steps = 0;
    while line.waiting > 0 {
        let (operation, is_end) = line.events[at];
        if !is_end {
            let candidate = &operations[operation];
            let is_unknown = candidate.answered.is_none();
            let next = match is_unknown == takes_unknown {
                true => worlds.after(world, candidate),
                false => None,
            };
            if let Some(next) = next {
                placed.flip(operation, is_unknown);
                if seen.is_news(&placed, next) {
                    steps += 1;
                    if steps > steps_max {
                        return Verdict::Unknown;
                    }
                    stack.push(Step { operation, world, takes_unknown });
                    line.take_out(operation);
                    (world, takes_unknown, at) = (next, false, line.first());
                    continue;
                }
                placed.flip(operation, is_unknown);
            }
            at = line.next[at];
            continue;
        }
        // This one has ended, so nothing that is still to come goes before it.
        if !takes_unknown {
            (takes_unknown, at) = (true, line.first());
            continue;
        }
        match furthest {
            Verdict::Illegal { placed, .. } if placed > stack.len() => {}
            _ => furthest = Verdict::Illegal { placed: stack.len(), stuck: operation },
        }
        let Some(last) = stack.pop() else { return furthest };
        placed.flip(last.operation, operations[last.operation].answered.is_none());
        line.put_back(last.operation);
        (world, takes_unknown) = (last.world, last.takes_unknown);
        at = line.next[line.begins[last.operation]];
    }
    Verdict::Linearizable
}

/// What was placed, and what to go back to.
struct Step {
    operation: usize,
    world: u32,
    takes_unknown: bool,
}

/// Operations placed so far, one bit each.
#[derive(Clone)]
struct Placed {
    answered: Vec<u64>,
    unknown: Vec<u64>,
}

impl Placed {
    fn none_of(operations: usize) -> Self {
        let bits = vec![0; operations.div_ceil(64)];
        Placed { answered: bits.clone(), unknown: bits }
    }

    fn flip(&mut self, operation: usize, is_unknown: bool) {
        let bits = if is_unknown { &mut self.unknown } else { &mut self.answered };
        bits[operation / 64] ^= 1 << (operation % 64);
    }
}

/// Where the search has been: the answered operations placed and the world they led to, with the fewest unknown ones
/// that were used for it.
#[derive(Default)]
struct Seen(HashMap<(Vec<u64>, u32), Vec<Vec<u64>>>);

impl Seen {
    /// Whether the search was not here before with the same unknown operations left, or more: they need not be used.
    fn is_news(&mut self, placed: &Placed, world: u32) -> bool {
        let used = self.0.entry((placed.answered.clone(), world)).or_default();
        let within = |before: &Vec<u64>| {
            before.iter().zip(&placed.unknown).all(|(before, now)| before & !now == 0)
        };
        if used.iter().any(within) {
            return false;
        }
        used.push(placed.unknown.clone());
        true
    }
}

/// Worlds by number, so that remembering one twice costs a number.
#[derive(Default)]
struct Worlds {
    all: Vec<World>,
    numbers: HashMap<World, u32>,
}

impl Worlds {
    fn number(&mut self, world: World) -> u32 {
        let Worlds { all, numbers } = self;
        *numbers.entry(world).or_insert_with_key(|world| {
            all.push(world.clone());
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The world after an operation, if it could have been answered so.
    fn after(&mut self, world: u32, operation: &Operation<'_>) -> Option<u32> {
        let before = &self.all[world as usize];
        let answer = operation.answered.map(|(_, said)| said);
        match operation.asked {
            Asked::Read(_, question) => {
                answer.is_none_or(|said| before.read(question) == *said).then_some(world)
            }
            Asked::Write(write) => {
                let mut next = before.clone();
                let said = next.write(write);
                answer.is_none_or(|answer| said == *answer).then(|| self.number(next))
            }
        }
    }
}

/// Beginnings and ends in their order, doubly linked, so that a call is taken out and put back at once.
struct Line {
    /// Which operation, and whether it ends.
    events: Vec<(usize, bool)>,
    next: Vec<usize>,
    previous: Vec<usize>,
    begins: Vec<usize>,
    ends: Vec<Option<usize>>,
    /// Operations that have an end and are not placed.
    waiting: usize,
}

impl Line {
    fn new(operations: &[Operation<'_>]) -> Self {
        let mut sorted: Vec<(u64, usize, bool)> = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            sorted.push((operation.called, at, false));
            sorted.extend(operation.answered.map(|(returned, _)| (returned, at, true)));
        }
        sorted.sort_unstable();
        // The first and the last stand for the ends of the line.
        let nobody = (usize::MAX, true);
        let mut events = vec![nobody];
        let (mut begins, mut ends) = (vec![0; operations.len()], vec![None; operations.len()]);
        for (_, operation, is_end) in sorted {
            match is_end {
                true => ends[operation] = Some(events.len()),
                false => begins[operation] = events.len(),
            }
            events.push((operation, is_end));
        }
        events.push(nobody);
        let (next, previous) = (1..=events.len(), (0..events.len()).map(|at| at.saturating_sub(1)));
        let waiting = ends.iter().flatten().count();
        Line { next: next.collect(), previous: previous.collect(), events, begins, ends, waiting }
    }

    fn first(&self) -> usize {
        self.next[0]
    }

    fn take_out(&mut self, operation: usize) {
        self.unlink(self.begins[operation]);
        if let Some(end) = self.ends[operation] {
            self.unlink(end);
            self.waiting -= 1;
        }
    }

    /// The reverse of the latest `take_out`.
    fn put_back(&mut self, operation: usize) {
        if let Some(end) = self.ends[operation] {
            self.link(end);
            self.waiting += 1;
        }
        self.link(self.begins[operation]);
    }

    fn unlink(&mut self, at: usize) {
        let (previous, next) = (self.previous[at], self.next[at]);
        (self.next[previous], self.previous[next]) = (next, previous);
    }

    fn link(&mut self, at: usize) {
        let (previous, next) = (self.previous[at], self.next[at]);
        (self.next[previous], self.previous[next]) = (at, at);
    }
}
