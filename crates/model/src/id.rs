//! Identifiers in AWS form that carry the revision at which they were born.
//!
//! Source of the forms: IAM User Guide, "IAM identifiers", "Unique identifiers". A node that does not know an id
//! compares its birth with what it has seen: born later means *not here yet*, otherwise it never existed or is gone.

use sha2::{Digest, Sha256};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ACCOUNT_BITS: u32 = 40;
const KEY_REVISION_BITS: u32 = 39;
const ENTITY_REVISION_BITS: u32 = 40;

/// The four-letter prefix of a unique id, by kind of entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prefix {
    /// `AIDA`
    User,
    /// `AGPA`
    Group,
    /// `AROA`
    Role,
    /// `ANPA`
    ManagedPolicy,
    /// `AIPA`
    InstanceProfile,
}

impl Prefix {
    /// The prefix's text.
    pub fn as_str(self) -> &'static str {
        match self {
            Prefix::User => "AIDA",
            Prefix::Group => "AGPA",
            Prefix::Role => "AROA",
            Prefix::ManagedPolicy => "ANPA",
            Prefix::InstanceProfile => "AIPA",
        }
    }
}

/// A unique id: the prefix and 17 characters (85 bits: 40 of revision, 45 drawn from the seed). `nth` tells apart
/// the ids that one entry makes.
pub fn unique_id(prefix: Prefix, revision: u64, seed: &[u8], nth: u32) -> String {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(revision.to_be_bytes());
    hash.update(nth.to_be_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let mut chance = [0; 8];
    chance.copy_from_slice(&hash[..8]);
    let chance = u64::from_be_bytes(chance) >> 19;
    let revision = revision & low_bits(ENTITY_REVISION_BITS);
    encode(prefix.as_str(), (u128::from(revision) << 45) | u128::from(chance), 17)
}

/// The revision at which a unique id was made, if the text is one.
pub fn unique_id_birth(id: &str) -> Option<u64> {
    if id.len() != 21 {
        return None;
    }
    let bits = decode(id.get(4..)?)?;
    u64::try_from(bits >> 45).ok()
}

/// The id of a cell: 26 characters drawn from its first leader's seed.
pub fn cell_id(seed: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(seed).into();
    let mut chance = [0; 16];
    chance.copy_from_slice(&hash[..16]);
    encode("", u128::from_be_bytes(chance), 26)
}

/// The id of a long-term access key: `AKIA` and 16 characters (80 bits: a one, 40 of account, 39 of revision).
/// The account stands where AWS has it, so that tools that read it from a key go on working.
pub fn access_key_id(account_id: &str, revision: u64) -> String {
    key_id("AKIA", account_id, revision & low_bits(KEY_REVISION_BITS))
}

/// The id of a temporary access key: `ASIA`, the account, and 39 bits of chance; its birth stands in its token.
pub fn session_key_id(account_id: &str, chance: u64) -> String {
    key_id("ASIA", account_id, chance & low_bits(KEY_REVISION_BITS))
}

fn key_id(prefix: &str, account_id: &str, tail: u64) -> String {
    let account: u64 = account_id.parse().unwrap_or(0);
    let account = account & low_bits(ACCOUNT_BITS);
    let bits = (1_u128 << 79) | (u128::from(account) << KEY_REVISION_BITS) | u128::from(tail);
    encode(prefix, bits, 16)
}

/// The account of an access key id, as twelve digits, if the text is one.
///
/// Source: STS API reference, GetAccessKeyInfo.
pub fn access_key_account(id: &str) -> Option<String> {
    let bits = access_key_bits(id)?;
    let account = (bits >> KEY_REVISION_BITS) & u128::from(low_bits(ACCOUNT_BITS));
    Some(format!("{account:012}"))
}

/// The revision at which a long-term key was made; `None` for other texts.
pub fn access_key_birth(id: &str) -> Option<u64> {
    if !id.starts_with("AKIA") {
        return None;
    }
    let bits = access_key_bits(id)?;
    u64::try_from(bits & u128::from(low_bits(KEY_REVISION_BITS))).ok()
}

fn access_key_bits(id: &str) -> Option<u128> {
    if id.len() != 20 {
        return None;
    }
    decode(id.get(4..)?)
}

fn low_bits(count: u32) -> u64 {
    (1 << count) - 1
}

fn encode(prefix: &str, bits: u128, characters: u32) -> String {
    let mut text = String::with_capacity(24);
    text.push_str(prefix);
    for position in (0..characters).rev() {
        let index = bits.checked_shr(5 * position).unwrap_or(0) & 31;
        text.push(BASE32[index as usize] as char);
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |bits, byte| {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        Some((bits << 5) | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_carries_its_account_and_its_birth() {
        let id = access_key_id("123456789012", 77);
        assert_eq!(id.len(), 20);
        assert_eq!(access_key_account(&id).as_deref(), Some("123456789012"));
        assert_eq!(access_key_birth(&id), Some(77));
        let session = session_key_id("000000000042", 5);
        assert!(session.starts_with("ASIA"));
        assert_eq!(access_key_account(&session).as_deref(), Some("000000000042"));
        assert_eq!(access_key_birth(&session), None);
    }

    /// A published pair of key and account.
    #[test]
    fn the_account_stands_where_aws_has_it() {
        assert_eq!(access_key_account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
    }

    #[test]
    fn a_unique_id_carries_its_birth_and_differs_by_turn() {
        let first = unique_id(Prefix::User, 9, b"seed", 0);
        let second = unique_id(Prefix::User, 9, b"seed", 1);
        assert_eq!((first.len(), unique_id_birth(&first)), (21, Some(9)));
        assert_ne!(first, second);
    }

    #[test]
    fn garbage_is_nothing() {
        for text in
            ["", "AKIA", "AKIAIOSFODNN7EXAMPL", "akia0000000000000000", "AKIAé0000000000000000"]
        {
            assert_eq!(access_key_account(text), None, "{text}");
            assert_eq!(unique_id_birth(text), None, "{text}");
        }
    }
}
