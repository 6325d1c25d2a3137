//! Decisions for services that ask: may a principal of this cell do something with a resource of theirs?
//!
//! The same policies, the same context of the principal and the same engine as for the cell's own operations; what
//! only the asking service can know comes from it (docs/authorization.md).

mod answer;
pub mod asked;
mod context;
mod explain;
mod limits;
mod ready;
mod resource;
mod subject;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use model::{State, arn, v1};
use policy::Context;
use schema::Fault;

use crate::authorize::Ask;
use crate::context::of_request;
use crate::faults;
use ready::Ready;

pub use asked::Asked;
pub use limits::{QUESTIONS_MAX, check_batch};
pub use ready::Subjects;
pub use subject::{Subject, Who};

/// What an asker does with a principal's policies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Power {
    /// `authz:Decide`
    Decide,
    /// `authz:Explain`
    Explain,
    /// `authz:Follow`, on the root of an account
    Follow,
}

impl Power {
    fn action(self) -> &'static str {
        match self {
            Power::Decide => "authz:Decide",
            Power::Explain => "authz:Explain",
            Power::Follow => "authz:Follow",
        }
    }
}

/// A principal of a state, for a program that holds the state itself: whoever has the policies may judge by them.
///
/// # Errors
/// `ValidationError` for a name that is none; `NoSuchEntity`; `InvalidInput` for a session that is over.
pub fn subject<'a>(
    subjects: &Subjects,
    state: &'a State,
    who: &Who<'_>,
    now_ms: u64,
) -> Result<Subject<'a>, Fault> {
    let now_ms = now_ms.max(state.time_ms());
    let found = subjects.find(state, who, now_ms)?;
    Ok(Subject::new(state, found.ready(state, now_ms), None))
}

/// Who asks, at a state.
pub struct Asker<'a> {
    state: &'a State,
    subjects: &'a Subjects,
    /// With its policies; `None` for the operator.
    ready: Option<Arc<Ready>>,
    context: &'a v1::RequestContext,
    now_ms: u64,
}

impl<'a> Asker<'a> {
    /// The caller of a front door, its signature verified.
    ///
    /// # Errors
    /// `InvalidClientTokenId` when the key, its owner or the session's role is gone or inactive; `ExpiredToken`.
    pub fn new(
        state: &'a State,
        subjects: &'a Subjects,
        caller: &v1::Caller,
        context: &'a v1::RequestContext,
        now_ms: u64,
    ) -> Result<Self, Fault> {
        let now_ms = now_ms.max(state.time_ms());
        let found = subjects.caller(state, caller, now_ms)?;
        let ready = (!found.principal().is_operator()).then(|| found.ready(state, now_ms));
        Ok(Asker { state, subjects, ready, context, now_ms })
    }

    /// The principal that is asked about. Whoever may not ask makes no work: it is made ready once that is known.
    ///
    /// # Errors
    /// `ValidationError` for a name that is none, `AccessDenied`, and only then `NoSuchEntity`.
    pub fn subject(&self, who: &Who<'_>, power: Power) -> Result<Subject<'a>, Fault> {
        let Asker { state, subjects, now_ms, .. } = *self;
        let find = || subjects.find(state, who, now_ms);
        let found = match who {
            Who::Arn(arn) => {
                self.permit(power, arn, || who.account_id())?;
                find()?
            }
            // The permission is about the ARN of whoever shows the credential.
            Who::Credential(_) => {
                let found = find();
                let arn = found.as_ref().map_or("*", |found| &found.principal().arn);
                self.permit(power, arn, || who.account_id())?;
                found?
            }
        };
        let own = self.ready.as_ref().map(|asker| asker.whole.principal.account_id.clone());
        Ok(Subject::new(state, found.ready(state, now_ms), own))
    }

    /// Whether the asker may have an account's policy data.
    ///
    /// # Errors
    /// `AccessDenied`, and only then `NoSuchEntity`.
    pub fn may_follow(&self, account_id: &str) -> Result<(), Fault> {
        self.permit(Power::Follow, &arn::root(account_id), || Ok(Some(account_id.into())))?;
        match self.state.account(account_id) {
            Some(_) => Ok(()),
            None => {
                Err(faults::no_such_entity(format!("The account {account_id} cannot be found.")))
            }
        }
    }

    /// The operator may ask about everybody, others about their own account: a principal has no policy that could
    /// let another account in.
    fn permit<'n>(
        &self,
        power: Power,
        resource: &str,
        account: impl FnOnce() -> Result<Option<Cow<'n, str>>, Fault>,
    ) -> Result<(), Fault> {
        let Some(asker) = &self.ready else { return Ok(()) };
        let (principal, action) = (&asker.whole.principal, power.action());
        let account = account()?;
        let resource_account = account.as_deref().unwrap_or(&principal.account_id);
        let mut context = Context::over(&asker.context, "");
        of_request(self.context, action, &mut context);
        context.set("aws:ResourceAccount", resource_account);
        let ask =
            Ask { principal, action, resource, resource_account, policy: None, context: &context };
        asker.whole.policies.permit(&ask, resource)
    }
}
