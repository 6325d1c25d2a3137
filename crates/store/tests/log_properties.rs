//! The log against a naive model: what is synced is there, nothing is invented, damage is seen.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use store::{Disk, DiskFile, Log, LogError, LogOptions, MemoryDisk, Recovered};

const SMALL: LogOptions = LogOptions { segment_bytes: 4096, cache_bytes: 300 };

/// One thing done to the log.
#[derive(Clone, Debug)]
enum Step {
    Append {
        count: u64,
        bytes: usize,
    },
    Vote(u8),
    Committed(u8),
    /// How many of the last entries go.
    Truncate(u64),
    /// How many entries go from the start; more than there are goes beyond the end.
    Purge(u64),
    Sync,
    Prepare,
    /// The process dies: what was not taken to the disk is gone.
    Kill,
    /// The power fails between two syncs.
    Crash(u64),
    /// The power fails in the middle of the nth sync from here.
    CrashAtSync {
        nth: u64,
        seed: u64,
    },
    /// The nth sync from here fails, and the process starts again.
    FailSync(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1..8_u64, 0..400_usize).prop_map(|(count, bytes)| Step::Append { count, bytes }),
        2 => any::<u8>().prop_map(Step::Vote),
        1 => any::<u8>().prop_map(Step::Committed),
        1 => (0..10_u64).prop_map(Step::Truncate),
        2 => (1..40_u64).prop_map(Step::Purge),
        6 => Just(Step::Sync),
        1 => Just(Step::Prepare),
        1 => Just(Step::Kill),
        1 => any::<u64>().prop_map(Step::Crash),
        2 => (1..4_u64, any::<u64>()).prop_map(|(nth, seed)| Step::CrashAtSync { nth, seed }),
        1 => (1..4_u64).prop_map(Step::FailSync),
    ]
}

/// The log's logical content, kept the naive way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Content {
    entries: BTreeMap<u64, Bytes>,
    next: u64,
    vote: Option<Bytes>,
    committed: Option<Bytes>,
    purged: Option<(u64, Bytes)>,
}

/// A log under test and what it may hold.
struct Machine {
    disk: MemoryDisk,
    log: Log<MemoryDisk>,
    /// The content after the last good sync, and after each record since.
    possible: Vec<Content>,
    salt: u8,
}

impl Machine {
    fn new() -> Self {
        let disk = MemoryDisk::default();
        let (log, _) = Log::open(disk.clone(), SMALL).expect("open");
        Self { disk, log, possible: vec![Content::default()], salt: 0 }
    }

    fn now(&self) -> Content {
        self.possible.last().expect("never empty").clone()
    }

    fn step(&mut self, step: &Step) {
        let mut now = self.now();
        match *step {
            Step::Append { count, bytes } => return self.append(count, bytes),
            Step::Vote(byte) => {
                now.vote = Some(vec![byte; 9].into());
                self.log.save_vote(&[byte; 9]).expect("vote");
            }
            Step::Committed(byte) => {
                now.committed = Some(vec![byte; 5].into());
                self.log.save_committed(&[byte; 5]).expect("committed");
            }
            Step::Truncate(count) => {
                let keep = now.next.saturating_sub(count);
                let keep = keep.max(now.purged.as_ref().map_or(0, |(index, _)| index + 1));
                now.entries.split_off(&keep);
                now.next = now.next.min(keep);
                self.log.truncate_after(keep.checked_sub(1)).expect("truncate");
            }
            Step::Purge(count) => {
                let first = now.entries.keys().next().copied().unwrap_or(now.next);
                let index = first + count - 1;
                let marker = Bytes::from(vec![count as u8; 7]);
                now.entries = now.entries.split_off(&(index + 1));
                now.next = now.next.max(index + 1);
                now.purged = Some((index, marker.clone()));
                self.log.purge_to(index, &marker).expect("purge");
            }
            Step::Sync => return self.sync(),
            Step::Prepare => {
                self.log.prepare().expect("prepare");
                return;
            }
            Step::Kill => {
                self.possible.truncate(1);
                return self.reopen();
            }
            Step::Crash(seed) => {
                self.possible.truncate(1);
                self.disk.crash(seed);
                return self.reopen_after_crash_in_recovery(seed);
            }
            Step::CrashAtSync { nth, seed } => {
                self.disk.cut_power_at_sync(nth);
                return self.sync_until_failure(Some(seed));
            }
            Step::FailSync(nth) => {
                self.disk.fail_sync(nth);
                return self.sync_until_failure(None);
            }
        }
        self.possible.push(now);
    }

    fn append(&mut self, count: u64, bytes: usize) {
        for _ in 0..count {
            let mut now = self.now();
            self.salt = self.salt.wrapping_add(1);
            let payload = Bytes::from(vec![self.salt | 1; bytes]);
            self.log.append(now.next, payload.clone()).expect("append");
            now.entries.insert(now.next, payload);
            now.next += 1;
            self.possible.push(now);
        }
    }

    fn sync(&mut self) {
        self.log.sync().expect("sync");
        self.possible = vec![self.now()];
    }

