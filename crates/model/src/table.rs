//! A table of one kind of entity, sorted by key.

use std::borrow::Borrow;
use std::ops::Bound;
use std::sync::Arc;

use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use crate::{Digest, Name, Record, Stored};

/// Entities of one kind by their key. Cloning is O(1).
pub struct Table<R: Record>(OrdMap<Name, Arc<Stored<R>>>);

/// What was, and what is.
pub(crate) type Difference<'a, R> = (Option<&'a Arc<Stored<R>>>, Option<&'a Arc<Stored<R>>>);

impl<R: Record> Clone for Table<R> {
    fn clone(&self) -> Self {
        Table(self.0.clone())
    }
}

impl<R: Record> Default for Table<R> {
    fn default() -> Self {
        Table(OrdMap::new())
    }
}

impl<R: Record> Table<R> {
    /// The entity of a name, whatever its case.
    pub fn named(&self, name: &str) -> Option<&Arc<Stored<R>>> {
        self.0.get(&Name::new(name))
    }

    /// The entity of an exact key.
    pub fn get<Q>(&self, key: &Q) -> Option<&Arc<Stored<R>>>
    where
        Q: Ord + ?Sized,
        Name: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Arc<Stored<R>>> {
        self.0.values()
    }

    /// Those whose keys come after `key`, in the order of their keys.
    pub fn after(&self, key: Option<&Name>) -> impl Iterator<Item = (&Name, &Arc<Stored<R>>)> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range::<_, Name>((from, Bound::Unbounded))
    }

    /// What is other than in an earlier table: what was, and what is. Costs little where the two have grown out of one
    /// another.
    pub(crate) fn differences<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = Difference<'a, R>> {
        before.0.diff(&self.0).map(|item| match item {
            DiffItem::Add(_, new) => (None, Some(new)),
            DiffItem::Update { old: (_, old), new: (_, new) } => (Some(old), Some(new)),
            DiffItem::Remove(_, old) => (Some(old), None),
        })
    }

    /// Puts a record under its key or takes the one of that key out, keeping the digest.
    pub(crate) fn swap(
        &mut self,
        key: &Name,
        new: Option<Arc<Stored<R>>>,
        digest: &mut Digest,
    ) -> Option<Arc<Stored<R>>> {
        let old = match new {
            Some(new) => {
                *digest = digest.with(new.digest());
                self.0.insert(key.clone(), new)
            }
            None => self.0.remove(key),
        };
        if let Some(old) = &old {
            *digest = digest.without(old.digest());
        }
        old
    }
}
