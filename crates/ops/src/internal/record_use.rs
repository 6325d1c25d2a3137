//! RecordUse: records when keys and roles were last used, as the front doors saw it.

use model::v1;
use schema::Fault;
use schema::internal::v1::{RecordUseRequest, RecordUseResponse, Use};

use crate::{Access, Operation, Txn, View, Write};

impl Operation for RecordUseRequest {
    type Response = RecordUseResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for RecordUseRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<RecordUseResponse, Fault> {
        // Of several uses of one thing, the latest is put last.
        let mut uses: Vec<&Use> = self.uses.iter().collect();
        uses.sort_by_key(|used| used.time_ms);
        uses.into_iter().for_each(|used| record(txn, used));
        Ok(RecordUseResponse {})
    }
}

/// What is gone by now is passed over; an older use never takes the place of a newer one.
fn record(txn: &mut Txn<'_>, used: &Use) {
    let Some(account) = txn.state().account(&used.account_id) else { return };
    let last_used = v1::LastUsed {
        time_ms: used.time_ms,
        region: used.region.clone(),
        service: used.service.clone(),
    };
    let newer = |known: &Option<v1::LastUsed>| {
        known.as_ref().is_none_or(|known| known.time_ms < used.time_ms)
    };
    if let Some(key) = account.keys().get(used.id.as_str()).filter(|key| newer(&key.last_used)) {
        let key = v1::AccessKey { last_used: Some(last_used), ..key.record().clone() };
        txn.put(key);
    } else if let Some(role) = account.role_by_id(&used.id).filter(|role| newer(&role.last_used)) {
        let role = v1::Role { last_used: Some(last_used), ..role.record().clone() };
        txn.put(role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell, system};

    #[test]
    fn the_latest_use_counts() {
        let mut cell = Cell::new();
        let id = cell.root.access_key_id.clone();
        for time_ms in [5, 9, 7] {
            let used = Use {
                id: id.clone(),
                account_id: ACCOUNT.to_owned(),
                time_ms,
                ..Default::default()
            };
            cell.write_as(&system(), RecordUseRequest { uses: vec![used] }).unwrap();
        }
        let latest = |cell: &Cell| {
            let (_, key) = cell.state.access_key(&id).unwrap();
            key.last_used.as_ref().map(|used| used.time_ms)
        };
        assert_eq!(latest(&cell), Some(9));
        let uses = [11, 13, 12].map(|time_ms| Use {
            id: id.clone(),
            account_id: ACCOUNT.to_owned(),
            time_ms,
            ..Default::default()
        });
        cell.write_as(&system(), RecordUseRequest { uses: uses.into() }).unwrap();
        assert_eq!(latest(&cell), Some(13));
    }
}
