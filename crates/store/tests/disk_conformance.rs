//! One suite for every disk: the real one and the simulated one must agree.

use std::io::ErrorKind;

use store::disk::read_exact_at;
use store::{Disk, DiskFile, MemoryDisk, RealDisk};

/// What every disk must do, on an empty one.
fn conforms(disk: &impl Disk) {
    names_are_created_renamed_and_removed(disk);
    bytes_are_read_back(disk);
    lengths_change(disk);
    bad_names_are_refused(disk);
    removed_files_stay_readable(disk);
}

fn names_are_created_renamed_and_removed(disk: &impl Disk) {
    assert_eq!(disk.list().expect("list"), Vec::<String>::new());
    disk.create("b").expect("create");
    disk.create("a").expect("create");
    assert_eq!(disk.list().expect("list"), ["a", "b"]);
    assert_eq!(disk.create("a").err().map(|e| e.kind()), Some(ErrorKind::AlreadyExists));
    assert_eq!(disk.open("c").err().map(|e| e.kind()), Some(ErrorKind::NotFound));
    assert_eq!(disk.rename("c", "d").err().map(|e| e.kind()), Some(ErrorKind::NotFound));
    assert_eq!(disk.remove("c").err().map(|e| e.kind()), Some(ErrorKind::NotFound));
    disk.rename("a", "b").expect("renaming replaces");
    assert_eq!(disk.list().expect("list"), ["b"]);
    disk.remove("b").expect("remove");
    disk.sync_dir().expect("sync_dir");
    assert_eq!(disk.list().expect("list"), Vec::<String>::new());
}

fn bytes_are_read_back(disk: &impl Disk) {
    let file = disk.create("bytes").expect("create");
    file.write_at(4, b"four").expect("write");
    assert_eq!(file.length().expect("length"), 8);
    let mut all = [9; 8];
    read_exact_at(&file, 0, &mut all).expect("read");
    assert_eq!(&all, b"\0\0\0\0four", "a gap reads as zeros");
    file.write_at(2, b"xyz").expect("overwrite");
    file.sync().expect("sync");
    let again = disk.open("bytes").expect("open");
    read_exact_at(&again, 0, &mut all).expect("read");
    assert_eq!(&all, b"\0\0xyzour");
    assert_eq!(again.read_at(6, &mut all).expect("short read"), 2);
    assert_eq!(again.read_at(8, &mut all).expect("read at the end"), 0);
    assert_eq!(again.read_at(100, &mut all).expect("read past the end"), 0);
    let short = read_exact_at(&again, 4, &mut all);
    assert_eq!(short.err().map(|e| e.kind()), Some(ErrorKind::UnexpectedEof));
    disk.remove("bytes").expect("remove");
}

fn lengths_change(disk: &impl Disk) {
    let file = disk.create("length").expect("create");
    file.write_at(0, b"abcdef").expect("write");
    file.set_length(3).expect("cut");
    file.set_length(5).expect("extend");
    file.sync().expect("sync");
    file.sync().expect("sync with nothing to do");
    let mut all = [9; 5];
    read_exact_at(&file, 0, &mut all).expect("read");
    assert_eq!(&all, b"abc\0\0");
    assert_eq!(disk.open("length").expect("open").length().expect("length"), 5);
    disk.remove("length").expect("remove");
}

fn bad_names_are_refused(disk: &impl Disk) {
    for name in ["", ".", "..", ".hidden", "a/b", "../a", "a\0b", "ä"] {
        let refused = disk.create(name).err().map(|e| e.kind());
        assert_eq!(refused, Some(ErrorKind::InvalidInput), "{name:?}");
        assert!(disk.open(name).is_err() && disk.remove(name).is_err(), "{name:?}");
        assert!(disk.rename(name, "a").is_err() && disk.rename("a", name).is_err(), "{name:?}");
    }
}

fn removed_files_stay_readable(disk: &impl Disk) {
    let file = disk.create("removed").expect("create");
    file.write_at(0, b"still").expect("write");
    disk.remove("removed").expect("remove");
    let mut all = [0; 5];
    read_exact_at(&file, 0, &mut all).expect("read");
    assert_eq!(&all, b"still");
}

