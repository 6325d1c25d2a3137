//! Sealed secrets of keys, bound to whoever they belong to.

use crate::v1::{AccessKey, OperatorKey, SealedSecret};

/// A key with a sealed secret. The front door authenticates [`SealedSecret::owner_id`] together with the ciphertext,
/// so a key must take no secret but its own owner's: else whoever can write a disk or a feed could put a secret that
/// he knows beside another's key, and sign as the other.
pub trait Sealed {
    /// To whom the key's secret is bound: the unique id of the owner of an access key, the id of an operator key.
    fn bound_to(&self) -> &str;

    /// The secret as it is stored, whomever it is bound to.
    fn stored_secret(&self) -> Option<&SealedSecret>;

    /// The secret; `None` also when it is bound to somebody else.
    fn sealed_secret(&self) -> Option<&SealedSecret> {
        self.stored_secret().filter(|sealed| sealed.owner_id == self.bound_to())
    }
}

impl Sealed for AccessKey {
    fn bound_to(&self) -> &str {
        &self.owner_id
    }

    fn stored_secret(&self) -> Option<&SealedSecret> {
        self.secret.as_ref()
    }
}

impl Sealed for OperatorKey {
    fn bound_to(&self) -> &str {
        &self.access_key_id
    }

    fn stored_secret(&self) -> Option<&SealedSecret> {
        self.secret.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_for(owner_id: &str) -> Option<SealedSecret> {
        Some(SealedSecret { owner_id: owner_id.to_owned(), ..Default::default() })
    }

    #[test]
    fn a_secret_that_is_bound_to_somebody_else_is_none() {
        let owner_id = "AIDAONE".to_owned();
        for (secret, expected) in
            [(sealed_for("AIDAONE"), true), (sealed_for("AIDATWO"), false), (None, false)]
        {
            let key = AccessKey { owner_id: owner_id.clone(), secret, ..Default::default() };
            assert_eq!(key.sealed_secret().is_some(), expected);
        }
        let key = OperatorKey {
            access_key_id: "BWOPONE".to_owned(),
            secret: sealed_for("BWOPTWO"),
            ..Default::default()
        };
        assert_eq!(key.sealed_secret(), None);
    }
}
