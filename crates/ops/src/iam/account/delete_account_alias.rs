//! DeleteAccountAlias: takes the account's alias away.

use schema::Fault;
use schema::iam::v1::{DeleteAccountAliasRequest, DeleteAccountAliasResponse};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeleteAccountAliasRequest {
    type Response = DeleteAccountAliasResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:DeleteAccountAlias")]
    }
}

impl Write for DeleteAccountAliasRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteAccountAliasResponse, Fault> {
        let mut account = txn.account().record().clone();
        // The alias must be named: a stale name takes no other alias away.
        if account.alias != self.account_alias {
            return Err(faults::no_such_entity(format!(
                "The account alias with name {} cannot be found.",
                self.account_alias
            )));
        }
        account.alias.clear();
        txn.put(account);
        Ok(DeleteAccountAliasResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateAccountAliasRequest, ListAccountAliasesRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn delete(alias: &str) -> DeleteAccountAliasRequest {
        DeleteAccountAliasRequest { account_alias: alias.to_owned() }
    }

    #[test]
    fn an_alias_goes_by_its_name_only() {
        let mut cell = Cell::new();
        cell.write(CreateAccountAliasRequest { account_alias: "mine".to_owned() }).unwrap();
        let message = "The account alias with name other cannot be found.";
        assert_fault(cell.write(delete("other")), "NoSuchEntity", message);
        cell.write(delete("mine")).unwrap();
        let message = "The account alias with name mine cannot be found.";
        assert_fault(cell.write(delete("mine")), "NoSuchEntity", message);
        let listed = cell.read(ListAccountAliasesRequest::default()).unwrap();
        assert_eq!(listed.account_aliases, Vec::<String>::new());
    }

    #[test]
    fn another_accounts_alias_is_out_of_reach() {
        let mut cell = Cell::new();
        let other = cell.account("999999999999", "other@example.com");
        cell.write(CreateAccountAliasRequest { account_alias: "mine".to_owned() }).unwrap();
        let message = "The account alias with name mine cannot be found.";
        assert_fault(cell.write_as(&other, delete("mine")), "NoSuchEntity", message);
    }
}
