//! Snapshot files: whole under their name or not there, whatever happens.

use bytes::Bytes;
use store::snapshot::{Incoming, Snapshot, SnapshotError, SnapshotWriter, clean};
use store::{Disk, DiskFile, MemoryDisk, RealDisk};

fn records() -> Vec<Bytes> {
    let lengths = [0, 1, 5, 1_500_000, 3, 0, 70_000];
    lengths.iter().map(|length| vec![*length as u8 | 1; *length].into()).collect()
}

fn write<D: Disk>(disk: &D, name: &str, records: &[Bytes]) -> Result<u64, SnapshotError> {
    let mut writer = SnapshotWriter::create(disk, name)?;
    records.iter().try_for_each(|record| writer.write(record))?;
    writer.finish()
}

fn read<D: Disk>(disk: &D, name: &str) -> Result<Vec<Bytes>, SnapshotError> {
    let snapshot = Snapshot::open(disk, name)?;
    let records = snapshot.records().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(snapshot.count(), records.len() as u64);
    Ok(records)
}

#[test]
fn snapshots_read_back_from_every_disk() {
    fn check<D: Disk>(disk: &D) {
        for records in [records(), Vec::new()] {
            let length = write(disk, "snapshot-1", &records).expect("write");
            assert_eq!(read(disk, "snapshot-1").expect("read"), records);
            assert_eq!(Snapshot::open(disk, "snapshot-1").expect("open").length(), length);
            assert_eq!(disk.list().expect("list"), ["snapshot-1"]);
        }
    }
    let directory = tempfile::tempdir().expect("temporary directory");
    check(&RealDisk::new(directory.path()).expect("open"));
    check(&MemoryDisk::default());
}

#[test]
fn a_peer_receives_it_in_chunks() {
    let (disk, peer) = (MemoryDisk::default(), MemoryDisk::default());
    write(&disk, "snapshot-1", &records()).expect("write");
    let snapshot = Snapshot::open(&disk, "snapshot-1").expect("open");
    let mut incoming = Incoming::create(&peer, "snapshot-9", snapshot.length()).expect("create");
    loop {
        let chunk = snapshot.read_chunk(incoming.length(), 100_000).expect("chunk");
        if chunk.is_empty() {
            break;
        }
        incoming.write(&chunk).expect("write");
    }
    assert!(matches!(incoming.write(b"x"), Err(SnapshotError::TooLarge { .. })));
    let received = incoming.finish().expect("finish");
    assert_eq!(received.count(), snapshot.count());
    peer.crash(4);
    assert_eq!(read(&peer, "snapshot-9").expect("read"), records());
}

#[test]
fn what_is_not_whole_is_refused_and_leaves_nothing() {
    let disk = MemoryDisk::default();
    write(&disk, "snapshot-1", &records()[..3]).expect("write");
    let snapshot = Snapshot::open(&disk, "snapshot-1").expect("open");
    let whole = snapshot.read_chunk(0, usize::MAX).expect("chunk");
    for cut in 0..whole.len() {
        let mut incoming = Incoming::create(&disk, "snapshot-2", 1000).expect("create");
        incoming.write(&whole[..cut]).expect("write");
        let refused = incoming.finish().err();
        assert!(matches!(refused, Some(SnapshotError::Corrupt { .. })), "cut at {cut}");
    }
    let dropped = SnapshotWriter::create(&disk, "snapshot-3").expect("create");
    drop(dropped);
    assert_eq!(disk.list().expect("list"), ["snapshot-1"]);
}

#[test]
fn every_flipped_bit_is_seen() {
    let disk = MemoryDisk::default();
    let length = write(&disk, "snapshot-1", &records()[..3]).expect("write");
    for bit in 0..length * 8 {
        let disk = disk.fork();
        disk.flip("snapshot-1", bit / 8, 1 << (bit % 8)).expect("flip");
        let read = Snapshot::open(&disk, "snapshot-1").err();
        assert!(matches!(read, Some(SnapshotError::Corrupt { .. })), "bit {bit}");
    }
}

#[test]
fn a_crash_leaves_the_old_one_or_the_new_one() {
    let (old, new) = (records()[..3].to_vec(), records()[1..3].to_vec());
    let (mut olds, mut news) = (0, 0);
    for (nth, seed) in (1..=3).flat_map(|nth| (0..20).map(move |seed| (nth, seed))) {
        let disk = MemoryDisk::default();
        write(&disk, "snapshot", &old).expect("write");
        disk.cut_power_at_sync(nth);
        let written = write(&disk, "snapshot", &new);
        disk.crash(seed);
        clean(&disk).expect("clean");
        assert_eq!(disk.list().expect("list"), ["snapshot"]);
        let found = read(&disk, "snapshot").expect("read");
        assert!(found == new || (found == old && written.is_err()), "cut at sync {nth}");
        *(if found == new { &mut news } else { &mut olds }) += 1;
    }
    assert!(olds > 0 && news > 0, "old {olds}, new {news}");
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let disk = MemoryDisk::default();
    disk.set_capacity(Some(1 << 20));
    assert!(matches!(write(&disk, "snapshot", &records()), Err(SnapshotError::Io { .. })));
    assert_eq!(disk.list().expect("list"), Vec::<String>::new());
    assert!(disk.create("other").expect("create").write_at(0, &[1; 1 << 20]).is_ok());
}
