//! GetAccessKeyInfo: the account of any access key, read off its id.

use model::id;
use schema::Fault;
use schema::sts::v1::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};

use crate::{Access, Operation, Read, View, faults};

impl Operation for GetAccessKeyInfoRequest {
    type Response = GetAccessKeyInfoResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("sts:GetAccessKeyInfo")]
    }
}

impl Read for GetAccessKeyInfoRequest {
    fn read(&self, _view: &View<'_>) -> Result<GetAccessKeyInfoResponse, Fault> {
        match id::access_key_account(&self.access_key_id) {
            Some(account) => Ok(GetAccessKeyInfoResponse { account: Some(account) }),
            None => Err(faults::validation("Invalid Access Key ID")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    #[test]
    fn a_key_tells_its_account() {
        let cell = Cell::new();
        let request = GetAccessKeyInfoRequest { access_key_id: cell.root.access_key_id.clone() };
        assert_eq!(cell.read(request).unwrap().account(), ACCOUNT);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let request = GetAccessKeyInfoRequest { access_key_id: "AKIA-nothing-like-it".to_owned() };
        assert_fault(Cell::new().read(request), "ValidationError", "Invalid Access Key ID");
    }
}
