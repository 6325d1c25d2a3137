//! A principal made ready for questions, and kept as long as nothing of it has changed.

use std::sync::Arc;

use model::v1::{self, caller};
use model::{AWS_ACCOUNT, AccountMark, State, StateMark, arn};
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
    /// The state it was made ready in: where that is the one that is asked, no account need be looked at.
    state: StateMark,
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
    fn at(whole: Arc<Whole>, state: &State, now_ms: u64) -> Self {
        let mut context = whole.context.clone();
        of_time(now_ms, &mut context);
        Ready { whole, context, second: now_ms / 1000, state: StateMark::new(state) }
    }

    fn is_of(&self, state: &State, session: Option<&v1::Session>) -> bool {
        self.whole.principal.session.as_ref() == session
            && (self.state.is_of(state) || self.whole.is_of(state))
    }
}

impl Whole {
    /// Gathers all that is known of a principal.
    fn new(state: &State, principal: Principal, now_ms: u64) -> Self {
        let policies = Gathered::of(state, &principal);
        let mut context = Context::new();
        of_principal(&principal, now_ms, &mut context);
        Whole { principal, policies, context, marks: Vec::new() }
    }

    /// With the accounts marked.
    fn kept(self, state: &State) -> Self {
        let mut accounts = vec![self.principal.account_id.as_str(), AWS_ACCOUNT];
        accounts.extend(self.policies.arns().filter_map(arn::managed_policy).map(|named| named.0));
        accounts.sort_unstable();
        accounts.dedup();
        let marks = accounts.iter().map(|id| AccountMark::new(state, id)).collect();
        Whole { marks, ..self }
    }

    fn is_of(&self, state: &State) -> bool {
        self.marks.iter().all(|mark| mark.is_of(state))
    }
}

/// Principals that were asked about, and those who asked. Nothing that it tells depends on what it holds.
///
/// Whoever asks chooses the texts: an ARN that is shown as a key must find nothing, so they are kept apart.
pub struct Subjects {
    by_arn: Kept,
    by_key: Kept,
}

type Kept = Cache<String, Arc<Ready>>;

impl Subjects {
    /// Keeps at most so many by their ARNs, and as many by their keys.
    pub fn new(most: usize) -> Self {
        Subjects { by_arn: Cache::new(most), by_key: Cache::new(most) }
    }

    /// The principal that a question names.
    ///
    /// # Errors
    /// `ValidationError` for a name that is none; `NoSuchEntity`; `InvalidInput` for a session that is over.
    pub(super) fn find<'a>(
        &'a self,
        state: &State,
        who: &'a Who<'_>,
        now_ms: u64,
    ) -> Result<Found<'a>, Fault> {
        match who {
            Who::Arn(arn) => {
                let place = Place { kept: &self.by_arn, name: arn };
                place.find(state, None, || subject::by_arn(state, arn))
            }
            Who::Credential(caller) => {
                let found = self.caller(state, caller, now_ms);
                found.map_err(|fault| subject::of_question(&fault, caller))
            }
        }
    }

    /// The principal that a caller is. The operator is not kept, whose key is in no account; nor is a session whose
    /// MFA grows old, at no whole second of the clock.
    ///
    /// # Errors
    /// As for [`Principal::resolve`].
    pub(super) fn caller<'a>(
        &'a self,
        state: &State,
        caller: &'a v1::Caller,
        now_ms: u64,
    ) -> Result<Found<'a>, Fault> {
        let resolve = || Principal::resolve(state, caller, now_ms);
        let place = Place { kept: &self.by_key, name: &caller.access_key_id };
        match &caller.kind {
            Some(caller::Kind::LongTerm(_)) => place.find(state, None, resolve),
            Some(caller::Kind::Session(session))
                if session.expires_ms > now_ms && session.mfa_ms == 0 =>
            {
                place.find(state, Some(session), resolve)
            }
            _ => Ok(Found { place: None, known: Known::Principal(Box::new(resolve()?)) }),
        }
    }
}

/// Where a principal is kept, and by what name.
struct Place<'a> {
    kept: &'a Kept,
    name: &'a str,
}

