//! ListAccounts: lists accounts in the order of their ids.

use model::{AWS_ACCOUNT, Name};
use schema::Fault;
use schema::admin::v1::{ListAccountsRequest, ListAccountsResponse};

use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAccountsRequest {
    type Response = ListAccountsResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Read for ListAccountsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAccountsResponse, Fault> {
        let page = Page::new(view, "ListAccounts", self.marker.as_deref(), self.max_items)?;
        let accounts = view.state().accounts().filter(|account| account.id() != AWS_ACCOUNT);
        let accounts =
            accounts.map(|account| (Name::exact(account.id()), super::message(account.record())));
        let paged =
            page.take(accounts.filter(|(id, _)| page.after().is_none_or(|after| id > after)));
        Ok(ListAccountsResponse {
            accounts: paged.items,
            is_truncated: paged.is_truncated,
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell};

    #[test]
    fn accounts_are_listed_page_by_page() {
        let mut cell = Cell::new();
        cell.account("222222222222", "b@example.com");
        let list = |marker| {
            let request = ListAccountsRequest { marker, max_items: Some(1) };
            cell.read_as(&Cell::operator(), request).unwrap()
        };
        let first = list(None);
        assert_eq!((first.accounts[0].account_id.as_str(), first.is_truncated), (ACCOUNT, true));
        let second = list(first.marker);
        assert_eq!(second.accounts[0].email, "b@example.com");
        assert!(!second.is_truncated);
    }
}
