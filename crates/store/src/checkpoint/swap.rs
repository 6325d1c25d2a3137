//! Putting one checkpoint directory in the place of another, so that a crash leaves one of them.
//!
//! A new checkpoint is made as `<name>.next`. Then the old one is renamed to `<name>.old`, the new
//! one to `<name>`, and the old one removed. If `<name>` is missing and `<name>.old` is there, the
//! crash came between the two renames, and `<name>.next` is complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::engine::sync_directory;

/// Finishes or undoes what a crash interrupted, and makes the parent directory.
pub(super) fn tidy(path: &Path) -> io::Result<()> {
    fs::create_dir_all(parent(path))?;
    let (next, old) = (sibling(path, ".next"), sibling(path, ".old"));
    if !path.exists() && old.exists() && next.exists() {
        fs::rename(&next, path)?;
        sync_parent(path)?;
    }
    remove(&next)?;
    remove(&old)
}

/// Returns the path for a new checkpoint, with nothing there.
pub(super) fn next(path: &Path) -> io::Result<PathBuf> {
    let next = sibling(path, ".next");
    remove(&next)?;
    Ok(next)
}

/// Puts the new checkpoint, complete and closed, in the place of the old one.
pub(super) fn put_in_place(path: &Path) -> io::Result<()> {
    let (next, old) = (sibling(path, ".next"), sibling(path, ".old"));
    sync_directory(&next)?;
    sync_parent(path)?;
    fs::rename(path, &old)?;
    fs::rename(&next, path)?;
    sync_parent(path)?;
    remove(&old)
}

/// Renames a damaged checkpoint to a name that is free, and returns it.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let aside = sibling(path, &format!(".broken-{number}"));
        if !aside.exists() {
            fs::rename(path, &aside)?;
            sync_parent(path)?;
            return Ok(aside);
        }
        number += 1;
    }
}

/// Makes the names in the parent directory durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
