//! Where chance comes from: the operating system, or whatever a simulation hands in.

use rand::rngs::SysRng;
use rand::{Rng, TryRng};

/// A source of random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills with bytes nobody can foretell: for secrets and nonces.
    fn fill(&self, out: &mut [u8]);

    /// Fills with bytes that differ from call to call: for request ids.
    fn fill_ids(&self, out: &mut [u8]) {
        self.fill(out);
    }
}

/// The operating system's entropy.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        // INVARIANT: without entropy no secret may be made; a machine that has none must not go on.
        SysRng.try_fill_bytes(out).expect("the operating system gives entropy");
    }

    fn fill_ids(&self, out: &mut [u8]) {
        rand::rng().fill_bytes(out);
    }
}

/// A new request id: a version 4 UUID.
pub(crate) fn request_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill_ids(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().as_hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_uuids_and_differ() {
        let (first, second) = (request_id(&SystemEntropy), request_id(&SystemEntropy));
        let parsed = uuid::Uuid::parse_str(&first).unwrap();
        assert_eq!(parsed.get_version_num(), 4);
        assert_ne!(first, second);
    }
}
