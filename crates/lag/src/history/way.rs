//! From a state that is kept to one that is wanted.

use std::fmt;
use std::sync::Arc;

use model::State;
use schema::peer::v1::RevisionChanges;

/// A state, and the revisions that lead from it to the one wanted.
#[derive(Clone, Debug)]
pub struct Way {
    pub(super) base: State,
    pub(super) steps: Vec<Arc<RevisionChanges>>,
}

/// The changes kept do not lead where they should: what was found is not what history had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Astray {
    /// The revision that differs.
    pub revision: u64,
    /// How.
    pub why: String,
}

impl fmt::Display for Astray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {}: {}", self.revision, self.why)
    }
}

impl std::error::Error for Astray {}

impl Way {
    /// Makes the changes once more; takes as long as they do.
    ///
    /// # Errors
    /// The digest at the end is not the one that was recorded.
    pub fn walk(self) -> Result<State, Astray> {
        let mut state = self.base;
        for step in &self.steps {
            let changed = state.changed(step.revision, step.time_ms, &step.changes);
            state = changed
                .map_err(|error| Astray { revision: step.revision, why: error.to_string() })?;
        }
        match self.steps.last() {
            Some(last) if last.digest[..] != state.digest()[..] => {
                Err(Astray { revision: last.revision, why: "the digest differs".to_owned() })
            }
            _ => Ok(state),
        }
    }
}
