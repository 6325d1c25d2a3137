//! The log, case by case.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use store::{Disk, DiskFile, Log, LogError, LogOptions, MemoryDisk, RealDisk, Recovered, Ticket};

const SMALL: LogOptions = LogOptions { segment_bytes: 4096, cache_bytes: 256 };

fn open(disk: &MemoryDisk) -> (Log<MemoryDisk>, Recovered) {
    Log::open(disk.clone(), SMALL).expect("open")
}

/// Appends and syncs entries whose payload tells their index.
fn fill<D: Disk>(log: &Log<D>, range: std::ops::Range<u64>) {
    for index in range {
        log.append(index, payload(index)).expect("append");
        log.sync().expect("sync");
    }
}

fn payload(index: u64) -> Bytes {
    Bytes::from(format!("entry {index} ").repeat(10))
}

fn assert_holds<D: Disk>(log: &Log<D>, range: std::ops::Range<u64>) {
    let expected: Vec<_> = range.clone().map(|index| (index, payload(index))).collect();
    assert_eq!(log.read(0..u64::MAX).expect("read"), expected);
    assert_eq!(log.entries(), range);
}

fn segments(disk: &MemoryDisk) -> Vec<String> {
    let mut names = disk.list().expect("list");
    names.retain(|name| name != "log-next");
    names
}

#[test]
fn a_new_log_is_empty_and_keeps_what_is_synced() {
    let disk = MemoryDisk::default();
    let (log, recovered) = open(&disk);
    assert_eq!(recovered, Recovered::default());
    assert_eq!(log.append(0, payload(0)).expect("append"), Ticket(1));
    assert_eq!(log.save_vote(b"vote").expect("vote"), Ticket(2));
    assert_eq!(log.save_committed(b"committed").expect("committed"), Ticket(3));
    assert_eq!(log.durable(), Ticket(0));
    let before = disk.syncs();
    assert_eq!(log.sync().expect("sync"), Ticket(3));
    assert_eq!(disk.syncs(), before + 1, "one sync for the whole group");
    assert_eq!(log.sync().expect("sync"), Ticket(3));
    assert_eq!(disk.syncs(), before + 1, "nothing to do, nothing done");
    log.append(1, payload(1)).expect("append, not synced");
    disk.crash(1);
    let (log, recovered) = open(&disk);
    assert_eq!(recovered.vote.as_deref(), Some(&b"vote"[..]));
    assert_eq!(recovered.committed.as_deref(), Some(&b"committed"[..]));
    assert_eq!(recovered.entries, 0..1);
    assert_holds(&log, 0..1);
}

#[test]
fn a_crash_while_the_log_is_first_made_leaves_an_empty_log() {
    for (nth, seed) in (1..6).flat_map(|nth| (0..8).map(move |seed| (nth, seed))) {
        let disk = MemoryDisk::default();
        disk.cut_power_at_sync(nth);
        let first = Log::open(disk.clone(), SMALL);
        assert_eq!(first.is_ok(), nth > 3, "three syncs make a log");
        disk.crash(seed);
        let (log, recovered) = open(&disk);
        assert_eq!(recovered, Recovered::default());
        fill(&log, 0..1);
    }
}

#[test]
fn entries_are_read_from_memory_and_from_disk() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 3..200);
    log.append(200, payload(200)).expect("append, not synced");
    assert_holds(&log, 3..201);
    assert_eq!(log.read(10..12).expect("read").len(), 2);
    assert_eq!(log.read(500..600).expect("read").len(), 0);
    let some = log.read_limited(10..200, 3 * payload(10).len()).expect("read");
    assert_eq!(some.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [10, 11, 12]);
    assert_eq!(log.read_limited(10..20, 1).expect("read").len(), 1, "at least one");
}

#[test]
fn segments_rotate_and_markers_survive_their_removal() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    log.save_vote(b"the vote").expect("vote");
    log.save_committed(b"the committed").expect("committed");
    fill(&log, 1..300);
    let before = segments(&disk).len();
    assert!(before > 5, "{before} segments");
    log.purge_to(290, b"the marker").expect("purge");
    log.sync().expect("sync");
    assert!(segments(&disk).len() <= 2, "{:?}", segments(&disk));
    assert_holds(&log, 291..300);
    drop(log);
    disk.crash(7);
    let (log, recovered) = open(&disk);
    assert_eq!(recovered.vote.as_deref(), Some(&b"the vote"[..]));
    assert_eq!(recovered.committed.as_deref(), Some(&b"the committed"[..]));
    assert_eq!(recovered.purged, Some((290, Bytes::from_static(b"the marker"))));
    assert_holds(&log, 291..300);
    fill(&log, 300..310);
    assert_holds(&log, 291..310);
}

