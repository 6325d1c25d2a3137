//! CreateAccount: makes an account with its root user and, on request, a root access key.

use model::{State, arn, id, v1};
use schema::Fault;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use sha2::{Digest, Sha256};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateAccountRequest {
    type Response = CreateAccountResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for CreateAccountRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateAccountResponse, Fault> {
        let account_id = account_id(self, txn.state());
        if txn.state().account(&account_id).is_some() {
            return Err(faults::already_exists(format!("Account {account_id} already exists.")));
        }
        if txn.state().account_of_email(&self.email).is_some() {
            let message = format!("An account with the email {} already exists.", self.email);
            return Err(faults::already_exists(message));
        }
        let account = v1::Account {
            account_id: account_id.clone(),
            name: self.name.clone().unwrap_or_default(),
            email: self.email.clone(),
            root_password_hash: self.root_password_hash.clone().unwrap_or_default(),
            created_ms: txn.now_ms(),
            ack: super::ack(self.ack())?,
            ..Default::default()
        };
        let response = CreateAccountResponse {
            account: Some(super::message(&account)),
            root_arn: arn::root(&account_id),
            ..Default::default()
        };
        txn.put(account);
        if !self.root_access_key {
            return Ok(response);
        }
        let key_id = id::access_key_id(&account_id, txn.revision());
        txn.put(v1::AccessKey {
            id: key_id.clone(),
            owner_id: account_id.clone(),
            active: true,
            secret: Some(txn.sealed_for(&account_id)?),
            created_ms: txn.now_ms(),
            account_id,
            ..Default::default()
        });
        Ok(CreateAccountResponse { access_key_id: Some(key_id), ..response })
    }

    fn secret_owner(&self, view: &View<'_>) -> Result<Option<String>, Fault> {
        Ok(self.root_access_key.then(|| account_id(self, view.state())))
    }

    fn reveal(response: &mut CreateAccountResponse, secret: &str) {
        response.secret_access_key = Some(secret.to_owned());
    }
}

/// The id asked for, or one drawn from the email: the front door that seals the root key's secret for the account
/// must know it before the entry has a revision.
fn account_id(request: &CreateAccountRequest, state: &State) -> String {
    if let Some(account_id) = &request.account_id {
        return account_id.clone();
    }
    let mut hash = Sha256::new();
    hash.update(state.cell().map(|cell| cell.cell_id.as_str()).unwrap_or_default());
    hash.update(request.email.to_ascii_lowercase());
    let hash: [u8; 32] = hash.finalize().into();
    let mut number =
        hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    loop {
        let account_id = format!("{:012}", 100_000_000_000 + number % 900_000_000_000);
        if state.account(&account_id).is_none() {
            return account_id;
        }
        number = number.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn account(email: &str) -> CreateAccountRequest {
        CreateAccountRequest {
            email: email.to_owned(),
            root_access_key: true,
            ..Default::default()
        }
    }

    #[test]
    fn an_account_comes_with_its_root() {
        let mut cell = Cell::new();
        let made = cell.write_as(&Cell::operator(), account("a@example.com")).unwrap();
        let account_id = made.account.clone().unwrap().account_id;
        assert_eq!(account_id.len(), 12);
        assert_eq!(made.root_arn, format!("arn:aws:iam::{account_id}:root"));
        assert_eq!(id::access_key_account(made.access_key_id()), Some(account_id));
    }

    #[test]
    fn an_email_belongs_to_one_account() {
        let mut cell = Cell::new();
        cell.write_as(&Cell::operator(), account("a@example.com")).unwrap();
        assert_fault(
            cell.write_as(&Cell::operator(), account("A@example.com")),
            "EntityAlreadyExists",
            "An account with the email A@example.com already exists.",
        );
    }

    #[test]
    fn only_the_operator_makes_accounts() {
        let mut cell = Cell::new();
        assert_fault(
            cell.write(account("b@example.com")),
            "AccessDenied",
            "Only the operator's credential may do this.",
        );
    }
}
