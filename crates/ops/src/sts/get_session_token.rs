//! GetSessionToken: temporary credentials with the caller's own rights.
//!
//! Needs no permission. Without MFA they open nothing of IAM, and of STS only AssumeRole and GetCallerIdentity.

use model::v1::{self, session};
use schema::Fault;
use schema::sts::v1::{Credentials, GetSessionTokenRequest, GetSessionTokenResponse};

use super::assume_role::check_mfa;
use crate::{Access, Mint, Operation, View};

const DEFAULT_S: u64 = 43_200;
/// Root's sessions last an hour at most, whatever is asked for.
const ROOT_MAX_S: u64 = 3_600;

impl Operation for GetSessionTokenRequest {
    type Response = GetSessionTokenResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_mfa(self.serial_number.as_deref(), self.token_code.as_deref())
    }

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Mint for GetSessionTokenRequest {
    fn mint(&self, view: &View<'_>) -> Result<(v1::Session, GetSessionTokenResponse), Fault> {
        let principal = view.principal();
        let asked = self.duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let limit = if principal.is_root() { ROOT_MAX_S } else { u64::MAX };
        let duration_s = asked.unwrap_or(DEFAULT_S).min(limit);
        let session = v1::Session {
            account_id: principal.account_id.clone(),
            issued_ms: view.now_ms(),
            expires_ms: view.now_ms().saturating_add(duration_s.saturating_mul(1000)),
            subject: Some(session::Subject::User(v1::UserSession {
                owner_id: principal.unique_id.clone(),
                parent_key_id: principal.access_key_id.clone(),
            })),
            ..Default::default()
        };
        Ok((session, GetSessionTokenResponse::default()))
    }

    fn deliver(response: &mut GetSessionTokenResponse, credentials: Credentials) {
        response.credentials = Some(credentials);
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{ListUsersRequest, UpdateAccessKeyRequest};
    use schema::sts::v1::GetCallerIdentityRequest;

    use super::*;
    use crate::testing::{Cell, NOW_MS, allow, assert_fault};

    const INVALID: &str = "The security token included in the request is invalid.";

    #[test]
    fn the_session_is_the_user_but_opens_nothing_of_iam() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("*", "*"));
        let (session, _) = cell.mint_as(&caller, GetSessionTokenRequest::default()).unwrap();
        let identity = |caller| cell.read_as(caller, GetCallerIdentityRequest {}).unwrap();
        assert_eq!(identity(&session), identity(&caller));
        let listed = cell.read_as(&session, ListUsersRequest::default());
        assert_fault(listed, "InvalidClientTokenId", INVALID);
        assert_fault(
            cell.mint_as(&session, GetSessionTokenRequest::default()),
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        );
    }

    #[test]
    fn it_ends_with_the_key_that_asked_for_it() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let (session, _) = cell.mint_as(&caller, GetSessionTokenRequest::default()).unwrap();
        cell.write(UpdateAccessKeyRequest {
            user_name: Some("alice".to_owned()),
            access_key_id: caller.access_key_id.clone(),
            status: "Inactive".to_owned(),
        })
        .unwrap();
        let asked = cell.read_as(&session, GetCallerIdentityRequest {});
        assert_fault(asked, "InvalidClientTokenId", INVALID);
    }

    #[test]
    fn roots_session_lasts_an_hour() {
        let cell = Cell::new();
        let request =
            GetSessionTokenRequest { duration_seconds: Some(43_200), ..Default::default() };
        let (session, _) = cell.mint_as(&cell.root, request).unwrap();
        let Some(v1::caller::Kind::Session(session)) = session.kind else { panic!("a session") };
        assert_eq!(session.expires_ms, NOW_MS + 3_600_000);
    }
}
