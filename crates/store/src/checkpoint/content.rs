//! Reading and writing what a checkpoint holds, through an engine.

use std::path::Path;

use sled::Batch;

use super::engine::{Engine, Failure};
use super::layout::{
    ENTRY, Phase, RECORD, Record, STAGED, Tally, Write, check_size, entry_key, entry_writes,
    first_piece, piece_key, stage, staged_key, unstage,
};
use super::stamp::{self, Stamp};
use super::{Changes, CheckpointError, Head, Whole};

/// The most writes in one batch: sled stalls over large ones.
const SLICE: usize = 512;

/// The most bytes in one batch, unless a single write is larger.
const SLICE_BYTES: usize = 1 << 20;

fn damaged<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::Damaged(what.to_owned()))
}

/// Reads what the checkpoint says about itself.
pub(super) fn read_record(engine: &mut Engine) -> Result<Option<Record>, Failure> {
    match engine.get(RECORD)? {
        None => Ok(None),
        Some(bytes) => match Record::decode(&bytes) {
            Some(record) => Ok(Some(record)),
            None => damaged("its record is unreadable"),
        },
    }
}

/// Reads everything and verifies it against the tally.
pub(super) fn read_whole(engine: &mut Engine) -> Result<Option<Whole>, Failure> {
    let record = read_record(engine)?;
    let mut entries = Vec::new();
    let mut cut_up = Vec::new();
    let mut readable = true;
    engine.scan(ENTRY, |key, value| {
        let Some((further, bytes)) = first_piece(&value) else {
            readable = false;
            return false;
        };
        if further > 0 {
            cut_up.push((entries.len(), further));
        }
        entries.push((key[ENTRY.len()..].to_vec(), bytes.to_vec()));
        true
    })?;
    if !readable {
        return damaged("an entry is unreadable");
    }
    for (at, further) in cut_up {
        let (key, value) = &mut entries[at];
        append_pieces(engine, key, further, value)?;
    }
    let mut tally = Tally::default();
    for (key, value) in &entries {
        tally.add(key, value);
    }
    match record {
        None if entries.is_empty() => Ok(None),
        None => damaged("it has entries but no record"),
        Some(record) if record.tally == tally => Ok(Some(Whole { head: record.head, entries })),
        Some(record) => damaged(&format!(
            "its {} entries are not the {} that were committed at revision {}",
            tally.count, record.tally.count, record.head.revision
        )),
    }
}

/// A database that knows less than what was durable once has lost something.
pub(super) fn check_stamp(record: Option<&Record>, stamp: Stamp) -> Result<(), Failure> {
    let found = record.map(|record| record.head.revision);
    match stamp {
        Stamp::At(revision) if found.is_none_or(|found| found < revision) => {
            let found = found.map_or("nothing".to_owned(), |found| format!("revision {found}"));
            damaged(&format!("it fell back to {found} from revision {revision}"))
        }
        Stamp::Unreadable => damaged("its stamp is unreadable"),
        Stamp::At(_) | Stamp::Missing => Ok(()),
    }
}

/// Reads the value of an entry, and how many further pieces it has.
fn read_value(engine: &mut Engine, key: &[u8]) -> Result<Option<(u16, Vec<u8>)>, Failure> {
    let Some(stored) = engine.get(&entry_key(key))? else { return Ok(None) };
    let Some((further, bytes)) = first_piece(&stored) else {
        return damaged("an entry is unreadable");
    };
    let mut value = bytes.to_vec();
    append_pieces(engine, key, further, &mut value)?;
    Ok(Some((further, value)))
}

fn append_pieces(
    engine: &mut Engine,
    key: &[u8],
    further: u16,
    value: &mut Vec<u8>,
) -> Result<(), Failure> {
    for number in 1..=further {
        match engine.get(&piece_key(key, number))? {
            Some(piece) => value.extend_from_slice(&piece),
            None => return damaged("a piece of an entry is missing"),
        }
    }
    Ok(())
}

