//! The name that was meant by one that does not exist.

use alloc::vec::Vec;

/// The longest name looked at.
const LONGEST: usize = 64;

/// The name most like another one, unless it is very unlike it.
pub(super) fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let distance = |known: &&str| distance(name.as_bytes(), known.to_ascii_lowercase().as_bytes());
    let nearest = names.iter().min_by_key(|known| distance(known))?;
    (distance(nearest) <= 1 + name.len() / 5).then_some(*nearest)
}

/// How many letters must be put in, taken out or changed to make one text of the other.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_changes() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(nearest("getuser", &["GetUser", "GetGroup"]), Some("GetUser"));
        assert_eq!(nearest("dance", &["GetUser", "GetGroup"]), None);
    }
}
