//! New secret access keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, Zeroizing};

use crate::Entropy;

/// A new secret access key: 40 characters that say 240 bits of chance, in the form AWS gives them.
///
/// Source: IAM API reference, AccessKey.
pub fn new_secret(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut bytes = [0; 30];
    entropy.fill(&mut bytes);
    let secret = Zeroizing::new(STANDARD.encode(bytes));
    bytes.zeroize();
    secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn forty_characters_and_never_the_same() {
        let (first, second) = (new_secret(&SystemEntropy), new_secret(&SystemEntropy));
        assert_eq!(first.len(), 40);
        assert!(!first.contains('='));
        assert_ne!(*first, *second);
    }
}
