//! Makes sled flush with fsync on Linux, and proves at start-up that it does.
//!
//! sled 0.34 writes its log and then calls `sync_file_range(2)`, which starts write-back of the
//! bytes but neither commits the file's size and extents to the journal nor empties the disk's
//! cache: after a power cut the database may not open, or lacks what `flush()` had promised. Its
//! manual page says so ("extremely dangerous … no guarantee that the data will be available").
//! sled keeps one other path: when the call answers `ENOSYS` ("this kernel has no such call") it
//! falls back to `fsync`. So this crate defines the C symbol `sync_file_range` for the whole
//! program, and it always answers `ENOSYS`.
//!
//! The price is that no other library in the process can use the call either. None should.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(all(target_os = "linux", feature = "power-loss"))]
pub mod power_loss;

#[cfg(target_os = "linux")]
pub use linux::{assert_in_force, refused, sync_file_range};

/// Elsewhere sled already calls the system's full synchronisation: there is nothing to override.
#[cfg(not(target_os = "linux"))]
pub fn assert_in_force() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn the_override_is_in_force_and_counts() {
        let before = super::refused();
        super::assert_in_force();
        super::assert_in_force();
        assert!(super::refused() >= before + 2);
    }
}
