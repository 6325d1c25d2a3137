//! GetContextKeysForCustomPolicy: lists the condition keys that the passed policies name.

use schema::Fault;
use schema::iam::v1::{
    GetContextKeysForCustomPolicyRequest, GetContextKeysForCustomPolicyResponse,
};

use super::passed;
use crate::{Access, Operation, Read, View};

impl Operation for GetContextKeysForCustomPolicyRequest {
    type Response = GetContextKeysForCustomPolicyResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:GetContextKeysForCustomPolicy")]
    }
}

impl Read for GetContextKeysForCustomPolicyRequest {
    fn read(&self, _view: &View<'_>) -> Result<GetContextKeysForCustomPolicyResponse, Fault> {
        let sources = passed("PolicyInputList", &self.policy_input_list)?;
        let context_key_names = policy::context_keys(sources.iter().map(|source| &*source.policy));
        Ok(GetContextKeysForCustomPolicyResponse { context_key_names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, assert_fault};

    #[test]
    fn keys_of_conditions_and_variables_are_told_once() {
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*",
            "Resource":"arn:aws:s3:::b/${aws:username}/*",
            "Condition":{"StringEquals":{"aws:UserName":"a","s3:prefix":"${aws:userid}"}}}}"#;
        let request = GetContextKeysForCustomPolicyRequest {
            policy_input_list: vec![document.to_owned(), document.to_owned()],
        };
        let answer = Cell::new().read(request).unwrap();
        assert_eq!(answer.context_key_names, ["aws:username", "s3:prefix", "aws:userid"]);
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_refused() {
        let request =
            GetContextKeysForCustomPolicyRequest { policy_input_list: vec!["{".to_owned()] };
        let message = "Invalid PolicyInputList.1: Syntax errors in policy.";
        assert_fault(Cell::new().read(request), "InvalidInput", message);
    }
}
