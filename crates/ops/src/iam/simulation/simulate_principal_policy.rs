//! SimulatePrincipalPolicy: decides made-up requests with the policies of a user, group or role.

use policy::Context;
use schema::Fault;
use schema::iam::v1::{SimulatePrincipalPolicyRequest, SimulatePrincipalPolicyResponse};

use super::caller::Caller;
use super::subject::Subject;
use super::trial::{self, Trial, Wanted};
use super::{entity, entries, one_boundary, passed};
use crate::{Access, Operation, Read, View};

impl Operation for SimulatePrincipalPolicyRequest {
    type Response = SimulatePrincipalPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        entity::check_arn(&self.policy_source_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![entity::access("iam:SimulatePrincipalPolicy", view, &self.policy_source_arn)]
    }
}

impl Read for SimulatePrincipalPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<SimulatePrincipalPolicyResponse, Fault> {
        let handling = self.resource_handling_option.as_deref();
        let resources = trial::resources(&self.action_names, &self.resource_arns, handling)?;
        let entity = entity::find(view, &self.policy_source_arn, &self.policy_exclusion_list)?;
        let source_arn = entity.is_caller.then_some(self.policy_source_arn.as_str());
        // Whoever asks does it with the entity's policies: "as if Bob had David's policies".
        let caller = Caller::of(
            view,
            self.caller_arn.as_deref().or(source_arn),
            self.resource_policy.is_some(),
        )?;
        let mut context = Context::new();
        caller.keys(&mut context);
        for tag in &entity.tags {
            context.set(&format!("aws:PrincipalTag/{}", tag.key), &tag.value);
        }
        entries::put(&self.context_entries, &mut context)?;
        let mut identity = entity.policies;
        identity.extend(passed("PolicyInputList", &self.policy_input_list)?);
        let trial = Trial {
            actions: &self.action_names,
            resources,
            subject: Subject::new(
                self.resource_policy.as_deref(),
                self.resource_owner.as_deref(),
                &caller,
            )?,
            caller,
            identity,
            boundary: one_boundary(&self.permissions_boundary_policy_input_list)?
                .or(entity.boundary),
            scps: Vec::new(),
            context,
        };
        let wanted = Wanted {
            operation: "SimulatePrincipalPolicy",
            marker: self.marker.as_deref(),
            max_items: self.max_items,
        };
        let paged = trial.run(view, &wanted)?;
        Ok(SimulatePrincipalPolicyResponse {
            evaluation_results: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, AttachUserPolicyRequest, CreateGroupRequest, EvaluationResult,
        InlinePolicyIdentifierType, PolicyIdentifier, PutGroupPolicyRequest,
        PutUserPermissionsBoundaryRequest, TagUserRequest,
    };

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";

    fn of(kind_and_name: &str, actions: &[&str]) -> SimulatePrincipalPolicyRequest {
        SimulatePrincipalPolicyRequest {
            policy_source_arn: format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}"),
            action_names: actions.iter().map(|action| (*action).to_owned()).collect(),
            ..Default::default()
        }
    }

