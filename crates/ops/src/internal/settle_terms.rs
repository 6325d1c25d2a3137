//! SettleTerms: no node decides by a view from before a change of the terms any more.

use schema::Fault;
use schema::internal::v1::{SettleTermsRequest, SettleTermsResponse};

use crate::{Access, Operation, Txn, View, Write};

impl Operation for SettleTermsRequest {
    type Response = SettleTermsResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for SettleTermsRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<SettleTermsResponse, Fault> {
        // Terms that were changed once more wait for that change.
        let cell = txn.state().cell().filter(|cell| cell.terms_revision == self.revision);
        if let Some(mut settled) = cell.filter(|cell| cell.counted.is_some()).cloned() {
            settled.counted = None;
            txn.put(settled);
        }
        Ok(SettleTermsResponse {})
    }
}
