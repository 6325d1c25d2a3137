//! What the child writes, and what must be there afterwards.

use std::collections::BTreeMap;
use std::io::{self, Write, stdout};
use std::path::Path;

use store::disk::memory::Dice;
use store::{
    Changes, Checkpoint, Disk, DiskFile, Head, Loaded, Log, LogOptions, RealDisk, RealFile,
    StateStore,
};

/// What a child does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The log and the checkpoint, side by side.
    Store,
    /// The log on a disk whose sync does nothing.
    UnsyncedLog,
    /// A bare sled database, with the override of this program.
    Sled,
    /// A bare sled database as it is without the override.
    SledAsItIs,
}

const MODES: [(Mode, &str); 4] = [
    (Mode::Store, "store"),
    (Mode::UnsyncedLog, "unsynced-log"),
    (Mode::Sled, "sled"),
    (Mode::SledAsItIs, "sled-as-it-is"),
];

impl Mode {
    pub fn name(self) -> &'static str {
        MODES.iter().find(|(mode, _)| *mode == self).expect("all are listed").1
    }

    pub fn named(name: &str) -> Self {
        MODES.iter().find(|(_, known)| *known == name).expect("a mode").0
    }
}

/// What was promised: the last entry, the last vote, the last checkpoint's revision.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    pub entries: u64,
    pub vote: u64,
    pub revision: u64,
}

impl Acknowledged {
    /// Takes a line of the child's output in; `false` if it is none of ours.
    pub fn hear(&mut self, line: &str) -> bool {
        let mut words = line.split(' ');
        let (Some("ack"), Some(what), Some(Ok(number))) =
            (words.next(), words.next(), words.next().map(str::parse))
        else {
            return false;
        };
        match what {
            "entries" => self.entries = number,
            "vote" => self.vote = number,
            "revision" => self.revision = number,
            _ => return false,
        }
        true
    }

    pub fn merge(&mut self, newer: Self) {
        self.entries = self.entries.max(newer.entries);
        self.vote = self.vote.max(newer.vote);
        self.revision = self.revision.max(newer.revision);
    }
}

fn acknowledge(what: &str, number: u64) {
    // One call, so that the lines of two threads do not mix.
    let line = format!("ack {what} {number}\n");
    stdout().lock().write_all(line.as_bytes()).expect("the parent listens");
}

/// Writes until the power fails.
pub fn run(directory: &Path, mode: Mode) {
    match mode {
        Mode::Store => {
            let log = directory.join("log");
            let writer = std::thread::spawn(move || {
                write_log(RealDisk::new(log).expect("open"));
            });
            write_checkpoints(&directory.join("state"));
            writer.join().expect("the log's thread");
        }
        Mode::UnsyncedLog => {
            write_log(Unsynced(RealDisk::new(directory.join("log")).expect("open")));
        }
        Mode::Sled | Mode::SledAsItIs => {
            fsync::power_loss::stand_aside(mode == Mode::SledAsItIs);
            write_sled(&directory.join("sled"));
        }
    }
}

/// Small segments, so that rotation and removal happen while the power fails.
const SEGMENTS: LogOptions = LogOptions { segment_bytes: 128 << 10, cache_bytes: 16 << 10 };

fn payload(index: u64) -> Vec<u8> {
    let length = 20 + index * 7919 % 600;
    (0..length).map(|at| (index.wrapping_mul(31).wrapping_add(at) % 251) as u8 | 1).collect()
}

fn write_log<D: Disk>(disk: D) {
    let (log, recovered) = Log::open(disk, SEGMENTS).expect("open the log");
    let mut next = recovered.entries.end.max(1);
    let mut dice = Dice::new(next);
    loop {
        for _ in 0..=dice.below(16) {
            log.append(next, payload(next)).expect("append");
            next += 1;
        }
        let vote = dice.below(4) == 0;
        if vote {
            log.save_vote(&next.to_le_bytes()).expect("vote");
        }
        if dice.below(20) == 0 && next > 300 {
            log.purge_to(next - 300, b"purged").expect("purge");
        }
        if log.sync().is_err() {
            return;
        }
        acknowledge("entries", next - 1);
        if vote {
            acknowledge("vote", next);
        }
        while log.prepare().is_ok_and(|more| more) {}
    }
}

/// Looks for every acknowledged entry and the vote.
pub fn check_log(directory: &Path, acknowledged: &Acknowledged) -> Result<(), String> {
    let disk = RealDisk::new(directory.join("log")).map_err(|error| error.to_string())?;
    let (log, recovered) = Log::open(disk, SEGMENTS).map_err(|error| error.to_string())?;
    let range = recovered.entries;
    if range.end <= acknowledged.entries {
        return Err(format!("{range:?} instead of entries up to {}", acknowledged.entries));
    }
    let purged = recovered.purged.map_or(0, |(index, _)| index);
    if range.start > purged + 1 {
        return Err(format!("{range:?}, although only {purged} is purged"));
    }
    for (index, found) in log.read(range).map_err(|error| error.to_string())? {
        if found != payload(index) {
            return Err(format!("entry {index} is another"));
        }
    }
    let vote = recovered.vote.and_then(|vote| Some(u64::from_le_bytes(vote[..].try_into().ok()?)));
    if vote.unwrap_or_default() < acknowledged.vote {
        return Err(format!("vote {vote:?} instead of {}", acknowledged.vote));
    }
    Ok(())
}

