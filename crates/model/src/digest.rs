//! The digest of a state: a sum over its entities, so that one change costs one hash.

use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::{Record, v1};

/// Room for the number and the length before a record in its entity.
const FRAME: usize = 8;

/// A sum (modulo 2^64 in each of four lanes) of the SHA-256 of every entity. Equal states have equal digests
/// whatever the order in which they came about; a difference shows that two nodes have diverged.
///
/// It guards against faults of disks and code, not against a forger: a sum of hashes can be steered by one who
/// chooses the summands.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest([u64; 4]);

impl Digest {
    /// The digest of one entity.
    pub fn of(entity: &v1::Entity) -> Self {
        Self::of_encoded(&entity.encode_to_vec())
    }

    /// The digest of the entity that a record makes.
    pub fn of_record<R: Record>(record: &R) -> Self {
        let mut encoded = Vec::with_capacity(record.encoded_len() + FRAME);
        // `Entity` numbers its kinds as `EntityKey` does (proto/model/v1/entity.proto).
        prost::encoding::message::encode(R::KIND as u32, record, &mut encoded);
        Self::of_encoded(&encoded)
    }

    fn of_encoded(encoded: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(encoded).into();
        Self::from_bytes(hash)
    }

    /// The digest from its 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut lanes = [0; 4];
        for (lane, chunk) in lanes.iter_mut().zip(bytes.chunks_exact(8)) {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            *lane = u64::from_le_bytes(word);
        }
        Digest(lanes)
    }

    /// The digest's 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, lane) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&lane.to_le_bytes());
        }
        bytes
    }

    /// The digest with an entity added.
    pub fn with(self, other: Digest) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    /// The digest with an entity taken out.
    pub fn without(self, other: Digest) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    fn zip(self, other: Digest, f: fn(u64, u64) -> u64) -> Self {
        let mut lanes = self.0;
        for (lane, word) in lanes.iter_mut().zip(other.0) {
            *lane = f(*lane, word);
        }
        Digest(lanes)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<R: Record>(record: R) {
        assert_eq!(Digest::of_record(&record), Digest::of(&record.into_entity()));
    }

    #[test]
    fn a_record_has_the_digest_of_its_entity() {
        let name = || "n".repeat(300);
        check(v1::Cell { cell_id: name(), ..Default::default() });
        check(v1::OperatorKey { access_key_id: name(), ..Default::default() });
        check(v1::Account { name: name(), ..Default::default() });
        check(v1::User { name: name(), ..Default::default() });
        check(v1::Group { name: name(), ..Default::default() });
        check(v1::Role { name: name(), ..Default::default() });
        check(v1::ManagedPolicy { name: name(), ..Default::default() });
        check(v1::InstanceProfile { name: name(), ..Default::default() });
        check(v1::AccessKey { id: name(), ..Default::default() });
    }
}
