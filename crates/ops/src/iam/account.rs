//! The account itself: its alias, its figures, and everything in it at once.

mod create_account_alias;
mod delete_account_alias;
mod detail;
mod get_account_authorization_details;
mod get_account_summary;
mod list_account_aliases;
