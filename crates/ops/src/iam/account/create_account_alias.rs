//! CreateAccountAlias: gives the account an alias, in place of the one it has.

use schema::Fault;
use schema::iam::v1::{CreateAccountAliasRequest, CreateAccountAliasResponse};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateAccountAliasRequest {
    type Response = CreateAccountAliasResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:CreateAccountAlias")]
    }
}

impl Write for CreateAccountAliasRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateAccountAliasResponse, Fault> {
        let alias = &self.account_alias;
        // Twelve digits would be taken for an account's id where people sign in.
        if alias.len() == 12 && alias.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(faults::validation("An account alias cannot be twelve digits."));
        }
        if txn.state().account_of_alias(alias).is_some() {
            return Err(faults::already_exists(format!(
                "The account alias {alias} already exists."
            )));
        }
        let mut account = txn.account().record().clone();
        account.alias.clone_from(alias);
        txn.put(account);
        Ok(CreateAccountAliasResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::ListAccountAliasesRequest;

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn create(alias: &str) -> CreateAccountAliasRequest {
        CreateAccountAliasRequest { account_alias: alias.to_owned() }
    }

    #[test]
    fn a_second_alias_takes_the_place_of_the_first_and_frees_it() {
        let mut cell = Cell::new();
        let other = cell.account("999999999999", "other@example.com");
        cell.write(create("first")).unwrap();
        cell.write(create("second")).unwrap();
        let listed = cell.read(ListAccountAliasesRequest::default()).unwrap();
        assert_eq!(listed.account_aliases, ["second"]);
        cell.write_as(&other, create("first")).unwrap();
        assert_eq!(cell.state.account_of_alias("second").unwrap().id(), ACCOUNT);
    }

    #[test]
    fn an_alias_is_one_accounts_in_the_whole_cell() {
        let mut cell = Cell::new();
        let other = cell.account("999999999999", "other@example.com");
        cell.write(create("mine")).unwrap();
        let message = "The account alias mine already exists.";
        assert_fault(cell.write_as(&other, create("mine")), "EntityAlreadyExists", message);
        assert_fault(cell.write(create("mine")), "EntityAlreadyExists", message);
    }

    #[test]
    fn an_alias_is_not_an_account_id() {
        assert_eq!(Cell::new().write(create(ACCOUNT)).unwrap_err().code, "ValidationError");
    }

    #[test]
    fn the_right_is_asked_for_on_everything() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:CreateAccountAlias", "arn:aws:iam::*:user/*"));
        assert_fault(
            cell.write_as(&caller, create("mine")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:CreateAccountAlias on resource: * because no identity-based policy allows \
                 the iam:CreateAccountAlias action"
            ),
        );
    }
}
