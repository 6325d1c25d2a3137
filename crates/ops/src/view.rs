//! What a reading operation sees: a state, who asks, and when.

use std::sync::Arc;

use model::managed::Versions;
use model::{Account, State, Stored, v1};
use schema::Fault;

use crate::Principal;
use crate::faults;

/// A state as one caller sees it at one moment.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) principal: &'a Principal,
    pub(crate) context: &'a v1::RequestContext,
    pub(crate) now_ms: u64,
}

impl<'a> View<'a> {
    /// The whole state; operations look at other accounts only where AWS does (roles, AWS-named policies).
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// Who asks.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// The caller's account.
    pub fn account(&self) -> &'a Account {
        // INVARIANT: principals are resolved only in accounts that exist, and operations of IAM and STS are
        // dispatched only for principals of accounts.
        self.state.account(&self.principal.account_id).expect("the caller's account exists")
    }

    /// What the front door saw of the request.
    pub fn context(&self) -> &'a v1::RequestContext {
        self.context
    }

    /// Now, milliseconds since the Unix epoch: the stamp's time inside an entry, the front door's on reads.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// A managed policy that this account may attach: one of its own, or an AWS-named one.
    pub fn attachable(&self, policy_arn: &str) -> Option<&'a Arc<Stored<v1::ManagedPolicy>>> {
        let policy = self.state.managed_policy(policy_arn)?;
        (policy.is_aws() || policy.account_id == self.principal.account_id).then_some(policy)
    }

    /// The user that a request means: the named one, or the calling user where the name is left out.
    ///
    /// # Errors
    /// `NoSuchEntity`, or `ValidationError` when the caller is no user and none is named.
    pub fn user_name(&self, name: Option<&str>) -> Result<String, Fault> {
        match (name, &self.principal.user) {
            (Some(name), _) => Ok(name.to_owned()),
            (None, Some(user)) => Ok(user.name.clone()),
            (None, None) => Err(faults::must_specify_user_name()),
        }
    }
}
