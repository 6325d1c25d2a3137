//! Keys and secrets: the cell's master key and everything that is made, sealed and opened with it.
//!
//! No secret leaves this module unsealed except into the one answer that tells it to its owner, and
//! into the signing keys that verify a request. **Invariant:** nothing here prints a secret.

mod cipher;
mod master;
mod message;
mod secret;
mod session;

pub use cipher::CannotOpen;
pub use master::{BadKey, MasterKey};
pub use secret::new_secret;
pub use session::BadToken;
