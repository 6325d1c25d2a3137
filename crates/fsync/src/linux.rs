//! The override itself, and its probe.

#![expect(unsafe_code, reason = "a C symbol for the whole program cannot be defined safely")]

use std::sync::atomic::{AtomicU64, Ordering};

use libc::{c_int, c_uint, off64_t};

#[cfg(feature = "power-loss")]
use crate::power_loss;

/// How many calls have been refused since the program began.
static REFUSED: AtomicU64 = AtomicU64::new(0);

/// Takes the place of the C library's `sync_file_range` and answers that there is no such call.
///
/// Safe with any arguments: it touches nothing but the calling thread's own `errno`.
// SAFETY: the name and signature are those of the C library's function, so every caller that
// linked against that one passes what this one expects.
#[unsafe(no_mangle)]
pub extern "C" fn sync_file_range(
    file: c_int,
    offset: off64_t,
    length: off64_t,
    flags: c_uint,
) -> c_int {
    #[cfg(feature = "power-loss")]
    if power_loss::stands_aside() {
        return power_loss::kernel_sync_file_range(file, offset, length, flags);
    }
    let _ = (file, offset, length, flags);
    REFUSED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: `__errno_location` returns the address of this thread's `errno`, always valid.
    unsafe { *libc::__errno_location() = libc::ENOSYS };
    -1
}

/// Returns how many times someone asked for `sync_file_range` and was sent to fsync instead.
///
/// Every write-out of sled adds one, so the number is evidence that sled takes the fsync path.
pub fn refused() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}

/// Asserts that the override is linked into this program and answers as it must.
///
/// Call it before the first sled database is opened. The probe goes through the same undefined
/// symbol that sled's code refers to, so it takes whichever definition the linker gave to sled.
///
/// # Panics
///
/// Panics when another definition answers: then sled would lose acknowledged data on power loss,
/// and a program that cannot keep its promise must not start.
pub fn assert_in_force() {
    let before = refused();
    // SAFETY: the arguments name no file (-1); no definition of this call touches our memory.
    let answer = unsafe { libc::sync_file_range(-1, 0, 0, 0) };
    let errno = std::io::Error::last_os_error().raw_os_error();
    assert!(
        answer == -1 && errno == Some(libc::ENOSYS) && refused() > before,
        "sync_file_range is not overridden in this program (answer {answer}, errno {errno:?}): \
         sled would not fsync, and acknowledged writes would be lost on power loss",
    );
}
