//! GetCallerIdentity: says who the caller is. Needs no permission, and no policy can deny it.

use schema::Fault;
use schema::sts::v1::{GetCallerIdentityRequest, GetCallerIdentityResponse};

use crate::{Access, Operation, Read, View};

impl Operation for GetCallerIdentityRequest {
    type Response = GetCallerIdentityResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Read for GetCallerIdentityRequest {
    fn read(&self, view: &View<'_>) -> Result<GetCallerIdentityResponse, Fault> {
        let principal = view.principal();
        Ok(GetCallerIdentityResponse {
            user_id: Some(principal.user_id.clone()),
            account: Some(principal.account_id.clone()),
            arn: Some(principal.arn.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACCOUNT, Cell};

    const DENY_ALL: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

    #[test]
    fn a_user_knows_itself_even_when_everything_is_denied() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", DENY_ALL);
        let identity = cell.read_as(&caller, GetCallerIdentityRequest {}).unwrap();
        assert_eq!(identity.arn(), format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        assert!(identity.user_id().starts_with("AIDA"));
    }

    #[test]
    fn root_is_its_account() {
        let identity = Cell::new().read(GetCallerIdentityRequest {}).unwrap();
        assert_eq!((identity.user_id(), identity.account()), (ACCOUNT, ACCOUNT));
    }
}
