//! A map that never holds more than so many entries and lets the unused ones go first.
#![allow(clippy::disallowed_types, reason = "nothing is done in the order of these maps")]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Two generations: what is used moves to the young one; when that is full the old one is dropped
/// whole.
pub struct Cache<K, V> {
    generations: RwLock<Generations<K, V>>,
    most: usize,
}

struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// A cache of at most so many entries.
    pub fn new(most: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Cache { generations: RwLock::new(generations), most }
    }

    /// The value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.read().young.get(key) {
            return Some(value.clone());
        }
        if !self.read().old.contains_key(key) {
            return None;
        }
        let mut generations = self.write();
        let (key, value) = generations.old.remove_entry(key)?;
        self.put(&mut generations, key, value.clone());
        Some(value)
    }

    /// Puts a value in place of the one of its key.
    pub fn insert(&self, key: K, value: V) {
        let mut generations = self.write();
        generations.old.remove(&key);
        self.put(&mut generations, key, value);
    }

    fn put(&self, generations: &mut Generations<K, V>, key: K, value: V) {
        if generations.young.len() >= (self.most / 2).max(1) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }

    // A panic elsewhere leaves no half-done state in a map of values.
    fn read(&self) -> RwLockReadGuard<'_, Generations<K, V>> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Generations<K, V>> {
        self.generations.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_no_more_than_it_may_and_keeps_what_is_used() {
        let cache = Cache::new(8);
        for number in 0..1000 {
            cache.insert(number, number);
            assert_eq!(cache.get(&0), Some(0), "after {number}");
        }
        let held = (0..1000).filter(|number| cache.get(number).is_some()).count();
        assert!(held <= 8, "{held}");
    }

    #[test]
    fn the_latest_value_counts() {
        let cache = Cache::new(4);
        for value in 0..10 {
            cache.insert("key", value);
        }
        assert_eq!(cache.get("key"), Some(9));
        assert_eq!(cache.get("other"), None);
    }
}