#[test]
fn truncation_and_purge_move_the_next_index() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..10);
    log.truncate_after(Some(6)).expect("truncate");
    let gap = log.append(10, payload(10));
    assert!(matches!(gap, Err(LogError::Gap { expected: 7, given: 10 })), "{gap:?}");
    fill(&log, 7..9);
    assert_holds(&log, 0..9);
    log.purge_to(20, b"from a snapshot").expect("purge beyond the end");
    log.sync().expect("sync");
    assert_holds(&log, 21..21);
    fill(&log, 21..23);
    let refused = log.truncate_after(Some(19));
    assert!(matches!(refused, Err(LogError::Purged { purged: 20 })), "{refused:?}");
    log.truncate_after(Some(20)).expect("truncate to the purged end");
    fill(&log, 21..22);
    drop(log);
    assert_holds(&open(&disk).0, 21..22);
}

#[test]
fn truncating_everything_starts_again_at_zero() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..3);
    log.truncate_after(None).expect("truncate");
    log.sync().expect("sync");
    drop(log);
    let (log, _) = open(&disk);
    fill(&log, 0..2);
    assert_holds(&log, 0..2);
}

#[test]
fn too_large_payloads_are_refused_and_nothing_changes() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..1);
    let refused = log.append(1, vec![1; 4096]);
    assert!(matches!(refused, Err(LogError::TooLarge { bytes: 4096 })), "{refused:?}");
    assert!(log.save_vote(&[1; 20_000]).is_err());
    fill(&log, 1..2);
    assert_holds(&log, 0..2);
    let largest = (0..4096).rev().find(|bytes| log.append(2, vec![1; *bytes]).is_ok());
    assert!(largest > Some(3900), "{largest:?} bytes fit into an empty segment");
    log.sync().expect("sync");
    drop(log);
    assert_eq!(open(&disk).1.entries, 0..3);
}

#[test]
fn a_failed_sync_poisons_the_log_until_it_is_reopened() {
    for fail in [MemoryDisk::fail_sync, MemoryDisk::fail_write] {
        let disk = MemoryDisk::default();
        let (log, _) = open(&disk);
        fill(&log, 0..5);
        fail(&disk, 1);
        log.append(5, payload(5)).expect("append");
        assert!(matches!(log.sync(), Err(LogError::Io { .. })));
        assert!(matches!(log.sync(), Err(LogError::Poisoned { .. })));
        assert!(matches!(log.append(6, payload(6)), Err(LogError::Poisoned { .. })));
        assert!(matches!(log.save_vote(b"v"), Err(LogError::Poisoned { .. })));
        assert!(matches!(log.truncate_after(Some(1)), Err(LogError::Poisoned { .. })));
        assert!(matches!(log.purge_to(1, b""), Err(LogError::Poisoned { .. })));
        let read = log.read(0..9);
        assert!(matches!(&read, Err(LogError::Poisoned { .. })));
        let text = read.err().map(|error| error.to_string()).expect("an error");
        assert!(text.contains("simulated EIO") && text.contains("Restart"), "{text}");
        drop(log);
        disk.crash(3);
        let (log, recovered) = open(&disk);
        assert!(recovered.entries == (0..5) || recovered.entries == (0..6), "{recovered:?}");
        fill(&log, recovered.entries.end..9);
        assert_holds(&log, 0..9);
    }
}

#[test]
fn a_full_disk_is_noticed_ahead_and_does_not_poison() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    disk.set_capacity(Some(5000));
    assert!(!log.prepare().expect("not yet half full"));
    fill(&log, 0..20);
    let refused = log.prepare();
    assert!(matches!(&refused, Err(LogError::Io { .. })), "{refused:?}");
    fill(&log, 20..21);
    disk.set_capacity(None);
    while log.prepare().expect("there is room again") {}
    let before = disk.syncs();
    fill(&log, 21..60);
    let most = 39 + 2 * 2 + 3;
    assert!(disk.syncs() - before <= most, "a prepared segment costs few syncs");
    drop(log);
    assert_holds(&open(&disk).0, 0..60);
}