impl<'a> Place<'a> {
    /// What is kept of these very accounts and this very session; otherwise what is found.
    fn find(
        self,
        state: &State,
        session: Option<&v1::Session>,
        find: impl FnOnce() -> Result<Principal, Fault>,
    ) -> Result<Found<'a>, Fault> {
        let known = self.kept.get(self.name).filter(|ready| ready.is_of(state, session));
        let known = match known {
            Some(ready) => Known::Ready(ready),
            None => Known::Principal(Box::new(find()?)),
        };
        Ok(Found { place: Some(self), known })
    }
}

/// A principal that was found. Making it ready is the larger part of the work.
pub(super) struct Found<'a> {
    /// `None`: it is not kept.
    place: Option<Place<'a>>,
    known: Known,
}

enum Known {
    /// As it was kept, at some second.
    Ready(Arc<Ready>),
    Principal(Box<Principal>),
}

impl Found<'_> {
    pub(super) fn principal(&self) -> &Principal {
        match &self.known {
            Known::Ready(ready) => &ready.whole.principal,
            Known::Principal(principal) => principal,
        }
    }

    /// Makes it ready in the state that it was found in, and keeps it.
    pub(super) fn ready(self, state: &State, now_ms: u64) -> Arc<Ready> {
        let whole = match self.known {
            Known::Ready(ready) => {
                // Whoever is met once may be met no more before the next write.
                ready.whole.policies.index();
                if ready.second == now_ms / 1000 {
                    return ready;
                }
                Arc::clone(&ready.whole)
            }
            Known::Principal(principal) => {
                let whole = Whole::new(state, *principal, now_ms);
                Arc::new(if self.place.is_some() { whole.kept(state) } else { whole })
            }
        };
        let ready = Arc::new(Ready::at(whole, state, now_ms));
        if let Some(Place { kept, name }) = self.place {
            kept.insert(name.to_owned(), Arc::clone(&ready));
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use schema::sts::v1::GetSessionTokenRequest;

    use super::*;
    use crate::authz::{Asker, Power};
    use crate::testing::{Cell, NOW_MS, allow};

    #[test]
    fn whoever_may_not_ask_makes_nobody_ready() {
        let mut cell = Cell::new();
        let (asker, alice) = (cell.user("asker"), cell.user("alice"));
        let by_arn = Who::Arn("arn:aws:iam::123456789012:user/alice".into());
        let by_key = Who::Credential(Box::new(alice.clone()));
        let (subjects, context) = (Subjects::new(16), v1::RequestContext::default());
        let may_ask = |cell: &Cell, who| {
            let asker = Asker::new(&cell.state, &subjects, &asker, &context, NOW_MS).unwrap();
            asker.subject(who, Power::Decide).is_ok()
        };
        let kept = || {
            let by_arn = subjects.by_arn.get("arn:aws:iam::123456789012:user/alice");
            (by_arn.is_some(), subjects.by_key.get(&alice.access_key_id).is_some())
        };
        assert!(!may_ask(&cell, &by_arn) && !may_ask(&cell, &by_key));
        assert_eq!(kept(), (false, false));
        assert!(subjects.by_key.get(&asker.access_key_id).is_some(), "who asks is kept");
        cell.allow("asker", &allow("authz:Decide", "*"));
        assert!(may_ask(&cell, &by_arn));
        assert_eq!(kept(), (true, false));
        assert!(may_ask(&cell, &by_key));
        assert_eq!(kept(), (true, true));
    }

    #[test]
    fn sessions_are_kept_unless_their_mfa_grows_old() {
        let mut cell = Cell::new();
        let user = cell.user("alice");
        let session = cell.mint_as(&user, GetSessionTokenRequest::default()).unwrap().0;
        let Some(caller::Kind::Session(known)) = session.kind else { panic!("a session") };
        for (mfa_ms, is_kept) in [(0, true), (NOW_MS - 1, false)] {
            let kind = Some(caller::Kind::Session(v1::Session { mfa_ms, ..known.clone() }));
            let session = v1::Caller { access_key_id: known.access_key_id.clone(), kind };
            let subjects = Subjects::new(16);
            subjects.caller(&cell.state, &session, NOW_MS).unwrap().ready(&cell.state, NOW_MS);
            assert_eq!(subjects.by_key.get(&known.access_key_id).is_some(), is_kept);
        }
    }
}