/// Works out what to write for the changes, and what all entries amount to afterwards.
pub(super) fn plan(
    engine: &mut Engine,
    changes: &Changes,
    tally: &mut Tally,
) -> Result<Vec<Write>, Failure> {
    let mut writes = Vec::with_capacity(changes.len() + 1);
    for (key, value) in changes {
        let before = read_value(engine, key)?;
        let old = before.as_ref().map(|(_, value)| value);
        if old == value.as_ref() {
            continue;
        }
        if let Some(old) = old {
            tally.remove(key, old);
        }
        if let Some(new) = value {
            tally.add(key, new);
        }
        let further = before.as_ref().map(|(further, _)| *further);
        entry_writes(key, further, value.as_deref(), &mut writes);
    }
    Ok(writes)
}

/// Writes a commit: in one batch if it fits, else by way of staging.
pub(super) fn write(engine: &mut Engine, record: Record, writes: &[Write]) -> Result<(), Failure> {
    if let [slice] = slices(writes)[..] {
        apply(engine, slice, Some(&record))?;
        return engine.flush();
    }
    stage_all(engine, writes)?;
    let applying = Record { phase: Phase::Applying, ..record };
    declare(engine, &applying)?;
    finish(engine, applying)
}

/// First step of a large commit: the writes lie ready, and do not count.
fn stage_all(engine: &mut Engine, writes: &[Write]) -> Result<(), Failure> {
    let staged: Vec<Write> =
        (0..).zip(writes).map(|(n, write)| (staged_key(n), Some(stage(write)))).collect();
    for slice in slices(&staged) {
        apply(engine, slice, None)?;
    }
    engine.flush()
}

/// Second step, and the moment of the commit: from here on the staged writes count.
fn declare(engine: &mut Engine, applying: &Record) -> Result<(), Failure> {
    apply(engine, &[], Some(applying))?;
    engine.flush()
}

/// Last step: carries out what is staged and settles the record. Repeating any part of it does no
/// harm.
pub(super) fn finish(engine: &mut Engine, record: Record) -> Result<(), Failure> {
    loop {
        let mut writes = Vec::new();
        let mut bytes = 0;
        let mut readable = true;
        engine.scan(STAGED, |key, value| {
            match unstage(&value) {
                Some(write) => writes.push(write),
                None => readable = false,
            }
            writes.push((key.to_vec(), None));
            bytes += value.len();
            readable && writes.len() + 2 <= SLICE && bytes < SLICE_BYTES
        })?;
        if !readable {
            return damaged("a staged change is unreadable");
        }
        if writes.is_empty() {
            break;
        }
        apply(engine, &writes, None)?;
    }
    apply(engine, &[], Some(&Record { phase: Phase::Settled, ..record }))?;
    engine.flush()
}

/// Removes what a commit staged that never happened.
pub(super) fn forget_staged(engine: &mut Engine) -> Result<(), Failure> {
    loop {
        let mut writes = Vec::new();
        engine.scan(STAGED, |key, _| {
            writes.push((key.to_vec(), None));
            writes.len() < SLICE
        })?;
        if writes.is_empty() {
            return Ok(());
        }
        apply(engine, &writes, None)?;
    }
}

/// Applies writes, and the record if it is given, in one batch.
fn apply(engine: &mut Engine, writes: &[Write], record: Option<&Record>) -> Result<(), Failure> {
    let mut batch = Batch::default();
    for (key, value) in writes {
        match value {
            Some(value) => batch.insert(key.as_slice(), value.as_slice()),
            None => batch.remove(key.as_slice()),
        }
    }
    if let Some(record) = record {
        batch.insert(RECORD, record.encode());
    }
    engine.apply(batch)
}

