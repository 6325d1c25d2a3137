//! SimulateCustomPolicy: decides made-up requests with the policies that are passed.

use policy::Context;
use schema::Fault;
use schema::iam::v1::{SimulateCustomPolicyRequest, SimulateCustomPolicyResponse};

use super::caller::Caller;
use super::subject::Subject;
use super::trial::{self, Trial, Wanted};
use super::{entries, one_boundary, passed};
use crate::{Access, Operation, Read, View};

impl Operation for SimulateCustomPolicyRequest {
    type Response = SimulateCustomPolicyResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("iam:SimulateCustomPolicy")]
    }
}

impl Read for SimulateCustomPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<SimulateCustomPolicyResponse, Fault> {
        let handling = self.resource_handling_option.as_deref();
        let resources = trial::resources(&self.action_names, &self.resource_arns, handling)?;
        let caller = Caller::of(view, self.caller_arn.as_deref(), self.resource_policy.is_some())?;
        let mut context = Context::new();
        caller.keys(&mut context);
        entries::put(&self.context_entries, &mut context)?;
        let levels = self.ordered_organization_policy_input_list.iter();
        let levels = levels.map(|level| {
            passed("ServiceControlPolicyInputList", &level.service_control_policy_input_list)
        });
        let trial = Trial {
            actions: &self.action_names,
            resources,
            subject: Subject::new(
                self.resource_policy.as_deref(),
                self.resource_owner.as_deref(),
                &caller,
            )?,
            caller,
            identity: passed("PolicyInputList", &self.policy_input_list)?,
            boundary: one_boundary(&self.permissions_boundary_policy_input_list)?,
            scps: levels.collect::<Result<_, _>>()?,
            context,
        };
        let wanted = Wanted {
            operation: "SimulateCustomPolicy",
            marker: self.marker.as_deref(),
            max_items: self.max_items,
        };
        let paged = trial.run(view, &wanted)?;
        Ok(SimulateCustomPolicyResponse {
            evaluation_results: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{ContextEntry, CreateRoleRequest, OrderedOrganizationPolicyType};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn asked(
        documents: &[&str],
        actions: &[&str],
        resources: &[&str],
    ) -> SimulateCustomPolicyRequest {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        SimulateCustomPolicyRequest {
            policy_input_list: owned(documents),
            action_names: owned(actions),
            resource_arns: owned(resources),
            ..Default::default()
        }
    }

    fn decisions(response: &SimulateCustomPolicyResponse) -> Vec<(&str, &str)> {
        let results = response.evaluation_results.iter();
        results
            .map(|result| (result.eval_action_name.as_str(), result.eval_decision.as_str()))
            .collect()
    }

    const TWO: &str = concat!(
        "{\"Version\":\"2012-10-17\",\"Statement\":[\n",
        "  {\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"},\n",
        "  {\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/secret\"}]}"
    );

    #[test]
    fn statements_are_told_with_their_lines_and_columns() {
        let answer =
            Cell::new().read(asked(&[TWO], &["s3:GetObject", "s3:PutObject"], &[])).unwrap();
        assert_eq!(
            decisions(&answer),
            [("s3:GetObject", "allowed"), ("s3:PutObject", "implicitDeny")]
        );
        let result = &answer.evaluation_results[0];
        assert_eq!(result.eval_resource_name(), "*");
        let statement = &result.matched_statements[0];
        assert_eq!(
            (statement.source_policy_id(), statement.source_policy_type()),
            ("PolicyInputList.1", "none")
        );
        let place =
            |at: &Option<schema::iam::v1::Position>| at.as_ref().map(|at| (at.line(), at.column()));
        assert_eq!(place(&statement.start_position), Some((2, 3)));
        assert_eq!(place(&statement.end_position), Some((2, 55)));
        assert_eq!(answer.evaluation_results[1].matched_statements, []);
    }

    #[test]
    fn every_resource_has_its_result_and_the_worst_is_the_actions() {
        let resources = ["arn:aws:s3:::b/open", "arn:aws:s3:::b/secret"];
        let answer = Cell::new().read(asked(&[TWO], &["s3:GetObject"], &resources)).unwrap();
        assert_eq!(decisions(&answer), [("s3:GetObject", "explicitDeny")]);
        let results = &answer.evaluation_results[0].resource_specific_results;
        let told: Vec<_> = results
            .iter()
            .map(|r| (r.eval_resource_name.as_str(), r.eval_resource_decision.as_str()))
            .collect();
        assert_eq!(told, [(resources[0], "allowed"), (resources[1], "explicitDeny")]);
        // The deny alone, though the allow matches as well.
        assert_eq!(results[1].matched_statements.len(), 1);
        assert_eq!(results[1].matched_statements[0].start_position.as_ref().unwrap().line(), 3);
    }

    #[test]
    fn keys_that_are_not_given_are_missing_and_given_ones_count() {
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"s3:max-keys":"10"}}}}"#;
        let mut request = asked(&[document], &["s3:ListBucket"], &[]);
        let answer = Cell::new().read(request.clone()).unwrap();
        assert_eq!(decisions(&answer), [("s3:ListBucket", "implicitDeny")]);
        let missing = ["aws:MultiFactorAuthPresent", "s3:max-keys"];
        assert_eq!(answer.evaluation_results[0].missing_context_values, missing);
        let entry = |name: &str, kind: &str, value: &str| ContextEntry {
            context_key_name: Some(name.to_owned()),
            context_key_values: vec![value.to_owned()],
            context_key_type: Some(kind.to_owned()),
        };
        request.context_entries =
            vec![entry(missing[0], "boolean", "true"), entry("S3:Max-Keys", "numeric", "9")];
        let answer = Cell::new().read(request.clone()).unwrap();
        assert_eq!(decisions(&answer), [("s3:ListBucket", "allowed")]);
        assert_eq!(answer.evaluation_results[0].missing_context_values.len(), 0);
        // With resources listed, keys are missing there, and in the sum of all.
        request.context_entries.pop();
        request.resource_arns = vec!["arn:aws:s3:::b".to_owned()];
        let answer = Cell::new().read(request.clone()).unwrap();
        let result = &answer.evaluation_results[0];
        assert_eq!(result.missing_context_values, ["s3:max-keys"]);
        assert_eq!(result.resource_specific_results[0].missing_context_values, ["s3:max-keys"]);
        request.context_entries = vec![entry("s3:max-keys", "numeric", "many")];
        let message = "The value many of s3:max-keys is not of type numeric.";
        assert_fault(Cell::new().read(request.clone()), "InvalidInput", message);
        request.context_entries = vec![entry("s3:prefix", "string", &"a".repeat(8_193))];
        let message = "The values of s3:prefix must be at most 100, of 8192 bytes together.";
        assert_fault(Cell::new().read(request), "InvalidInput", message);
    }

    #[test]
    fn boundary_and_organization_say_what_they_allow() {
        let mut request = asked(&[&allow("*", "*")], &["s3:GetObject", "iam:GetUser"], &[]);
        request.permissions_boundary_policy_input_list = vec![allow("s3:*", "*")];
        request.ordered_organization_policy_input_list = vec![OrderedOrganizationPolicyType {
            service_control_policy_input_list: vec![allow("iam:*", "*")],
        }];
        let answer = Cell::new().read(request.clone()).unwrap();
        let told = |at: usize| {
            let result = &answer.evaluation_results[at];
            let boundary = result.permissions_boundary_decision_detail.as_ref().unwrap();
            let organization = result.organizations_decision_detail.as_ref().unwrap();
            let (boundary, organization) = (
                boundary.allowed_by_permissions_boundary(),
                organization.allowed_by_organizations(),
            );
            (result.eval_decision.as_str(), boundary, organization)
        };
        assert_eq!(told(0), ("implicitDeny", true, false));
        assert_eq!(told(1), ("implicitDeny", false, true));
        request.permissions_boundary_policy_input_list.push(allow("*", "*"));
        let message = "Only one permissions boundary can be simulated.";
        assert_fault(Cell::new().read(request), "InvalidInput", message);
    }

    #[test]
    fn another_accounts_resource_needs_both_sides() {
        let caller = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{caller}"}},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}}}"#
        );
        let mut request =
            asked(&[&allow("s3:PutObject", "*")], &["s3:GetObject"], &["arn:aws:s3:::b/x"]);
        request.resource_policy = Some(policy);
        let message = "Invalid caller - Caller cannot be null or empty.";
        assert_fault(Cell::new().read(request.clone()), "InvalidInput", message);
        request.caller_arn = Some(caller);
        let answer = Cell::new().read(request.clone()).unwrap();
        assert_eq!(decisions(&answer), [("s3:GetObject", "allowed")]);
        let statement = &answer.evaluation_results[0].matched_statements[0];
        assert_eq!(
            (statement.source_policy_id(), statement.source_policy_type()),
            ("ResourcePolicy", "resource")
        );
        request.resource_owner = Some("arn:aws:iam::222222222222:root".to_owned());
        let answer = Cell::new().read(request).unwrap();
        assert_eq!(decisions(&answer), [("s3:GetObject", "implicitDeny")]);
        let details = &answer.evaluation_results[0].eval_decision_details;
        assert_eq!(
            (&*details["IAM Policy"], &*details["Resource Policy"]),
            ("implicitDeny", "allowed")
        );
    }

    #[test]
    fn a_role_of_the_account_is_assumed_as_its_trust_says() {
        let mut cell = Cell::new();
        cell.user("alice");
        let alice = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let role = CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(&alice),
            ..Default::default()
        };
        let worker = cell.write(role).unwrap().role.unwrap().arn;
        let ask = |caller: &str, resource: &str| {
            let mut request = asked(&[&allow("sts:*", "*")], &["sts:AssumeRole"], &[resource]);
            request.caller_arn = Some(caller.to_owned());
            cell.read(request).unwrap().evaluation_results[0].eval_decision.clone()
        };
        assert_eq!(ask(&alice, &worker), "allowed");
        let bob = format!("arn:aws:iam::{ACCOUNT}:user/bob");
        assert_eq!(ask(&bob, &worker), "implicitDeny");
        // Where no trust is known, identity policies alone decide, as in AWS's simulator.
        assert_eq!(ask(&bob, "arn:aws:iam::222222222222:role/other"), "allowed");
        assert_eq!(ask(&bob, "*"), "allowed");
    }

    #[test]
    fn pages_follow_each_other() {
        let mut request = asked(&[&allow("*", "*")], &["s3:A", "s3:B", "s3:C"], &[]);
        request.max_items = Some(2);
        let first = Cell::new().read(request.clone()).unwrap();
        assert_eq!(decisions(&first), [("s3:A", "allowed"), ("s3:B", "allowed")]);
        assert!(first.is_truncated());
        request.marker = first.marker;
        let second = Cell::new().read(request).unwrap();
        assert_eq!(decisions(&second), [("s3:C", "allowed")]);
        assert_eq!((second.is_truncated(), second.marker), (false, None));
    }

    #[test]
    fn an_answer_costs_no_more_than_a_bound() {
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let many =
            format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, [statement; 400].join(","));
        let names: Vec<String> = (0..200).map(|n| format!("s3:A{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let answer = Cell::new().read(asked(&[&many], &names, &[])).unwrap();
        assert_eq!(answer.evaluation_results.len(), 100);
        let answer = Cell::new().read(asked(&[&many, &many], &names, &[])).unwrap();
        assert_eq!((answer.evaluation_results.len(), answer.is_truncated()), (62, true));
        let resources = vec!["arn:aws:s3:::b"; 63];
        let message = "The policies and resources of the simulation are together too many.";
        assert_fault(
            Cell::new().read(asked(&[&many, &many], &names, &resources)),
            "InvalidInput",
            message,
        );
    }

    #[test]
    fn what_is_no_action_resource_or_scenario_is_refused() {
        let refused =
            |actions: &[&str], resources: &[&str], handling: Option<&str>, message: &str| {
                let mut request = asked(&[&allow("*", "*")], actions, resources);
                request.resource_handling_option = handling.map(str::to_owned);
                assert_fault(Cell::new().read(request), "InvalidInput", message);
            };
        refused(&["s3:Get*"], &[], None, "Invalid ActionName: s3:Get*");
        refused(&["GetObject"], &[], None, "Invalid ActionName: GetObject");
        let message = "ResourceNames are not in a valid ARN format: bucket.";
        refused(&["s3:GetObject"], &["bucket"], None, message);
        refused(&["ec2:RunInstances"], &["*"], Some("EC2"), "Invalid ResourceHandlingOption: EC2");
        let instance = ["arn:aws:ec2:us-east-1:123456789012:instance/*"];
        let message = "EC2-VPC-EBS needs a resource of type image.";
        refused(&["ec2:RunInstances"], &instance, Some("EC2-VPC-EBS"), message);
    }
}
