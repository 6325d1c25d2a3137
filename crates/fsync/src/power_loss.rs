//! For the power-loss test only: cuts a file system's power, and lets the override stand aside.

#![expect(unsafe_code, reason = "two system calls that no safe library of ours offers")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::{c_int, c_long, c_uint, off64_t};

/// Whether calls go to the kernel, as they would without this crate.
static STANDS_ASIDE: AtomicBool = AtomicBool::new(false);

/// `FS_IOC_SHUTDOWN` of ext4 and xfs (`linux/fs.h`): `_IOR('X', 125, __u32)`.
const FS_IOC_SHUTDOWN: libc::Ioctl = 0x8004_587d_u32 as libc::Ioctl;

/// "Do not flush the log": what the kernel had not written by now is gone.
const NO_LOG_FLUSH: u32 = 2;

/// Lets `sync_file_range` through to the kernel: the negative control of the power-loss test.
pub fn stand_aside(yes: bool) {
    STANDS_ASIDE.store(yes, Ordering::SeqCst);
}

/// Returns whether [`stand_aside`] is on.
pub(crate) fn stands_aside() -> bool {
    STANDS_ASIDE.load(Ordering::SeqCst)
}

/// The kernel's own call, past the symbol that this crate defines.
pub(crate) fn kernel_sync_file_range(
    file: c_int,
    offset: off64_t,
    length: off64_t,
    flags: c_uint,
) -> c_int {
    // SAFETY: four integers, as the system call takes them; it touches none of our memory.
    let answer: c_long =
        unsafe { libc::syscall(libc::SYS_sync_file_range, file, offset, length, flags) };
    answer as c_int
}

/// Shuts the file system that holds `file` down as a power cut would: unwritten data is lost and
/// every later access fails until it is unmounted and mounted again.
///
/// # Errors
///
/// The kernel's error: not root, or a file system without this call.
pub fn cut_power(file: &File) -> io::Result<()> {
    let flags: u32 = NO_LOG_FLUSH;
    // SAFETY: the call reads one `u32` at the address given, which outlives it.
    let answer =
        unsafe { libc::ioctl(file.as_raw_fd(), FS_IOC_SHUTDOWN, std::ptr::from_ref(&flags)) };
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
