//! ListAccountAliases: lists the account's alias; an account has at most one.

use schema::Fault;
use schema::iam::v1::{ListAccountAliasesRequest, ListAccountAliasesResponse};

use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAccountAliasesRequest {
    type Response = ListAccountAliasesResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:ListAccountAliases")]
    }
}

impl Read for ListAccountAliasesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAccountAliasesResponse, Fault> {
        let page = Page::new(view, "ListAccountAliases", self.marker.as_deref(), self.max_items)?;
        let alias = view.account().alias().map(|alias| (alias.clone(), alias.to_string()));
        let paged = page.take_sorted(alias);
        Ok(ListAccountAliasesResponse {
            account_aliases: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateAccountAliasRequest;

    use super::*;
    use crate::testing::{Cell, assert_fault};

    #[test]
    fn none_at_first_and_one_at_most() {
        let mut cell = Cell::new();
        let list = |cell: &Cell| cell.read(ListAccountAliasesRequest::default()).unwrap();
        assert_eq!(list(&cell).account_aliases, Vec::<String>::new());
        cell.write(CreateAccountAliasRequest { account_alias: "mine".to_owned() }).unwrap();
        let listed = list(&cell);
        assert_eq!(
            (listed.account_aliases[0].as_str(), listed.is_truncated),
            ("mine", Some(false))
        );
    }

    #[test]
    fn a_marker_that_was_not_issued_is_refused() {
        let request =
            ListAccountAliasesRequest { marker: Some("junk".to_owned()), ..Default::default() };
        assert_fault(Cell::new().read(request), "ValidationError", "Invalid Marker.");
    }
}