#[test]
fn the_real_disk_conforms() {
    let directory = tempfile::tempdir().expect("temporary directory");
    conforms(&RealDisk::new(directory.path().join("deep/inside")).expect("open"));
}

#[test]
fn the_memory_disk_conforms() {
    conforms(&MemoryDisk::default());
}

#[test]
fn a_real_directory_has_one_owner() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let disk = RealDisk::new(directory.path()).expect("open");
    let clone = disk.clone();
    drop(disk);
    let second = RealDisk::new(directory.path());
    assert_eq!(second.err().map(|e| e.kind()), Some(ErrorKind::WouldBlock));
    drop(clone);
    RealDisk::new(directory.path()).expect("open once it is free");
}

/// Writes `count` synced and `count` unsynced sectors to a new file and names it durably.
fn half_synced(disk: &MemoryDisk, count: u64) {
    let file = disk.create("half").expect("create");
    for sector in 0..count {
        file.write_at(sector * 512, &[1; 512]).expect("write");
    }
    file.sync().expect("sync");
    disk.sync_dir().expect("sync_dir");
    for sector in count..2 * count {
        file.write_at(sector * 512, &[2; 512]).expect("write");
    }
}

#[test]
fn a_crash_keeps_what_is_synced_and_decides_the_rest_by_seed() {
    let (mut kept, mut lost) = (0, 0);
    for seed in 0..50 {
        let disk = MemoryDisk::default();
        half_synced(&disk, 4);
        let other = disk.fork();
        disk.crash(seed);
        other.crash(seed);
        let mut bytes = [[0; 4096]; 2];
        for (disk, bytes) in [&disk, &other].into_iter().zip(&mut bytes) {
            let file = disk.open("half").expect("the name was synced");
            let length = file.length().expect("length") as usize;
            read_exact_at(&file, 0, &mut bytes[..length]).expect("read");
        }
        assert_eq!(bytes[0], bytes[1], "equal seeds, equal disks");
        assert_eq!(bytes[0][..2048], [1; 2048], "synced bytes survive");
        for sector in bytes[0][2048..].chunks(512) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "sectors are whole");
            *(if sector[0] == 2 { &mut kept } else { &mut lost }) += 1;
        }
    }
    assert!(kept > 40 && lost > 40, "both happen: kept {kept}, lost {lost}");
}

#[test]
fn a_crash_kills_open_files_and_unsynced_names() {
    let mut gone = 0;
    for seed in 0..20 {
        let disk = MemoryDisk::default();
        let file = disk.create("name").expect("create");
        file.write_at(0, b"x").expect("write");
        file.sync().expect("sync");
        disk.crash(seed);
        assert!(file.read_at(0, &mut [0]).is_err() && file.sync().is_err(), "it is dead");
        gone += usize::from(disk.open("name").is_err());
    }
    assert!((1..20).contains(&gone), "an unsynced name may go: {gone} of 20");
}

#[test]
fn a_failed_sync_loses_its_writes_even_if_the_next_one_succeeds() {
    let disk = MemoryDisk::default();
    half_synced(&disk, 1);
    let file = disk.open("half").expect("open");
    disk.fail_sync(1);
    assert!(file.sync().is_err());
    file.sync().expect("the kernel forgot the failure");
    let mut byte = [0];
    assert_eq!(file.read_at(512, &mut byte).expect("read"), 1, "it still reads back");
    disk.crash(0);
    assert_eq!(disk.open("half").expect("open").length().expect("length"), 512);
}

#[test]
fn a_full_disk_answers_so_and_overwriting_still_works() {
    let disk = MemoryDisk::default();
    let file = disk.create("full").expect("create");
    disk.set_capacity(Some(10));
    file.write_at(0, &[1; 10]).expect("fits");
    assert_eq!(file.write_at(10, &[1]).err().map(|e| e.kind()), Some(ErrorKind::StorageFull));
    assert_eq!(file.set_length(11).err().map(|e| e.kind()), Some(ErrorKind::StorageFull));
    file.write_at(5, &[2; 5]).expect("overwrite");
    disk.set_capacity(None);
    file.write_at(10, &[1]).expect("there is room again");
}
