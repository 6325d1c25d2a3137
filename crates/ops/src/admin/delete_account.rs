//! DeleteAccount: deletes an account with everything in it.

use model::AWS_ACCOUNT;
use schema::Fault;
use schema::admin::v1::{DeleteAccountRequest, DeleteAccountResponse};

use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteAccountRequest {
    type Response = DeleteAccountResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for DeleteAccountRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteAccountResponse, Fault> {
        // The account of the AWS-named policies is the cell's own.
        let account = txn.state().account(&self.account_id).filter(|it| it.id() != AWS_ACCOUNT);
        let account = account.ok_or_else(|| super::no_account(&self.account_id))?;
        let record = account.record().clone();
        txn.delete(&record);
        Ok(DeleteAccountResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::sts::v1::GetCallerIdentityRequest;

    use super::*;
    use crate::testing::{Cell, assert_fault};

    #[test]
    fn the_aws_named_policies_stay() {
        assert_fault(
            Cell::new()
                .write_as(&Cell::operator(), DeleteAccountRequest { account_id: "aws".to_owned() }),
            "NoSuchEntity",
            "The account with id aws cannot be found.",
        );
    }

    #[test]
    fn its_keys_go_with_it() {
        let mut cell = Cell::new();
        let root = cell.account("222222222222", "b@example.com");
        let delete = || DeleteAccountRequest { account_id: "222222222222".to_owned() };
        cell.write_as(&Cell::operator(), delete()).unwrap();
        assert_fault(
            cell.read_as(&root, GetCallerIdentityRequest {}),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
        assert_fault(
            cell.write_as(&Cell::operator(), delete()),
            "NoSuchEntity",
            "The account with id 222222222222 cannot be found.",
        );
        cell.account("222222222222", "b@example.com");
    }
}
