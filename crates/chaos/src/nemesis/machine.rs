//! Faults of the machine: a clock that jumps, a disk that is full or loses its power. What they need is prepared before
//! the cell starts, and undone when the run ends, however it ends.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::Nemesis;
use crate::cell::VOTERS;
use crate::scenario::{FaultKind, Scenario};

/// Room for a voter: its log makes a segment of 64 MiB ahead, and the next one when that is half full.
const DISK: &str = "192M";
/// What fills the disk.
const BALLAST: &str = "ballast";

/// What a machine gives to a scenario.
#[derive(Default)]
pub(crate) struct Ground {
    lacks: BTreeMap<&'static str, String>,
    /// libfaketime, when the scenario needs it.
    faketime: Option<PathBuf>,
    clocks: PathBuf,
    mounts: Vec<Mount>,
    images: PathBuf,
}

/// A mounted file system; unmounted when it is dropped.
struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a process of the cell may still be on its way out.
        let _ = quiet("umount").arg("-l").arg(&self.0).status();
    }
}

impl Ground {
    /// Prepares what the scenario's faults need.
    pub(crate) fn prepare(scenario: &Scenario, folder: &Path) -> Result<Self, String> {
        let mut ground = Ground {
            clocks: folder.join("clocks"),
            images: folder.join("images"),
            ..Ground::default()
        };
        let needs = |kind| scenario.faults.iter().any(|fault| fault.kind == kind);
        if needs(FaultKind::ClockJump) {
            ground.faketime = faketime();
            if ground.faketime.is_none() {
                let why = "libfaketime is not installed (Debian: apt install faketime)".to_owned();
                ground.lacks.insert("clock", why);
            }
            fs::create_dir_all(&ground.clocks).map_err(|error| error.to_string())?;
        }
        for (kind, name) in [(FaultKind::DiskFull, "disk"), (FaultKind::PowerLoss, "power")] {
            if needs(kind)
                && let Err(why) = ground.mount(kind, folder)
            {
                ground.mounts.clear();
                ground.lacks.insert(name, why);
            }
        }
        Ok(ground)
    }

    /// Why a fault cannot be made here; nothing when it can.
    pub(crate) fn lacks(&self, kind: FaultKind) -> Option<&str> {
        let name = match kind {
            FaultKind::ClockJump => "clock",
            FaultKind::DiskFull => "disk",
            FaultKind::PowerLoss => "power",
            _ => return None,
        };
        self.lacks.get(name).map(String::as_str)
    }

    /// What a node's environment needs.
    pub(crate) fn environment(&self, node: u64) -> Vec<(String, String)> {
        let Some(library) = self.faketime.as_ref().filter(|_| VOTERS.contains(&node)) else {
            return Vec::new();
        };
        let clock = self.clock(node);
        let _ = fs::write(&clock, "+0\n");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            pair("LD_PRELOAD", &library.to_string_lossy()),
            pair("FAKETIME_TIMESTAMP_FILE", &clock.to_string_lossy()),
            pair("FAKETIME_NO_CACHE", "1"),
            pair("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }

    /// The file that libfaketime reads a node's offset from.
    pub(super) fn clock(&self, node: u64) -> PathBuf {
        self.clocks.join(format!("node-{node}"))
    }

    /// Gives each voter a file system of its own.
    fn mount(&mut self, kind: FaultKind, folder: &Path) -> Result<(), String> {
        if !rustix::process::geteuid().is_root() {
            return Err("only root may mount a file system".to_owned());
        }
        if kind == FaultKind::PowerLoss {
            run(quiet("perl").arg("-v"))?;
            fs::create_dir_all(&self.images).map_err(|error| error.to_string())?;
        }
        for id in VOTERS {
            let at = folder.join(format!("voter-{id}")).join("data");
            fs::create_dir_all(&at).map_err(|error| format!("{}: {error}", at.display()))?;
            if kind == FaultKind::DiskFull {
                let options = format!("size={DISK}");
                run(quiet("mount").args(["-t", "tmpfs", "-o", &options, "chaos"]).arg(&at))?;
            } else {
                let image = self.image(id);
                run(quiet("truncate").args(["-s", DISK]).arg(&image))?;
                run(quiet("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
                run(quiet("mount").args(["-o", "loop"]).arg(&image).arg(&at))?;
            }
            self.mounts.push(Mount(at));
        }
        Ok(())
    }

    fn image(&self, id: u64) -> PathBuf {
        self.images.join(format!("voter-{id}"))
    }
}

impl Nemesis {
    /// No byte is left on a voter's disk; it dies and has to begin again on it.
    pub(super) async fn disk_full(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        let mut filled = Vec::new();
        for &target in targets {
            let ballast = self.cell.node(target).await.folder.join("data").join(BALLAST);
            let full = fill(&ballast);
            filled.push(ballast);
            let mut node = self.cell.node(target).await;
            let _ = node.kill().await;
            drop(node);
            // It may serve, or refuse to start; both are fine, as long as nothing is lost.
            let began = self.cell.revive(target).await;
            if full {
                let came_up = began.err().unwrap_or_else(|| "it serves".to_owned());
                self.bit(target, json!({"disk": "no space left", "on it": came_up}));
            }
        }
        sleep_until(until).await;
        for ballast in filled {
            fs::remove_file(&ballast).map_err(|error| format!("{}: {error}", ballast.display()))?;
        }
        for &target in targets {
            self.cell.revive(target).await?;
        }
        Ok(())
    }

    /// Whatever the kernel had not written is gone; the voter begins again on what is left.
    pub(super) async fn power_loss(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        for &target in targets {
            let data = self.cell.node(target).await.folder.join("data");
            // FS_IOC_SHUTDOWN with "do not flush the log" (linux/fs.h).
            let script = "open(my $d, '<', $ARGV[0]) or die; my $flags = pack('L', 2); \
                          ioctl($d, 0x8004587d, $flags) or die $!";
            run(quiet("perl").args(["-e", script]).arg(&data))?;
            let _ = self.cell.node(target).await.kill().await;
            run(quiet("umount").arg(&data))?;
            self.bit(target, json!("the file system was shut down without a flush"));
        }
        sleep_until(until).await;
        for &target in targets {
            let data = self.cell.node(target).await.folder.join("data");
            run(quiet("mount").args(["-o", "loop"]).arg(self.ground.image(target)).arg(&data))?;
            self.cell.revive(target).await?;
        }
        Ok(())
    }
}

/// Writes until there is no room; whether it came to that.
fn fill(path: &Path) -> bool {
    let Ok(mut file) = File::create(path) else { return true };
    let piece = vec![0x5a; 1 << 20];
    for size in [1 << 20, 4096, 1] {
        loop {
            match file.write_all(&piece[..size]) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => break,
                Err(_) => return false,
            }
        }
    }
    true
}

fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    found.chain([PathBuf::from("/usr/lib/faketime/libfaketime.so.1")]).find(|path| path.exists())
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|error| format!("{name}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&done.stderr).trim()))
}
