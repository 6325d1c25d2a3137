//! Checkpoints: one suite for every store, and what damage does to the one on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use store::checkpoint::{KEY_LIMIT, VALUE_LIMIT};
use store::{Changes, Checkpoint, CheckpointError, Head, Loaded, MemoryState, StateStore, Whole};

fn head(revision: u64) -> Head {
    Head {
        revision,
        time_ms: 1000 + revision,
        digest: [revision as u8; 32],
        meta: b"meta".to_vec(),
    }
}

fn key(n: u32) -> Vec<u8> {
    format!("account/{:03}/user {n}", n % 7).into_bytes()
}

fn put(range: std::ops::Range<u32>, text: &str) -> Changes {
    range.map(|n| (key(n), Some(format!("{text} {n} ").repeat(9).into_bytes()))).collect()
}

fn whole(store: &mut dyn StateStore) -> Whole {
    match store.load().expect("load") {
        Loaded::Whole(whole) => whole,
        other => panic!("not whole: {other:?}"),
    }
}

/// Commits changes and keeps the model in step.
fn commit(
    store: &mut dyn StateStore,
    model: &mut BTreeMap<Vec<u8>, Vec<u8>>,
    revision: u64,
    changes: &Changes,
) {
    store.commit(&head(revision), changes).expect("commit");
    for (key, value) in changes {
        match value {
            Some(value) => model.insert(key.clone(), value.clone()),
            None => model.remove(key),
        };
    }
    let found = whole(store);
    assert_eq!(found.head, head(revision));
    assert!(found.entries.iter().map(|(k, v)| (k, v)).eq(model.iter()), "revision {revision}");
}

/// What every store must do, on an empty one. Returns what it holds in the end.
fn conforms(store: &mut dyn StateStore) -> BTreeMap<Vec<u8>, Vec<u8>> {
    assert_eq!(store.load().expect("load"), Loaded::Empty);
    let mut model = BTreeMap::new();
    commit(store, &mut model, 1, &Changes::new());
    commit(store, &mut model, 2, &put(0..50, "small"));
    commit(store, &mut model, 3, &put(20..3000, "large"));
    commit(store, &mut model, 4, &(10..2900).map(|n| (key(n), None)).collect());
    commit(store, &mut model, 5, &[(key(1), None), (b"never was".to_vec(), None)].into());
    let long = |bytes: usize| Some((0..bytes).map(|n| (n / 1000) as u8).collect::<Vec<_>>());
    for (revision, bytes) in (6..).zip([0, 16_384, 16_385, 3_000_000, 40_000, 1]) {
        let changes = [(b"long".to_vec(), long(bytes)), (b"lon".to_vec(), Some(vec![]))];
        commit(store, &mut model, revision, &changes.into());
    }
    commit(store, &mut model, 12, &[(vec![0xff; KEY_LIMIT], long(9)), (vec![], long(8))].into());
    let refused = store.commit(&head(13), &[(vec![1; KEY_LIMIT + 1], None)].into());
    assert!(matches!(refused, Err(CheckpointError::KeyTooLong { .. })), "{refused:?}");
    let refused = store.commit(&head(13), &[(vec![1], Some(vec![0; VALUE_LIMIT + 1]))].into());
    assert!(matches!(refused, Err(CheckpointError::ValueTooLong { .. })), "{refused:?}");
    commit(store, &mut model, 13, &put(0..9, "again"));

    let fresh: BTreeMap<_, _> = put(100..1500, "fresh")
        .into_iter()
        .map(|(key, value)| (key, value.expect("put")))
        .collect();
    store.replace(&head(99), &mut fresh.clone().into_iter()).expect("replace");
    let mut model = fresh;
    let found = whole(store);
    assert_eq!(found.head, head(99));
    assert!(found.entries.iter().map(|(k, v)| (k, v)).eq(model.iter()));
    commit(store, &mut model, 100, &put(0..5, "after"));

    let aside = store.set_aside("the digest differs").expect("set aside");
    assert_eq!(aside.reason, "the digest differs");
    assert_eq!(store.load().expect("load"), Loaded::Empty);
    model.clear();
    commit(store, &mut model, 101, &put(0..5, "anew"));
    model
}

#[test]
fn the_store_in_memory_conforms() {
    let mut store = MemoryState::default();
    conforms(&mut store.clone());
    assert_eq!(store.revision(), Some(101));
    store.damage("on order");
    assert!(matches!(store.load(), Ok(Loaded::SetAside(aside)) if aside.reason == "on order"));
    assert_eq!(store.load().expect("load"), Loaded::Empty);
}

#[test]
fn the_store_on_sled_conforms_and_survives_reopening() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("state");
    let mut store = Checkpoint::open(&path).expect("open");
    let model = conforms(&mut store);
    drop(store);
    let mut store = Checkpoint::open(&path).expect("reopen");
    let found = whole(&mut store);
    assert_eq!(found.head, head(101));
    assert!(found.entries.iter().map(|(k, v)| (k, v)).eq(model.iter()));
    assert!(directory.path().join("state.broken-1").is_dir());
    for name in ["state.next", "state.old"] {
        assert!(!directory.path().join(name).exists(), "{name}");
    }
}

#[test]
fn every_commit_makes_sled_fsync() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let mut store = Checkpoint::open(directory.path().join("state")).expect("open");
    for revision in 1..20 {
        let before = fsync::refused();
        store.commit(&head(revision), &put(0..3, &revision.to_string())).expect("commit");
        assert!(fsync::refused() > before, "sled asked for sync_file_range and was sent to fsync");
    }
}