/// The changes of a revision: mostly few, sometimes more than one batch holds.
fn changes(revision: u64) -> Changes {
    let count = if revision.is_multiple_of(9) { 900 } else { 1 + revision % 30 };
    let value = |n: u64| {
        let bytes = if n.is_multiple_of(50) { 20_000 } else { 40 + n % 90 };
        vec![(revision % 251) as u8; bytes as usize]
    };
    (0..count)
        .map(|n| (n * revision) % 1000)
        .map(|n| (n.to_be_bytes().to_vec(), (n % 5 != revision % 7).then(|| value(n))))
        .collect()
}

fn head(revision: u64) -> Head {
    Head { revision, time_ms: revision, digest: [revision as u8; 32], meta: vec![7; 30] }
}

/// What a checkpoint of a revision must hold.
fn content(revision: u64) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut content = BTreeMap::new();
    for (key, value) in (1..=revision).flat_map(changes) {
        match value {
            Some(value) => content.insert(key, value),
            None => content.remove(&key),
        };
    }
    content
}

fn write_checkpoints(path: &Path) {
    let mut checkpoint = Checkpoint::open(path).expect("open the checkpoint");
    let mut revision = match checkpoint.load().expect("load") {
        Loaded::Whole(whole) => whole.head.revision,
        _ => 0,
    };
    loop {
        revision += 1;
        let done = if revision.is_multiple_of(25) {
            checkpoint.replace(&head(revision), &mut content(revision).into_iter())
        } else {
            checkpoint.commit(&head(revision), &changes(revision))
        };
        if done.is_err() {
            return;
        }
        acknowledge("revision", revision);
    }
}

/// Looks for the log and for the acknowledged checkpoint or a later one.
pub fn check_store(directory: &Path, acknowledged: &Acknowledged) -> Result<(), String> {
    check_log(directory, acknowledged)?;
    let path = directory.join("state");
    let mut checkpoint = Checkpoint::open(path).map_err(|error| error.to_string())?;
    let whole = match checkpoint.load().map_err(|error| error.to_string())? {
        Loaded::Whole(whole) => whole,
        Loaded::Empty if acknowledged.revision == 0 => return Ok(()),
        other => return Err(format!("{other:?} instead of {}", acknowledged.revision)),
    };
    let revision = whole.head.revision;
    if revision < acknowledged.revision {
        return Err(format!("revision {revision} instead of {}", acknowledged.revision));
    }
    if whole.head != head(revision) || !whole.entries.into_iter().eq(content(revision)) {
        return Err(format!("revision {revision} has another content"));
    }
    Ok(())
}

fn open_sled(path: &Path) -> sled::Result<sled::Db> {
    sled::Config::new().path(path).flush_every_ms(None).open()
}

/// Writes to sled as one is tempted to, with `flush` for durability.
fn write_sled(path: &Path) {
    let db = open_sled(path).expect("open sled");
    let mut number = db.len() as u64;
    loop {
        number += 1;
        let done = db.insert(number.to_be_bytes(), payload(number)).and_then(|_| db.flush());
        if done.is_err() {
            return;
        }
        acknowledge("entries", number);
    }
}

/// Looks for every acknowledged number in sled.
pub fn check_sled(directory: &Path, acknowledged: &Acknowledged) -> Result<(), String> {
    let path = directory.join("sled");
    let opened = std::panic::catch_unwind(|| open_sled(&path));
    let db = opened.map_err(|_| "sled panicked".to_owned())?.map_err(|error| error.to_string())?;
    for number in 1..=acknowledged.entries {
        let found = db.get(number.to_be_bytes()).map_err(|error| error.to_string())?;
        if found.is_none_or(|found| *found != payload(number)) {
            return Err(format!("{number} of {} is missing", acknowledged.entries));
        }
    }
    Ok(())
}

/// A disk that forgets to sync, as the negative control.
#[derive(Clone)]
struct Unsynced(RealDisk);

struct UnsyncedFile(RealFile);

impl Disk for Unsynced {
    type File = UnsyncedFile;

    fn create(&self, name: &str) -> io::Result<UnsyncedFile> {
        self.0.create(name).map(UnsyncedFile)
    }
    fn open(&self, name: &str) -> io::Result<UnsyncedFile> {
        self.0.open(name).map(UnsyncedFile)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }
    fn sync_dir(&self) -> io::Result<()> {
        self.0.sync_dir()
    }
}

impl DiskFile for UnsyncedFile {
    fn length(&self) -> io::Result<u64> {
        self.0.length()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, bytes)
    }
    fn set_length(&self, length: u64) -> io::Result<()> {
        self.0.set_length(length)
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
