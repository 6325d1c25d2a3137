//! DecodeAuthorizationMessage: why a call was refused, out of the message that came with the refusal.
//!
//! The front door, which has the keys, opens the message and hands it over in the place of the sealed one: account,
//! a line feed, and the explanation. What does not open it hands over as nothing.
//!
//! Source: STS API reference, "DecodeAuthorizationMessage".

use schema::sts::v1::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use schema::{Fault, code};

use crate::{Access, Operation, Read, View};

impl Operation for DecodeAuthorizationMessageRequest {
    type Response = DecodeAuthorizationMessageResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("sts:DecodeAuthorizationMessage")]
    }
}

impl Read for DecodeAuthorizationMessageRequest {
    fn read(&self, view: &View<'_>) -> Result<DecodeAuthorizationMessageResponse, Fault> {
        match self.encoded_message.split_once('\n') {
            Some((account_id, message)) if account_id == view.account().id() => {
                Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(message.to_owned()) })
            }
            // Of another account's message not even that it is one is told.
            _ => Err(Fault::new(
                code::INVALID_AUTHORIZATION_MESSAGE_EXCEPTION,
                "Message is not valid.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachUserPolicyRequest, CreatePolicyRequest, GetUserRequest};
    use schema::sts::v1::GetSessionTokenRequest;

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    #[test]
    fn a_message_is_for_its_account_alone() {
        let mut cell = Cell::new();
        let other = cell.account("222222222222", "other@example.com");
        let request =
            DecodeAuthorizationMessageRequest { encoded_message: format!("{ACCOUNT}\n{{}}") };
        assert_eq!(cell.read(request.clone()).unwrap().decoded_message(), "{}");
        let refused = cell.read_as(&other, request);
        assert_fault(refused, "InvalidAuthorizationMessageException", "Message is not valid.");
        let nothing = DecodeAuthorizationMessageRequest::default();
        let refused = cell.read(nothing);
        assert_fault(refused, "InvalidAuthorizationMessageException", "Message is not valid.");
    }

    #[test]
    fn a_refusal_tells_what_failed() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        cell.allow(
            "alice",
            r#"{"Version":"2012-10-17","Statement":{"Sid":"Office","Effect":"Allow","Action":"iam:*","Resource":"*",
            "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#,
        );
        let request = GetUserRequest { user_name: Some("alice".to_owned()) };
        let call = cell.call(&alice, &request);
        let refused = crate::read(&cell.state, &call).expect_err("not allowed");
        let denial = refused.denial.unwrap();
        assert_eq!(denial.account_id, ACCOUNT);
        for part in [
            r#""allowed":false,"#,
            r#""explicitDeny":false,"#,
            r#""decidedBy":"identity""#,
            r#""policyName":"allow","policyType":"identity","statementId":"Office","statementIndex":0"#,
            r#""wanted":{"items":[{"value":"10.0.0.0/8"}]}"#,
            r#""got":{"items":[{"value":"192.0.2.1"}]}"#,
            r#""action":"iam:GetUser""#,
            r#"{"key":"aws:username","values":{"items":[{"value":"alice"}]}}"#,
        ] {
            assert!(denial.message.contains(part), "{part} in {}", denial.message);
        }
        // What a standing rule refuses, no policy explains.
        let (session, _) = cell.mint_as(&alice, GetSessionTokenRequest::default()).unwrap();
        let again = cell.call(&session, &GetSessionTokenRequest::default());
        let refused = crate::mint(&cell.state, &again).err().expect("not from a session");
        assert!(refused.denial.is_none(), "{refused:?}");
    }

    #[test]
    fn a_managed_policy_is_named() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        let policy = CreatePolicyRequest {
            policy_name: "freeze".to_owned(),
            policy_document: allow("iam:*", "*").replace("Allow", "Deny"),
            ..Default::default()
        };
        let arn = cell.write(policy).unwrap().policy.unwrap().arn.unwrap();
        let attach =
            AttachUserPolicyRequest { user_name: "alice".to_owned(), policy_arn: arn.clone() };
        cell.write(attach).unwrap();
        let call = cell.call(&alice, &GetUserRequest { user_name: Some("alice".to_owned()) });
        let message =
            crate::read(&cell.state, &call).expect_err("not allowed").denial.unwrap().message;
        for part in [r#""decidedBy":"identity""#, &format!(r#""policyArn":"{arn}""#)] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
}
