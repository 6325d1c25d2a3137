//! Power loss on a real file system: what was acknowledged is there, and the test can tell.
//!
//! A child process writes to an ext4 image and prints what was acknowledged to it; the parent cuts
//! the file system's power at a random moment, mounts it again and looks. This needs root and a
//! loop device; without them the tests say why they were skipped and pass, unless
//! `BAILIWICK_REQUIRE_POWER_LOSS` is set.

#![cfg(target_os = "linux")]

#[path = "power_loss/image.rs"]
mod image;
#[path = "power_loss/workload.rs"]
mod workload;

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write, stderr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use image::Image;
use store::disk::memory::Dice;
use workload::{Acknowledged, Mode};

/// Tells the child where to write.
const DIRECTORY: &str = "POWER_LOSS_DIRECTORY";
/// Tells the child what to write.
const MODE: &str = "POWER_LOSS_MODE";
/// How long a child may take to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(60);

/// The child process: not a test of its own.
#[test]
#[ignore = "the child process of the other tests"]
fn child() {
    if let (Some(directory), Ok(mode)) = (env::var_os(DIRECTORY), env::var(MODE)) {
        workload::run(Path::new(&directory), Mode::named(&mode));
    }
}

#[test]
fn acknowledged_writes_survive_power_loss() {
    let Some(image) = image_or_reason("the log and the checkpoint") else { return };
    let mut dice = Dice::new(seed());
    let mut acknowledged = Acknowledged::default();
    for round in 0..number("POWER_LOSS_ROUNDS").unwrap_or(8) {
        let acks = 1 + dice.below(250);
        let pause = Duration::from_micros(dice.below(3000));
        acknowledged.merge(cut_after(&image, Mode::Store, acks, pause));
        if let Err(loss) = workload::check_store(image.mounted(), &acknowledged) {
            panic!("round {round} of seed {}: {loss}", seed());
        }
    }
    assert!(acknowledged.entries > 100 && acknowledged.revision > 20, "{acknowledged:?}");
}

#[test]
fn sled_survives_with_the_override() {
    let Some(image) = image_or_reason("sled with the override") else { return };
    for round in 0..4 {
        let acknowledged = cut_after(&image, Mode::Sled, 30 + 40 * round, Duration::ZERO);
        workload::check_sled(image.mounted(), &acknowledged).expect("nothing is lost");
    }
}

/// The negative control of the log: the same workload on a disk whose sync does nothing.
#[test]
fn the_test_sees_a_log_that_does_not_sync() {
    let lost = first_loss("a log without sync", Mode::UnsyncedLog, workload::check_log);
    assert!(lost != Some(None), "a log that never syncs survived: the test proves nothing");
}

/// The negative control of the override: sled as it is on Linux.
#[test]
fn the_test_sees_sled_without_the_override() {
    let lost = first_loss("sled without the override", Mode::SledAsItIs, workload::check_sled);
    assert!(lost != Some(None), "sled as it is survived: the test proves nothing");
}

type Check = fn(&Path, &Acknowledged) -> Result<(), String>;

/// Cuts the power on fresh images until something is lost. `None`: it cannot be tried here.
fn first_loss(what: &str, mode: Mode, check: Check) -> Option<Option<String>> {
    for round in 0..10 {
        let image = image_or_reason(what)?;
        let acknowledged = cut_after(&image, mode, 20 + 10 * round, Duration::ZERO);
        if let Err(loss) = check(image.mounted(), &acknowledged) {
            say(&format!("{what}, round {round}: {loss}"));
            return Some(Some(loss));
        }
    }
    Some(None)
}

/// Runs a child until it was acknowledged `acks` times, cuts the power a little later, mounts the
/// file system again, and returns what had been acknowledged before the cut began.
///
/// What is acknowledged while the cut is under way does not count: the kernel may tell an fsync
/// that it succeeded which the shutdown of the file system has just overtaken. A real power cut
/// leaves nobody to acknowledge anything.
fn cut_after(image: &Image, mode: Mode, acks: u64, pause: Duration) -> Acknowledged {
    let log = image.beside("child.log");
    let child = Running::start(image.mounted(), mode, &log);
    let reached = child.wait_for(acks);
    let cut = Instant::now() + pause;
    while Instant::now() < cut {
        std::hint::spin_loop();
    }
    let directory = File::open(image.mounted()).expect("open the mounted directory");
    let acknowledged = child.acknowledged();
    fsync::power_loss::cut_power(&directory).expect("cut the power");
    drop(directory);
    drop(child);
    let text = fs::read_to_string(&log).unwrap_or_default();
    assert!(reached, "the child was not acknowledged {acks} times: {text}");
    image.mount_again();
    acknowledged
}

/// A child process and what it has printed.
struct Running {
    child: Child,
    reader: Option<std::thread::JoinHandle<()>>,
    heard: Arc<(Mutex<Heard>, Condvar)>,
}

#[derive(Default)]
struct Heard {
    acknowledged: Acknowledged,
    count: u64,
    ended: bool,
}

impl Running {
    fn start(directory: &Path, mode: Mode, log: &Path) -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, directory)
            .env(MODE, mode.name())
            .stdout(Stdio::piped())
            .stderr(File::create(log).expect("create the child's log"))
            .spawn()
            .expect("start the child");
        let output = child.stdout.take().expect("it is piped");
        let heard = Arc::<(Mutex<Heard>, Condvar)>::default();
        let reader = std::thread::spawn({
            let heard = heard.clone();
            move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let mut now = heard.0.lock().expect("lock");
                    now.count += u64::from(now.acknowledged.hear(&line));
                    heard.1.notify_all();
                }
                heard.0.lock().expect("lock").ended = true;
                heard.1.notify_all();
            }
        });
        Self { child, reader: Some(reader), heard }
    }

    /// Waits until this many acknowledgements were printed; `false` if they never come.
    fn wait_for(&self, acks: u64) -> bool {
        let heard = self.heard.0.lock().expect("lock");
        let waiting = |heard: &mut Heard| heard.count < acks && !heard.ended;
        let (heard, _) = self.heard.1.wait_timeout_while(heard, PATIENCE, waiting).expect("lock");
        heard.count >= acks
    }

    /// What has been printed so far.
    fn acknowledged(&self) -> Acknowledged {
        self.heard.0.lock().expect("lock").acknowledged.clone()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Makes a mounted image, or says why that is not possible here.
fn image_or_reason(what: &str) -> Option<Image> {
    match Image::mount(96 << 20) {
        Ok(image) => Some(image),
        Err(reason) => {
            say(&format!("skipped, power loss of {what}: {reason}"));
            let required = env::var_os("BAILIWICK_REQUIRE_POWER_LOSS").is_some();
            assert!(!required, "BAILIWICK_REQUIRE_POWER_LOSS is set");
            None
        }
    }
}

/// The seed of this run; `POWER_LOSS_SEED` repeats one as far as timing allows.
fn seed() -> u64 {
    number("POWER_LOSS_SEED").unwrap_or(u64::from(std::process::id()))
}

/// A number from the environment, if it is there.
fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a number in the environment"))
}

/// Prints past the test harness, which hides what passing tests print.
fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}