/// Cuts writes into slices that sled takes well; there is always at least one.
fn slices(writes: &[Write]) -> Vec<&[Write]> {
    let mut slices = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, (key, value)) in writes.iter().enumerate() {
        let more = key.len() + value.as_ref().map_or(0, Vec::len);
        if at > start && (at - start == SLICE || bytes + more > SLICE_BYTES) {
            slices.push(&writes[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += more;
    }
    slices.push(&writes[start..]);
    slices
}

/// Writes a whole checkpoint into a new database, durably. The inner error is the caller's fault.
pub(super) fn fill(
    path: &Path,
    head: &Head,
    entries: &mut dyn Iterator<Item = (Vec<u8>, Vec<u8>)>,
) -> Result<Result<(), CheckpointError>, Failure> {
    let mut engine = Engine::open(path)?;
    let mut tally = Tally::default();
    let mut writes = Vec::new();
    let mut bytes = 0;
    for (key, value) in entries {
        if let Err(error) = check_size(&key, &value) {
            return Ok(Err(error));
        }
        tally.add(&key, &value);
        entry_writes(&key, None, Some(&value), &mut writes);
        bytes += key.len() + value.len();
        if writes.len() >= SLICE || bytes >= SLICE_BYTES {
            for slice in slices(&writes) {
                apply(&mut engine, slice, None)?;
            }
            writes.clear();
            bytes = 0;
        }
    }
    for slice in slices(&writes) {
        apply(&mut engine, slice, None)?;
    }
    let record = Record { phase: Phase::Settled, head: head.clone(), tally };
    apply(&mut engine, &[], Some(&record))?;
    engine.flush()?;
    stamp::write(path, head.revision).map_err(Failure::Io)?;
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::on_sled::Checkpoint;
    use crate::checkpoint::{Loaded, StateStore};

    fn head(revision: u64) -> Head {
        Head { revision, ..Head::default() }
    }

    fn changes(value: &str) -> Changes {
        let key = |n: u32| format!("key {n}").into_bytes();
        (0..2000).map(|n| (key(n), Some(value.repeat(20).into_bytes()))).collect()
    }

    /// Does a large commit up to a step, reopens, and returns the revision and the first value.
    fn interrupted_after(steps: usize, slices_done: usize) -> (u64, Vec<u8>) {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path().join("state");
        let mut checkpoint = Checkpoint::open(&path).expect("open");
        checkpoint.commit(&head(1), &changes("old")).expect("commit");
        drop(checkpoint);
        let mut engine = Engine::open(&path).expect("engine");
        let mut tally = read_record(&mut engine).expect("record").expect("there").tally;
        let writes = plan(&mut engine, &changes("new"), &mut tally).expect("plan");
        stage_all(&mut engine, &writes).expect("stage");
        if steps > 1 {
            let applying = Record { phase: Phase::Applying, head: head(2), tally };
            declare(&mut engine, &applying).expect("declare");
        }
        for slice in slices(&writes).into_iter().take(slices_done) {
            apply(&mut engine, slice, None).expect("apply");
        }
        engine.flush().expect("flush");
        drop(engine);
        let mut checkpoint = Checkpoint::open(&path).expect("open");
        match checkpoint.load().expect("load") {
            Loaded::Whole(whole) => (whole.head.revision, whole.entries[0].1[..3].to_vec()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_staged_commit_that_was_not_declared_never_happened() {
        assert_eq!(interrupted_after(1, 0), (1, b"old".to_vec()));
    }

    #[test]
    fn a_declared_commit_is_finished_from_wherever_it_stopped() {
        for slices_done in [0, 1, 3] {
            assert_eq!(interrupted_after(2, slices_done), (2, b"new".to_vec()));
        }
    }

    #[test]
    fn slices_are_small_in_number_and_bytes() {
        let writes: Vec<Write> = (0..1300_u32)
            .map(|n| (n.to_be_bytes().to_vec(), (n > 1000).then(|| vec![0; 16 << 10])))
            .collect();
        let slices = slices(&writes);
        assert_eq!(slices.concat(), writes);
        for slice in &slices {
            let bytes: usize = slice.iter().map(|(_, v)| v.as_ref().map_or(0, Vec::len)).sum();
            assert!(slice.len() <= SLICE && bytes <= SLICE_BYTES);
        }
        assert_eq!(super::slices(&[]).len(), 1);
    }
}
