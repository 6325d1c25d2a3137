//! GetContextKeysForPrincipalPolicy: lists the condition keys that the policies of a user, group or role name.

use schema::Fault;
use schema::iam::v1::{
    GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPrincipalPolicyResponse,
};

use super::{entity, passed};
use crate::{Access, Operation, Read, View};

impl Operation for GetContextKeysForPrincipalPolicyRequest {
    type Response = GetContextKeysForPrincipalPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        entity::check_arn(&self.policy_source_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![entity::access("iam:GetContextKeysForPrincipalPolicy", view, &self.policy_source_arn)]
    }
}

impl Read for GetContextKeysForPrincipalPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetContextKeysForPrincipalPolicyResponse, Fault> {
        let entity = entity::find(view, &self.policy_source_arn, &[])?;
        let given = passed("PolicyInputList", &self.policy_input_list)?;
        // A simulation asks the boundary, too.
        let sources = entity.policies.iter().chain(&entity.boundary).chain(&given);
        let context_key_names = policy::context_keys(sources.map(|source| &*source.policy));
        Ok(GetContextKeysForPrincipalPolicyResponse { context_key_names })
    }
}
