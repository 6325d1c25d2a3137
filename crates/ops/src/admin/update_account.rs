//! UpdateAccount: changes what is said of an account.

use model::AWS_ACCOUNT;
use schema::Fault;
use schema::admin::v1::{UpdateAccountRequest, UpdateAccountResponse};

use crate::{Access, Operation, Txn, View, Write};

impl Operation for UpdateAccountRequest {
    type Response = UpdateAccountResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for UpdateAccountRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateAccountResponse, Fault> {
        let account = txn.state().account(&self.account_id).filter(|it| it.id() != AWS_ACCOUNT);
        let account = account.ok_or_else(|| super::no_account(&self.account_id))?;
        let mut record = account.record().clone();
        if let Some(ack) = &self.ack {
            record.ack = super::ack(ack)?;
        }
        let account = Some(super::message(&record));
        txn.put(record);
        Ok(UpdateAccountResponse { account })
    }
}

#[cfg(test)]
mod tests {
    use model::{Ack, Level};
    use schema::iam::v1::CreateUserRequest;

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn update(ack: Option<&str>) -> UpdateAccountRequest {
        UpdateAccountRequest { account_id: ACCOUNT.to_owned(), ack: ack.map(str::to_owned) }
    }

    #[test]
    fn what_is_left_out_stays() {
        let mut cell = Cell::new();
        let told = |cell: &mut Cell, ack| {
            let updated = cell.write_as(&Cell::operator(), update(ack)).unwrap();
            updated.account.unwrap().ack
        };
        assert_eq!(told(&mut cell, None), None);
        assert_eq!(told(&mut cell, Some("zone=b")).as_deref(), Some("zone=b"));
        assert_eq!(told(&mut cell, None).as_deref(), Some("zone=b"));
        assert_eq!(told(&mut cell, Some("")), None);
    }

    #[test]
    fn levels_and_accounts_must_exist() {
        let mut cell = Cell::new();
        assert_fault(
            cell.write_as(&Cell::operator(), update(Some("most"))),
            "ValidationError",
            "Ack must be one of: committed, replicas=<number>, zone=<name>, all",
        );
        for account_id in ["999999999999", AWS_ACCOUNT] {
            let request = UpdateAccountRequest { account_id: account_id.to_owned(), ack: None };
            assert_fault(
                cell.write_as(&Cell::operator(), request),
                "NoSuchEntity",
                &format!("The account with id {account_id} cannot be found."),
            );
        }
    }

    #[test]
    fn an_entry_says_what_its_account_waits_for() {
        let mut cell = Cell::new();
        let mut waits_for = |ack: Option<&str>, name: &str| {
            cell.write_as(&Cell::operator(), update(ack)).unwrap();
            let user_name = name.to_owned();
            cell.write(CreateUserRequest { user_name, ..Default::default() }).unwrap();
            cell.ack.clone()
        };
        assert_eq!(waits_for(None, "ann"), None);
        assert_eq!(waits_for(Some("all"), "bob"), Some(Ack::Visible(Level::All)));
        assert_eq!(waits_for(Some("committed"), "cid"), Some(Ack::Committed));
        assert_eq!(waits_for(Some(""), "dan"), None);
    }
}
