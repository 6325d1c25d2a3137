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

use model::{State, arn, v1};
use schema::Fault;

use crate::{Access, Principal, View, authorize, faults};

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
    let ready = subjects.find(state, who, now_ms.max(state.time_ms()))?;
    Ok(Subject::new(state, ready, None))
}

/// Who asks, at a state.
pub struct Asker<'a> {
    state: &'a State,
    principal: Principal,
    context: &'a v1::RequestContext,
    now_ms: u64,
}

impl<'a> Asker<'a> {
    /// The caller of a front door, its signature verified.
    ///
    /// # Errors
    /// As for [`Principal::resolve`].
    pub fn new(
        state: &'a State,
        caller: &v1::Caller,
        context: &'a v1::RequestContext,
        now_ms: u64,
    ) -> Result<Self, Fault> {
        let now_ms = now_ms.max(state.time_ms());
        let principal = Principal::resolve(state, caller, now_ms)?;
        Ok(Asker { state, principal, context, now_ms })
    }

    /// The principal that is asked about, once it is known that the asker may ask.
    ///
    /// # Errors
    /// `ValidationError` for a name that is none, `AccessDenied`, and only then `NoSuchEntity`.
    pub fn subject(
        &self,
        subjects: &Subjects,
        who: &Who<'_>,
        power: Power,
    ) -> Result<Subject<'a>, Fault> {
        let found = subjects.find(self.state, who, self.now_ms);
        let account = match (who, &found) {
            // Of the account that the ARN names, without reading it again.
            (Who::Arn(_), Ok(ready)) => Some(ready.whole.principal.account_id.as_str().into()),
            _ => who.account_id()?,
        };
        let resource = match (who, &found) {
            (Who::Arn(arn), _) => arn,
            (Who::Credential(_), Ok(ready)) => ready.whole.principal.arn.as_str(),
            (Who::Credential(_), Err(_)) => "*",
        };
        self.permit(power, resource, account.as_deref())?;
        let own = (!self.principal.is_operator()).then(|| self.principal.account_id.clone());
        Ok(Subject::new(self.state, found?, own))
    }

    /// Whether the asker may have an account's policy data.
    ///
    /// # Errors
    /// `AccessDenied`, and only then `NoSuchEntity`.
    pub fn may_follow(&self, account_id: &str) -> Result<(), Fault> {
        self.permit(Power::Follow, &arn::root(account_id), Some(account_id))?;
        match self.state.account(account_id) {
            Some(_) => Ok(()),
            None => {
                Err(faults::no_such_entity(format!("The account {account_id} cannot be found.")))
            }
        }
    }

    /// The operator may ask about everybody, others about their own account: a principal has no policy that could
    /// let another account in.
    fn permit(&self, power: Power, resource: &str, account: Option<&str>) -> Result<(), Fault> {
        if self.principal.is_operator() {
            return Ok(());
        }
        if self.principal.kind.is_none() {
            return Err(faults::invalid_client_token_id());
        }
        let Asker { state, principal, context, now_ms } = self;
        let view = View { state, principal, context, now_ms: *now_ms };
        let access = Access {
            resource_account: account.map(str::to_owned),
            ..Access::new(power.action(), resource)
        };
        authorize::authorize(&view, vec![access]).map_err(|refusal| refusal.fault)
    }
}
