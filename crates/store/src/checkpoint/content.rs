//! Reading and writing what a checkpoint holds, through an engine.

use std::collections::BTreeMap;
use std::path::Path;

use sled::Batch;

use super::delta::Delta;
use super::engine::{Engine, Failure};
use super::layout::{
    ENTRY, MERGING, RECORD, Record, Tally, Write, check_size, entry_key, entry_writes, first_piece,
    piece_key,
};
use super::stamp::{self, Stamp};
use super::{Changes, CheckpointError, Entries, Head, Whole};

/// The most writes in one batch: sled stalls over large ones.
const SLICE: usize = 512;

/// The most bytes in one batch, unless a single write is larger.
const SLICE_BYTES: usize = 1 << 20;

fn damaged<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::Damaged(what.to_owned()))
}

/// Reads what the checkpoint says about itself.
pub(super) fn read_record(engine: &mut Engine) -> Result<Option<Record>, Failure> {
    read_record_at(engine, RECORD)
}

fn read_record_at(engine: &mut Engine, key: &[u8]) -> Result<Option<Record>, Failure> {
    match engine.get(key)? {
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
    let entries = read_entries(engine)?;
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

/// Reads everything with the deltas laid over it. A merge may have been interrupted anywhere, so
/// the tally says nothing; each delta has its checksum, and whoever restores the state its digest.
pub(super) fn read_overlaid(
    engine: &mut Engine,
    deltas: &[Delta],
) -> Result<Option<Whole>, Failure> {
    let Some((head, changes)) = read_deltas(deltas)? else { return read_whole(engine) };
    let mut entries: BTreeMap<_, _> = read_entries(engine)?.into_iter().collect();
    for (key, value) in changes {
        match value {
            Some(value) => drop(entries.insert(key, value)),
            None => drop(entries.remove(&key)),
        }
    }
    Ok(Some(Whole { head, entries: entries.into_iter().collect() }))
}

/// What all deltas together say, and the head of the last; nothing when there are none.
fn read_deltas(deltas: &[Delta]) -> Result<Option<(Head, Changes)>, Failure> {
    let mut all = None;
    for delta in deltas {
        let Some((head, changes)) = delta.read().map_err(Failure::Io)? else {
            return damaged(&format!("its delta of revision {} is unreadable", delta.revision));
        };
        let (last, merged) = all.get_or_insert_with(|| (Head::default(), Changes::new()));
        *last = head;
        merged.extend(changes);
    }
    Ok(all)
}

fn read_entries(engine: &mut Engine) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
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
    Ok(entries)
}

/// A database that knows less than what was durable once has lost something.
pub(super) fn check_stamp(found: Option<u64>, stamp: Stamp) -> Result<(), Failure> {
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

/// Works out what to write for the changes, and the record that holds afterwards.
fn plan(
    engine: &mut Engine,
    head: &Head,
    changes: &Changes,
) -> Result<(Record, Vec<Write>), Failure> {
    let mut tally = read_record(engine)?.map_or_else(Tally::default, |record| record.tally);
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
    Ok((Record { head: head.clone(), tally }, writes))
}

/// What to write for changes of which any part may be written already: everything, and the pieces
/// of what was there before are looked for one by one.
fn plan_again(engine: &mut Engine, changes: &Changes) -> Result<Vec<Write>, Failure> {
    let mut writes = Vec::with_capacity(changes.len() + 1);
    for (key, value) in changes {
        let mut last = 0;
        let length = piece_key(key, 0).len();
        engine.scan(&piece_key(key, 0)[..length - 2], |found, _| {
            if let (true, Some((_, number))) = (found.len() == length, found.split_last_chunk()) {
                last = last.max(u16::from_be_bytes(*number));
            }
            true
        })?;
        entry_writes(key, Some(last), value.as_deref(), &mut writes);
    }
    Ok(writes)
}

/// Commits changes in one batch; false when they do not fit into one, and nothing was done.
pub(super) fn commit_at_once(
    engine: &mut Engine,
    head: &Head,
    changes: &Changes,
) -> Result<bool, Failure> {
    if changes.len() > SLICE {
        return Ok(false);
    }
    let (record, writes) = plan(engine, head, changes)?;
    let [slice] = slices(&writes)[..] else { return Ok(false) };
    apply(engine, slice, &[(RECORD, Some(&record))])?;
    engine.flush()?;
    Ok(true)
}

/// Whether a merge was interrupted.
pub(super) fn is_merging(engine: &mut Engine) -> Result<bool, Failure> {
    Ok(engine.get(MERGING)?.is_some())
}

/// Carries out what the deltas say. The record to come is written first, while the tally can still
/// be told; a merge that was interrupted is begun again with it.
pub(super) fn merge(engine: &mut Engine, deltas: &[Delta]) -> Result<(), Failure> {
    let Some((head, changes)) = read_deltas(deltas)? else { return Ok(()) };
    let (record, writes) = match read_record_at(engine, MERGING)? {
        Some(record) if record.head == head => (record, plan_again(engine, &changes)?),
        Some(_) => return damaged("it was being merged with deltas that are gone"),
        None => {
            let planned = plan(engine, &head, &changes)?;
            apply(engine, &[], &[(MERGING, Some(&planned.0))])?;
            engine.flush()?;
            planned
        }
    };
    for slice in slices(&writes) {
        apply(engine, slice, &[])?;
    }
    apply(engine, &[], &[(RECORD, Some(&record)), (MERGING, None)])?;
    engine.flush()
}

/// Applies writes and records in one batch.
fn apply(
    engine: &mut Engine,
    writes: &[Write],
    records: &[(&[u8], Option<&Record>)],
) -> Result<(), Failure> {
    let mut batch = Batch::default();
    for (key, value) in writes {
        match value {
            Some(value) => batch.insert(key.as_slice(), value.as_slice()),
            None => batch.remove(key.as_slice()),
        }
    }
    for (key, record) in records {
        match record {
            Some(record) => batch.insert(*key, record.encode()),
            None => batch.remove(*key),
        }
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
                apply(&mut engine, slice, &[])?;
            }
            writes.clear();
            bytes = 0;
        }
    }
    for slice in slices(&writes) {
        apply(&mut engine, slice, &[])?;
    }
    let record = Record { head: head.clone(), tally };
    apply(&mut engine, &[], &[(RECORD, Some(&record))])?;
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

    /// Some of them in several pieces, in more or fewer for another value.
    fn changes(value: &str) -> Changes {
        let key = |n: u32| format!("key {n}").into_bytes();
        let long = 20_000 * value.len();
        (0..2000)
            .map(|n| {
                (key(n), Some(value.repeat(if n % 500 == 0 { long } else { 20 }).into_bytes()))
            })
            .collect()
    }

    fn entries(changes: Changes) -> Entries {
        changes.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    fn whole(path: &Path) -> Whole {
        match Checkpoint::open(path).expect("open").load().expect("load") {
            Loaded::Whole(whole) => whole,
            other => panic!("{other:?}"),
        }
    }

    fn committed(path: &Path, revision: u64, value: &str) -> Checkpoint {
        let mut checkpoint = Checkpoint::open(path).expect("open");
        checkpoint.commit(&head(revision), &changes(value)).expect("commit");
        checkpoint
    }

    #[test]
    fn a_large_commit_is_there_before_and_after_it_is_merged() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path().join("state");
        drop(committed(&path, 1, "old"));
        drop(committed(&path, 2, "newer"));
        assert_eq!(Delta::list(&path).expect("list").len(), 2);
        let expected = Whole { head: head(2), entries: entries(changes("newer")) };
        assert_eq!(whole(&path), expected);
        Checkpoint::open(&path).expect("open").settle().expect("settle");
        assert_eq!(Delta::list(&path).expect("list"), []);
        assert_eq!(whole(&path), expected);
    }

    /// Begins to merge and stops after some slices, as a crash would.
    #[test]
    fn a_merge_is_finished_from_wherever_it_stopped() {
        for slices_done in [0, 1, 3, usize::MAX] {
            let directory = tempfile::tempdir().expect("temporary directory");
            let path = directory.path().join("state");
            committed(&path, 1, "older").settle().expect("settle");
            drop(committed(&path, 2, "new"));
            let mut engine = Engine::open(&path).expect("engine");
            let (record, writes) = plan(&mut engine, &head(2), &changes("new")).expect("plan");
            apply(&mut engine, &[], &[(MERGING, Some(&record))]).expect("apply");
            for slice in slices(&writes).into_iter().take(slices_done) {
                apply(&mut engine, slice, &[]).expect("apply");
            }
            engine.flush().expect("flush");
            drop(engine);
            let expected = Whole { head: head(2), entries: entries(changes("new")) };
            assert_eq!(whole(&path), expected, "{slices_done} slices");
            assert_eq!(Delta::list(&path).expect("list"), []);
            let mut engine = Engine::open(&path).expect("engine");
            // Verifies the tally and that no piece is left over.
            assert_eq!(read_whole(&mut engine).expect("read"), Some(expected));
            let mut pieces = 0;
            let count = |_, _| {
                pieces += 1;
                true
            };
            engine.scan(b"x", count).expect("scan");
            assert_eq!(pieces, 4 * (20_000 * 9_usize).div_ceil(16 << 10).saturating_sub(1));
        }
    }

    #[test]
    fn an_old_delta_that_came_back_does_no_harm() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path().join("state");
        committed(&path, 2, "new").settle().expect("settle");
        let stale = Changes::from([(b"key 0".to_vec(), None)]);
        Delta::write(&path, &head(1), &stale).expect("write");
        assert_eq!(whole(&path).entries.len(), 2000);
        assert_eq!(Delta::list(&path).expect("list"), []);
    }

    #[test]
    fn a_damaged_or_missing_delta_sets_the_checkpoint_aside() {
        for damage in [std::fs::remove_file, |path: std::path::PathBuf| std::fs::write(path, b"no")]
        {
            let directory = tempfile::tempdir().expect("temporary directory");
            let path = directory.path().join("state");
            drop(committed(&path, 3, "new"));
            damage(path.join(format!("delta-{:020}", 3))).expect("damage");
            let loaded = Checkpoint::open(&path).expect("open").load().expect("load");
            assert!(matches!(loaded, Loaded::SetAside(_)), "{loaded:?}");
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