/// A small checkpoint in `directory`, closed.
fn stored(directory: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut store = Checkpoint::open(directory.join("state")).expect("open");
    let mut model = BTreeMap::new();
    for revision in 1..30 {
        let from = revision as u32 * 10;
        commit(&mut store, &mut model, revision, &put(from..from + 40, "value"));
    }
    model
}

/// Opens a checkpoint that something was done to. It must be what it was, or be set aside whole.
fn whole_or_aside(directory: &Path, model: &BTreeMap<Vec<u8>, Vec<u8>>) -> bool {
    let mut store = Checkpoint::open(directory.join("state")).expect("open");
    match store.load().expect("load") {
        Loaded::Whole(found) => {
            assert_eq!(found.head, head(29));
            assert!(found.entries.iter().map(|(k, v)| (k, v)).eq(model.iter()));
            true
        }
        Loaded::SetAside(aside) => {
            assert!(aside.directory.is_dir(), "{aside:?}");
            assert_eq!(store.load().expect("load"), Loaded::Empty);
            store.commit(&head(1), &put(0..9, "anew")).expect("it works again");
            false
        }
        Loaded::Empty => panic!("the checkpoint vanished"),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("create");
    for entry in fs::read_dir(from).expect("list") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

#[test]
fn flipped_bytes_never_change_what_is_loaded() {
    let original = tempfile::tempdir().expect("temporary directory");
    let model = stored(original.path());
    let length = fs::metadata(original.path().join("state/db")).expect("metadata").len();
    let (mut kept, mut aside) = (0, 0);
    for round in 0..40_u64 {
        let directory = tempfile::tempdir().expect("temporary directory");
        copy(original.path(), directory.path());
        let db = directory.path().join("state/db");
        let mut bytes = fs::read(&db).expect("read");
        let used = bytes.iter().rposition(|byte| *byte != 0).expect("not blank") as u64;
        let at = (round * 7919 * 104_729) % used.min(length);
        bytes[at as usize] ^= 0x41;
        fs::write(&db, bytes).expect("write");
        *(if whole_or_aside(directory.path(), &model) { &mut kept } else { &mut aside }) += 1;
    }
    assert!(aside > 0, "some flips hit live data: {kept} kept, {aside} set aside");
}

#[test]
fn lost_files_and_garbage_never_pass_for_a_checkpoint() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("cut", |state| {
            let file = fs::OpenOptions::new().write(true).open(state.join("db")).expect("open");
            file.set_len(4096).expect("cut");
        }),
        ("garbage", |state| {
            let length = fs::metadata(state.join("db")).expect("metadata").len() as usize;
            fs::write(state.join("db"), vec![0x5a; length]).expect("write");
        }),
        ("settings", |state| fs::write(state.join("conf"), [0x5a; 40]).expect("write")),
        ("half", |state| {
            let bytes = fs::read(state.join("db")).expect("read");
            let mut half = bytes[..bytes.len() / 2].to_vec();
            half.resize(bytes.len(), 0);
            fs::write(state.join("db"), half).expect("write");
        }),
    ];
    let original = tempfile::tempdir().expect("temporary directory");
    let model = stored(original.path());
    for (name, damage) in damages {
        let directory = tempfile::tempdir().expect("temporary directory");
        copy(original.path(), directory.path());
        damage(&directory.path().join("state"));
        let kept = whole_or_aside(directory.path(), &model);
        assert!(!kept || name == "half", "{name}");
    }
}

#[test]
fn a_missing_entry_is_noticed_although_sled_is_content() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let model = stored(directory.path());
    let settings = sled::Config::new().path(directory.path().join("state")).segment_size(2 << 20);
    let db = settings.flush_every_ms(None).open().expect("open");
    db.remove([b"e", key(55).as_slice()].concat()).expect("remove").expect("it was there");
    db.flush().expect("flush");
    drop(db);
    assert!(!whole_or_aside(directory.path(), &model));
}

#[test]
fn a_swap_that_was_cut_short_is_finished_or_undone() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let model = stored(directory.path());
    let [state, next, old] =
        ["state", "state.next", "state.old"].map(|name| directory.path().join(name));
    copy(&state, &next);
    fs::write(next.join("db"), b"half-made").expect("write");
    assert!(whole_or_aside(directory.path(), &model), "a half-made new one does not count");
    assert!(!next.exists());
    copy(&state, &old);
    fs::rename(&state, &next).expect("rename");
    assert!(whole_or_aside(directory.path(), &model), "a complete new one does");
    assert!(!next.exists() && !old.exists());
}

#[test]
fn overwriting_does_not_fill_the_disk() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("state");
    let mut store = Checkpoint::open(&path).expect("open");
    store.commit(&head(1), &put(0..20_000, "value")).expect("commit");
    for round in 2..60_u32 {
        let hot = (0..400).map(|n| n * 3);
        let cold = (0..20).map(|n| (n * 7919 * round) % 20_000);
        let changes = hot.chain(cold).map(|n| (key(n), Some(vec![round as u8; 100]))).collect();
        store.commit(&head(u64::from(round)), &changes).expect("commit");
    }
    let size = fs::metadata(path.join("db")).expect("metadata").len() >> 20;
    assert!(size < 100, "{size} MiB for 4 MiB of content");
}