    /// Goes on until the fault strikes, then starts again with whatever the disk holds.
    fn sync_until_failure(&mut self, crash: Option<u64>) {
        loop {
            self.append(2, 600);
            match self.log.sync() {
                Ok(_) => self.possible = vec![self.now()],
                Err(_) => break,
            }
        }
        match crash {
            Some(seed) => {
                self.disk.crash(seed);
                self.reopen_after_crash_in_recovery(seed);
            }
            None => self.reopen(),
        }
    }

    /// Half of the time the power fails again while the log is read back.
    fn reopen_after_crash_in_recovery(&mut self, seed: u64) {
        if seed.is_multiple_of(2) {
            self.disk.cut_power_at_sync(1 + seed / 2 % 3);
            if let Err(error) = Log::open(self.disk.clone(), SMALL) {
                assert!(matches!(error, LogError::Io { .. }), "{error}");
            }
            self.disk.crash(seed);
        }
        self.reopen();
    }

    fn reopen(&mut self) {
        let (log, recovered) = Log::open(self.disk.clone(), SMALL).expect("reopen");
        let content = content(&log, &recovered);
        let at = self.possible.iter().position(|possible| *possible == content);
        let at = at.unwrap_or_else(|| panic!("{content:?} is none of {:?}", self.possible));
        self.possible = vec![self.possible.swap_remove(at)];
        self.log = log;
    }
}

/// Reads all that a freshly opened log holds.
fn content(log: &Log<MemoryDisk>, recovered: &Recovered) -> Content {
    let entries: BTreeMap<u64, Bytes> = log.read(0..u64::MAX).expect("read").into_iter().collect();
    assert_eq!(recovered.entries, log.entries());
    assert_eq!(entries.len() as u64, recovered.entries.end - recovered.entries.start);
    Content {
        entries,
        next: recovered.entries.end,
        vote: recovered.vote.clone(),
        committed: recovered.committed.clone(),
        purged: recovered.purged.clone(),
    }
}

/// Runs steps and returns the machine with everything synced and closed by a restart.
fn settled(steps: &[Step]) -> Machine {
    let mut machine = Machine::new();
    for step in steps {
        machine.step(step);
    }
    machine.sync();
    machine
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_synced_is_there_and_nothing_is_invented(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut machine = Machine::new();
        for step in &steps {
            machine.step(step);
            let live: BTreeMap<u64, Bytes> =
                machine.log.read(0..u64::MAX).expect("read").into_iter().collect();
            prop_assert_eq!(live, machine.now().entries);
        }
        machine.step(&Step::Crash(1));
    }

    /// Also in the last group, unlike in most logs: a torn write leaves a blank sector.
    #[test]
    fn any_flipped_bit_is_refused_or_harmless(
        steps in prop::collection::vec(step(), 1..40),
        which in any::<prop::sample::Index>(),
        offset in 0..4096_u64,
        bit in 0..8_u32,
    ) {
        let machine = settled(&steps);
        let names = machine.disk.list().expect("list");
        let name = which.get(&names);
        machine.disk.flip(name, offset, 1 << bit).expect("flip");
        match Log::open(machine.disk.clone(), SMALL) {
            Err(LogError::Corrupt { file, .. }) => prop_assert_eq!(&file, name),
            Err(other) => prop_assert!(false, "{}", other),
            Ok((log, recovered)) => {
                prop_assert_eq!(content(&log, &recovered), machine.now());
            }
        }
    }

    /// A sector that the disk lost: everything but the last group is guarded by what follows.
    #[test]
    fn any_blanked_sector_before_the_last_group_is_refused(
        steps in prop::collection::vec(step(), 1..40),
        which in any::<prop::sample::Index>(),
        sector in 0..8_u64,
    ) {
        let mut machine = settled(&steps);
        machine.append(1, LAST);
        machine.sync();
        let names = machine.disk.list().expect("list");
        let name = which.get(&names);
        let last = names.iter().rfind(|name| *name != "log-next").expect("a segment");
        if name == last && (sector + 1) * 512 > last_group(&machine.disk, last) {
            return Ok(());
        }
        let file = machine.disk.open(name).expect("open");
        file.write_at(sector * 512, &[0; 512]).expect("blank");
        match Log::open(machine.disk.clone(), SMALL) {
            Err(LogError::Corrupt { file, .. }) => prop_assert_eq!(&file, name),
            Err(other) => prop_assert!(false, "{}", other),
            Ok((log, recovered)) => {
                prop_assert_eq!(content(&log, &recovered), machine.now());
            }
        }
    }
}

/// The payload of the group that the test writes last, in bytes.
const LAST: usize = 900;

/// Where the last group begins: two headers, a length and one payload before the end.
fn last_group(disk: &MemoryDisk, name: &str) -> u64 {
    let mut bytes = vec![0; SMALL.segment_bytes];
    disk.open(name).expect("open").read_at(0, &mut bytes).expect("read");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("not blank") + 1;
    (end - LAST - 17 - 21) as u64
}
