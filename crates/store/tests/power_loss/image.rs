//! A file system of its own in a file, mounted through a loop device.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A mounted ext4 image. Dropped, it is unmounted and removed, whatever has happened to it.
pub struct Image {
    directory: TempDir,
    mounted: PathBuf,
}

impl Image {
    /// Makes an image of `bytes` bytes and mounts it, or says why that cannot be done.
    pub fn mount(bytes: u64) -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mounted = directory.path().join("mounted");
        fs::create_dir(&mounted).map_err(|error| error.to_string())?;
        let image = Self { directory, mounted };
        let file = File::create(image.file()).map_err(|error| error.to_string())?;
        file.set_len(bytes).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image.file()))?;
        image.attach()?;
        Ok(image)
    }

    /// Where it is mounted.
    pub fn mounted(&self) -> &Path {
        &self.mounted
    }

    /// A path outside of the image that lives as long.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Unmounts it after its power was cut, and mounts it again.
    pub fn mount_again(&self) {
        run(Command::new("umount").arg(&self.mounted)).expect("unmount");
        self.attach().expect("mount again");
    }

    fn file(&self) -> PathBuf {
        self.beside("image")
    }

    fn attach(&self) -> Result<(), String> {
        run(Command::new("mount").args(["-o", "loop"]).arg(self.file()).arg(&self.mounted))
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let done = run(Command::new("umount").arg(&self.mounted));
        if done.is_err() {
            // Something still holds it: let go of the name now and of the rest when that ends.
            let _ = run(Command::new("umount").arg("-l").arg(&self.mounted));
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