    /// A user with an inline policy, a managed one, and one of a group.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.allow("alice", &allow("iam:GetUser", "*"));
        let (user_name, group_name) = ("alice".to_owned(), "team".to_owned());
        cell.write(CreateGroupRequest { group_name: group_name.clone(), path: None }).unwrap();
        let grant = PutGroupPolicyRequest {
            group_name: group_name.clone(),
            policy_name: "p".to_owned(),
            policy_document: allow("sqs:SendMessage", "*"),
        };
        cell.write(grant).unwrap();
        cell.write(AddUserToGroupRequest { group_name, user_name: user_name.clone() }).unwrap();
        let policy_arn = READ_ONLY.to_owned();
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        cell
    }

    fn told(result: &EvaluationResult) -> (&str, Option<(&str, &str)>) {
        let first = result.matched_statements.first();
        let source = first.map(|first| (first.source_policy_id(), first.source_policy_type()));
        (&result.eval_decision, source)
    }

    #[test]
    fn a_user_has_its_own_policies_and_its_groups() {
        let actions = ["iam:GetUser", "s3:GetObject", "sqs:SendMessage", "iam:DeleteUser"];
        let answer = cell().read(of("user/alice", &actions)).unwrap();
        let results: Vec<_> = answer.evaluation_results.iter().map(told).collect();
        assert_eq!(
            results,
            [
                ("allowed", Some(("user_alice_allow", "user"))),
                ("allowed", Some(("AmazonS3ReadOnlyAccess", "aws-managed"))),
                ("allowed", Some(("group_team_p", "group"))),
                ("implicitDeny", None),
            ]
        );
        let answer = cell().read(of("group/team", &actions[2..])).unwrap();
        let results: Vec<_> = answer.evaluation_results.iter().map(told).collect();
        assert_eq!(results, [("allowed", Some(("group_team_p", "group"))), ("implicitDeny", None)]);
    }

    #[test]
    fn the_boundary_limits_unless_another_is_passed_or_it_is_left_out() {
        let mut cell = cell();
        let bound = PutUserPermissionsBoundaryRequest {
            user_name: "alice".to_owned(),
            permissions_boundary: READ_ONLY.to_owned(),
        };
        cell.write(bound).unwrap();
        let decide = |request: SimulatePrincipalPolicyRequest| {
            let result = cell.read(request).unwrap().evaluation_results.remove(0);
            let detail = result.permissions_boundary_decision_detail;
            (result.eval_decision, detail.map(|detail| detail.allowed_by_permissions_boundary()))
        };
        let request = of("user/alice", &["iam:GetUser"]);
        assert_eq!(decide(request.clone()), ("implicitDeny".to_owned(), Some(false)));
        let mut wider = request.clone();
        wider.permissions_boundary_policy_input_list = vec![allow("iam:*", "*")];
        assert_eq!(decide(wider), ("allowed".to_owned(), Some(true)));
        let without = PolicyIdentifier {
            policy_type: Some("permission-boundary".to_owned()),
            policy_arn: Some(READ_ONLY.to_owned()),
            inline_policy_identifier: None,
        };
        let free =
            SimulatePrincipalPolicyRequest { policy_exclusion_list: vec![without], ..request };
        assert_eq!(decide(free), ("allowed".to_owned(), None));
    }

    #[test]
    fn policies_that_are_left_out_do_not_decide() {
        let cell = cell();
        let decide = |without: PolicyIdentifier| {
            let request = SimulatePrincipalPolicyRequest {
                policy_exclusion_list: vec![without],
                ..of("user/alice", &["iam:GetUser", "s3:GetObject", "sqs:SendMessage"])
            };
            let results = cell.read(request).unwrap().evaluation_results;
            results.iter().map(|result| result.eval_decision == "allowed").collect::<Vec<_>>()
        };
        let inline = |kind: &str, of: &str, name: &str| PolicyIdentifier {
            policy_type: Some("inline".to_owned()),
            policy_arn: None,
            inline_policy_identifier: Some(InlinePolicyIdentifierType {
                policy_name: name.to_owned(),
                attachment_type: kind.to_owned(),
                attachment_name: of.to_owned(),
            }),
        };
        let managed = |kind: Option<&str>| PolicyIdentifier {
            policy_type: kind.map(str::to_owned),
            policy_arn: Some(READ_ONLY.to_owned()),
            inline_policy_identifier: None,
        };
        assert_eq!(decide(inline("user", "alice", "allow")), [false, true, true]);
        assert_eq!(decide(inline("group", "team", "p")), [true, true, false]);
        assert_eq!(decide(managed(Some("aws-managed"))), [true, false, true]);
        assert_eq!(decide(managed(None)), [true, false, true]);
        // Another policy's name, another's entity, another sort of policy: nothing is left out.
        for other in [
            inline("user", "alice", "p"),
            inline("group", "alice", "allow"),
            inline("user", "team", "p"),
            managed(Some("user-managed")),
            managed(Some("permission-boundary")),
        ] {
            assert_eq!(decide(other.clone()), [true, true, true], "{other:?}");
        }
    }

    #[test]
    fn what_is_known_of_the_user_need_not_be_given() {
        let mut cell = cell();
        let tag = schema::iam::v1::Tag { key: "team".to_owned(), value: "red".to_owned() };
        cell.write(TagUserRequest { user_name: "alice".to_owned(), tags: vec![tag] }).unwrap();
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject",
            "Resource":"arn:aws:s3:::b/${aws:username}/*",
            "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}"#;
        let request = SimulatePrincipalPolicyRequest {
            policy_input_list: vec![document.to_owned()],
            resource_arns: vec!["arn:aws:s3:::b/alice/x".to_owned()],
            ..of("user/alice", &["s3:PutObject"])
        };
        let answer = cell.read(request).unwrap();
        assert_eq!(answer.evaluation_results[0].eval_decision, "allowed");
    }

    #[test]
    fn who_is_not_there_and_what_is_nobody_are_refused() {
        let ask = |kind_and_name| cell().read(of(kind_and_name, &["s3:GetObject"]));
        assert_fault(ask("user/bob"), "NoSuchEntity", "The user with name bob cannot be found.");
        assert_fault(
            ask("user/x/alice"),
            "NoSuchEntity",
            "The user with name alice cannot be found.",
        );
        assert_fault(ask("role/bob"), "NoSuchEntity", "The role with name bob cannot be found.");
        let message = format!(
            "Invalid Entity Arn: arn:aws:iam::{ACCOUNT}:policy/p does not clearly define entity type and name."
        );
        assert_fault(ask("policy/p"), "InvalidInput", &message);
    }

    #[test]
    fn nobody_simulates_principals_of_another_account() {
        let mut cell = cell();
        let other = cell.account("222222222222", "other@example.com");
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let message = format!(
            "User: arn:aws:iam::222222222222:root is not authorized to perform: iam:SimulatePrincipalPolicy on \
             resource: {arn} because no resource-based policy allows the iam:SimulatePrincipalPolicy action"
        );
        let request = of("user/alice", &["s3:GetObject"]);
        assert_fault(cell.read_as(&other, request), "AccessDenied", &message);
    }
}
