//! What the operator of a cell does: accounts and the AWS-named managed policies.

mod create_account;
mod delete_account;
mod list_accounts;
mod put_named_policy;

use model::v1;
use schema::admin;

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
    }
}
