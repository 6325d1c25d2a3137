//! What the operator of a cell does: accounts and the AWS-named managed policies.

mod create_account;
mod delete_account;
mod list_accounts;
mod put_named_policy;
mod update_account;

use model::{Ack, v1};
use schema::{Fault, admin};

use crate::faults;
use crate::iam::timestamp;

/// An account as answers have it.
fn message(account: &v1::Account) -> admin::v1::Account {
    let set = |text: &String| (!text.is_empty()).then(|| text.clone());
    admin::v1::Account {
        account_id: account.account_id.clone(),
        email: account.email.clone(),
        name: set(&account.name),
        alias: set(&account.alias),
        create_date: Some(timestamp(account.created_ms)),
        ack: set(&account.ack),
    }
}

/// What an account's writes wait for, as it is kept; empty for nothing.
///
/// # Errors
/// `ValidationError` that names the accepted forms.
fn ack(text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let ack = Ack::parse(text).map(|ack| ack.to_string());
    ack.ok_or_else(|| faults::validation(format!("Ack must be one of: {}", Ack::FORMS)))
}

fn no_account(id: &str) -> Fault {
    faults::no_such_entity(format!("The account with id {id} cannot be found."))
}
