//! A principal made ready for questions, and kept as long as nothing of it has changed.

use std::sync::Arc;

use model::v1::caller;
use model::{AWS_ACCOUNT, AccountMark, State, arn};
use policy::Context;
use schema::Fault;

use super::subject::{self, Who};
use crate::Principal;
use crate::authorize::Gathered;
use crate::cache::Cache;
use crate::context::{of_principal, of_time};

/// A principal, its policies and what the cell knows of it, at a second.
pub(super) struct Ready {
    pub(super) whole: Arc<Whole>,
    /// With the time.
    pub(super) context: Context<'static>,
    second: u64,
}

/// What does not depend on the time.
pub(super) struct Whole {
    pub(super) principal: Principal,
    pub(super) policies: Gathered,
    context: Context<'static>,
    /// The accounts that all of it comes from.
    marks: Vec<AccountMark>,
}

impl Ready {
    /// Gathers all that is known of a principal, for a question or two.
    pub(super) fn new(state: &State, principal: Principal, now_ms: u64) -> Self {
        Ready::at(Arc::new(Whole::new(state, principal, now_ms)), now_ms)
    }

    fn at(whole: Arc<Whole>, now_ms: u64) -> Self {
        let mut context = whole.context.clone();
        of_time(now_ms, &mut context);
        Ready { whole, context, second: now_ms / 1000 }
    }
}

impl Whole {
    fn new(state: &State, principal: Principal, now_ms: u64) -> Self {
        let policies = Gathered::of(state, &principal);
        let mut context = Context::new();
        of_principal(&principal, now_ms, &mut context);
        Whole { principal, policies, context, marks: Vec::new() }
    }

    /// For many questions: policies indexed as a whole, and the accounts marked.
    fn kept(self, state: &State) -> Self {
        let mut accounts = vec![self.principal.account_id.as_str(), AWS_ACCOUNT];
        accounts.extend(self.policies.arns().filter_map(arn::managed_policy).map(|named| named.0));
        accounts.sort_unstable();
        accounts.dedup();
        let marks = accounts.iter().map(|id| AccountMark::new(state, id)).collect();
        Whole { policies: self.policies.pooled(), marks, ..self }
    }

    fn is_of(&self, state: &State) -> bool {
        self.marks.iter().all(|mark| mark.is_of(state))
    }
}

/// Principals that were asked about. Nothing that it tells depends on what it holds.
///
/// Whoever asks chooses the texts: an ARN that is shown as a key must find nothing, so they are kept apart.
pub struct Subjects {
    by_arn: Cache<String, Arc<Ready>>,
    by_key: Cache<String, Arc<Ready>>,
}

impl Subjects {
    /// Keeps at most so many by their ARNs, and as many by their keys.
    pub fn new(most: usize) -> Self {
        Subjects { by_arn: Cache::new(most), by_key: Cache::new(most) }
    }

    /// Where a principal is kept, and by what name; sessions are not, they have policies of their own.
    fn place<'a>(&'a self, who: &'a Who<'_>) -> Option<(&'a Cache<String, Arc<Ready>>, &'a str)> {
        match who {
            Who::Arn(arn) => Some((&self.by_arn, arn)),
            Who::Credential(caller) => match &caller.kind {
                Some(caller::Kind::LongTerm(_)) => Some((&self.by_key, &caller.access_key_id)),
                _ => None,
            },
        }
    }

    /// A principal of a state, as [`subject::find`] finds it.
    ///
    /// # Errors
    /// As for that.
    pub(super) fn find(
        &self,
        state: &State,
        who: &Who<'_>,
        now_ms: u64,
    ) -> Result<Arc<Ready>, Fault> {
        let Some((kept, name)) = self.place(who) else {
            return Ok(Arc::new(Ready::new(state, subject::find(state, who, now_ms)?, now_ms)));
        };
        let known = kept.get(name).filter(|known| known.whole.is_of(state));
        let ready = match known {
            Some(ready) if ready.second == now_ms / 1000 => return Ok(ready),
            Some(ready) => Ready::at(Arc::clone(&ready.whole), now_ms),
            None => {
                let principal = subject::find(state, who, now_ms)?;
                Ready::at(Arc::new(Whole::new(state, principal, now_ms).kept(state)), now_ms)
            }
        };
        let ready = Arc::new(ready);
        kept.insert(name.to_owned(), Arc::clone(&ready));
        Ok(ready)
    }
}