#[test]
fn an_unused_prepared_segment_is_cleared_away() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..20);
    assert!(log.prepare().expect("prepare"));
    assert!(disk.list().expect("list").contains(&"log-next".to_owned()));
    drop(log);
    let (log, _) = open(&disk);
    assert!(!disk.list().expect("list").contains(&"log-next".to_owned()));
    fill(&log, 20..100);
    assert_holds(&log, 0..100);
}

/// Opens a disk that must be refused, and returns the file, the offset and the text.
fn refused(disk: &MemoryDisk) -> (String, u64, String) {
    match Log::open(disk.clone(), SMALL) {
        Err(error @ LogError::Corrupt { .. }) => {
            let text = error.to_string();
            let LogError::Corrupt { file, offset, .. } = error else { unreachable!() };
            (file, offset, text)
        }
        other => panic!("not refused as corrupt: {other:?}"),
    }
}

#[test]
fn damage_is_refused_with_file_offset_and_advice() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..100);
    drop(log);
    disk.flip("log-0000000000000002", 1000, 1).expect("flip");
    let (file, offset, text) = refused(&disk);
    assert_eq!(file, "log-0000000000000002");
    assert!((800..=1000).contains(&offset), "{offset}");
    assert!(text.contains(&file) && text.contains(&offset.to_string()), "{text}");
    assert!(text.contains("join again empty"), "{text}");
}

#[test]
fn missing_and_shortened_segments_are_refused() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..100);
    drop(log);
    for (removed, text) in [(1, "was not purged"), (2, "missing")] {
        let disk = disk.fork();
        disk.remove(&format!("log-{removed:016}")).expect("remove");
        assert!(refused(&disk).2.contains(text), "{removed}");
    }
    let names = segments(&disk);
    for name in names {
        let disk = disk.fork();
        disk.open(&name).expect("open").set_length(4000).expect("cut");
        assert!(refused(&disk).2.contains("4000 bytes"), "{name}");
    }
}

#[test]
fn a_damaged_entry_is_not_served() {
    let disk = MemoryDisk::default();
    let (log, _) = open(&disk);
    fill(&log, 0..100);
    disk.flip("log-0000000000000001", 1000, 1).expect("flip");
    let read = log.read(0..100);
    assert!(matches!(read, Err(LogError::Corrupt { .. })), "{read:?}");
}

#[test]
fn many_threads_share_few_syncs_on_a_real_disk() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let disk = RealDisk::new(directory.path()).expect("open");
    let options = LogOptions { segment_bytes: 1 << 20, cache_bytes: 1 << 16 };
    let (log, _) = Log::open(disk, options).expect("open");
    let next = Arc::new(std::sync::Mutex::new(0_u64));
    let done = Arc::new(AtomicBool::new(false));
    let rounds = Arc::new(AtomicU64::new(0));
    let committer = std::thread::spawn({
        let (log, done, rounds) = (log.clone(), done.clone(), rounds.clone());
        move || {
            while !done.load(Ordering::SeqCst) {
                log.sync().expect("sync");
                rounds.fetch_add(1, Ordering::SeqCst);
                while log.prepare().expect("prepare") {}
            }
        }
    });
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (log, next) = (log.clone(), next.clone());
            std::thread::spawn(move || {
                for _ in 0..500 {
                    let ticket = {
                        let mut next = next.lock().expect("lock");
                        *next += 1;
                        log.append(*next, payload(*next)).expect("append")
                    };
                    while log.durable() < ticket {
                        std::thread::yield_now();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().expect("writer");
    }
    done.store(true, Ordering::SeqCst);
    committer.join().expect("committer");
    assert_holds(&log, 1..4001);
    drop(log);
    let disk = RealDisk::new(directory.path()).expect("open");
    assert_holds(&Log::open(disk, options).expect("open").0, 1..4001);
}

#[test]
fn full_size_segments_open_quickly() {
    let directory = tempfile::tempdir().expect("temporary directory");
    for round in 0..3 {
        let disk = RealDisk::new(directory.path()).expect("open");
        let (log, _) = Log::open(disk, LogOptions::default()).expect("open");
        fill(&log, 10 * round..10 * (round + 1));
        assert_holds(&log, 0..10 * (round + 1));
    }
}
