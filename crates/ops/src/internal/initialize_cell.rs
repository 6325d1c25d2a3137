//! InitializeCell: gives the cell its id, its operator key and the AWS-named managed policies. Once.

use model::id::{self, Prefix};
use model::managed::{BUILT_IN, NamedPolicy};
use model::{AWS_ACCOUNT, v1};
use schema::Fault;
use schema::internal::v1::{InitializeCellRequest, InitializeCellResponse};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for InitializeCellRequest {
    type Response = InitializeCellResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for InitializeCellRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<InitializeCellResponse, Fault> {
        if txn.state().cell().is_some() {
            return Err(faults::already_exists("The cell is initialized already."));
        }
        super::check_terms(self.max_staleness_ms, self.clock_drift_ppm)?;
        let created_ms = txn.now_ms();
        let cell_id = id::cell_id(txn.seed());
        txn.put(v1::Cell {
            cell_id: cell_id.clone(),
            created_ms,
            max_staleness_ms: self.max_staleness_ms.unwrap_or_default(),
            clock_drift_ppm: self.clock_drift_ppm.unwrap_or_default(),
            ..Default::default()
        });
        txn.put(v1::OperatorKey {
            access_key_id: self.operator_key_id.clone(),
            secret: Some(txn.sealed_for(&self.operator_key_id)?),
            created_ms,
            description: "made with the cell".to_owned(),
        });
        txn.put(v1::Account {
            account_id: AWS_ACCOUNT.to_owned(),
            name: "AWS-named managed policies".to_owned(),
            created_ms,
            ..Default::default()
        });
        for named in BUILT_IN {
            put(txn, named);
        }
        Ok(InitializeCellResponse { cell_id })
    }

    fn secret_owner(&self, _view: &View<'_>) -> Result<Option<String>, Fault> {
        Ok(Some(self.operator_key_id.clone()))
    }
}

fn put(txn: &mut Txn<'_>, named: &NamedPolicy) {
    let (now_ms, id) = (txn.now_ms(), txn.new_id(Prefix::ManagedPolicy));
    txn.put(v1::ManagedPolicy {
        account_id: AWS_ACCOUNT.to_owned(),
        name: named.name.to_owned(),
        path: named.path.to_owned(),
        id,
        created_ms: now_ms,
        updated_ms: now_ms,
        description: Some(named.description.to_owned()),
        versions: vec![v1::PolicyVersion {
            number: 1,
            document: named.document.to_owned(),
            created_ms: now_ms,
        }],
        default_version: 1,
        next_version: 2,
        ..Default::default()
    });
}

#[cfg(test)]
mod tests {
    use policy::{Kind, Policy};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    #[test]
    fn a_cell_is_born_once() {
        let mut cell = Cell::new();
        assert_eq!(cell.state.cell().map(|cell| cell.cell_id.len()), Some(26));
        assert!(cell.state.managed_policy("arn:aws:iam::aws:policy/AdministratorAccess").is_some());
        assert!(
            cell.state.managed_policy("arn:aws:iam::aws:policy/job-function/Billing").is_some()
        );
        let again =
            InitializeCellRequest { operator_key_id: "BWOPOTHER".to_owned(), ..Default::default() };
        let message = "The cell is initialized already.";
        assert_fault(
            cell.write_as(&crate::testing::system(), again),
            "EntityAlreadyExists",
            message,
        );
    }

    #[test]
    fn every_built_in_document_is_valid() {
        for named in BUILT_IN {
            let parsed = Policy::parse(named.document, Kind::Identity);
            assert!(parsed.is_ok(), "{}: {:?}", named.name, parsed.err());
        }
    }
}
