//! Whether an account is still what it was.

use std::sync::{Arc, Weak};

use crate::state::Accounts;
use crate::{Account, State};

/// An account as a state had it. It keeps nothing alive but the place in memory, so that no other account can take it.
#[derive(Clone, Debug)]
pub struct AccountMark {
    id: String,
    /// `None`: there was none.
    account: Option<Weak<Account>>,
}

impl AccountMark {
    /// Marks an account of a state.
    pub fn new(state: &State, account_id: &str) -> Self {
        let account = state.shared_account(account_id).map(Arc::downgrade);
        AccountMark { id: account_id.to_owned(), account }
    }

    /// Whether a state has the very same account, with all its entities, or still has none.
    ///
    /// INVARIANT: an account changes by `Arc::make_mut` alone, which moves what is marked before it changes it.
    pub fn is_of(&self, state: &State) -> bool {
        let now = state.shared_account(&self.id).map(Arc::as_ptr);
        now == self.account.as_ref().map(Weak::as_ptr)
    }
}

/// All accounts of a state as they were once. Like [`AccountMark`], it keeps nothing of them in memory.
pub struct StateMark(Weak<Accounts>);

impl StateMark {
    /// Marks the accounts of a state.
    pub fn new(state: &State) -> Self {
        StateMark(Arc::downgrade(state.shared_accounts()))
    }

    /// Whether a state has the very same accounts. `false` tells nothing.
    ///
    /// INVARIANT: the accounts change by `Arc::make_mut` alone, which moves what is marked before it changes it.
    #[inline]
    pub fn is_of(&self, state: &State) -> bool {
        Arc::as_ptr(state.shared_accounts()) == self.0.as_ptr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, v1};

    #[test]
    fn every_change_of_the_account_and_no_other_is_seen() {
        let account_id = || "123456789012".to_owned();
        let account = v1::Account { account_id: account_id(), ..Default::default() };
        let other = v1::Account { account_id: "210987654321".to_owned(), ..Default::default() };
        let user = |tag: &str| v1::User {
            account_id: account_id(),
            name: "a".to_owned(),
            id: tag.to_owned(),
            ..Default::default()
        };
        let none = AccountMark::new(&State::default(), &account_id());
        let mut state = State::restore(1, 0, [account.into_entity()]).unwrap();
        assert!(none.is_of(&State::default()) && !none.is_of(&state));
        for change in 0..10 {
            // Nobody else holds the state: what is not marked would be changed in place.
            let mark = AccountMark::new(&state, &account_id());
            let whole = StateMark::new(&state);
            assert!(mark.is_of(&state) && mark.is_of(&state.clone().advanced(9, 9)));
            assert!(whole.is_of(&state) && whole.is_of(&state.clone().advanced(9, 9)));
            state.put(other.clone().into_entity()).unwrap();
            assert!(mark.is_of(&state), "another account");
            assert!(!whole.is_of(&state), "any account");
            state.put(user(&format!("AIDA{change}")).into_entity()).unwrap();
            assert!(!mark.is_of(&state), "{change}");
        }
    }
}
