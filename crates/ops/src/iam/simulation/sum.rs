//! What the simulator says of an action on several resources.
//!
//! Source: IAM API reference, "EvaluationResult".

use std::cmp::max_by_key;
use std::collections::{BTreeMap, BTreeSet};

use policy::Outcome;
use schema::iam::v1::{EvaluationResult, Statement};

use super::outcome::{Verdict, boundary, organizations, word, words};

/// The result of an action on listed resources. AWS answers one for each action, with the decision on each resource
/// inside, and sums them up: the most restrictive decision, every statement that led to it, every missing key.
pub(super) fn of_resources(action: &str, verdicts: Vec<(&str, Verdict)>) -> EvaluationResult {
    let decisions = verdicts.iter().map(|(_, verdict)| verdict.decision);
    let decision = decisions.max_by_key(severity).unwrap_or(Outcome::ImplicitlyDenied);
    let every = |detail: fn(&Verdict) -> Option<bool>| {
        verdicts.iter().filter_map(|(_, verdict)| detail(verdict)).reduce(|all, one| all && one)
    };
    let (organized, bounded) =
        (every(|verdict| verdict.organizations), every(|verdict| verdict.boundary));
    let (mut matched, mut missing) = (Union::default(), Union::default());
    let mut details = BTreeMap::new();
    for (_, verdict) in &verdicts {
        // "Only statements that contributed to the reported decision are included."
        if verdict.decision == decision {
            matched.extend(&verdict.matched, place);
        }
        missing.extend(&verdict.missing, Clone::clone);
        for (side, outcome) in &verdict.details {
            let worst = details.entry(*side).or_insert(*outcome);
            *worst = max_by_key(*worst, *outcome, severity);
        }
    }
    // Several resources have no name in common.
    let name = if let [(resource, _)] = verdicts.as_slice() { resource } else { "*" };
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(name.to_owned()),
        eval_decision: word(decision).to_owned(),
        matched_statements: matched.items,
        missing_context_values: missing.items,
        organizations_decision_detail: organized.map(organizations),
        permissions_boundary_decision_detail: bounded.map(boundary),
        eval_decision_details: words(details),
        resource_specific_results: verdicts
            .into_iter()
            .map(|(resource, verdict)| verdict.of_resource(resource))
            .collect(),
    }
}

/// Items of several lists, each once, as they come first.
struct Union<T, K> {
    items: Vec<T>,
    seen: BTreeSet<K>,
}

impl<T, K> Default for Union<T, K> {
    fn default() -> Self {
        Union { items: Vec::new(), seen: BTreeSet::new() }
    }
}

impl<T: Clone, K: Ord> Union<T, K> {
    fn extend(&mut self, items: &[T], key: impl Fn(&T) -> K) {
        let new = items.iter().filter(|item| self.seen.insert(key(item)));
        self.items.extend(new.cloned());
    }
}

/// What tells a statement from others: its policy, and where it starts there.
fn place(statement: &Statement) -> (String, String, Option<(i32, i32)>) {
    let start = statement.start_position.as_ref();
    (
        statement.source_policy_type().to_owned(),
        statement.source_policy_id().to_owned(),
        start.map(|start| (start.line(), start.column())),
    )
}

/// The more restrictive, the higher.
fn severity(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Allowed => 0,
        Outcome::ImplicitlyDenied => 1,
        Outcome::ExplicitlyDenied => 2,
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{OrderedOrganizationPolicyType, SimulateCustomPolicyRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow};

    const DOCUMENT: &str = concat!(
        "{\"Version\":\"2012-10-17\",\"Statement\":[\n",
        "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::b/*\"},\n",
        "{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/x\"},\n",
        "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::c/*\",",
        "\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}},\n",
        "{\"Effect\":\"Deny\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/secret\"}]}"
    );

    fn on(resources: &[&str]) -> SimulateCustomPolicyRequest {
        SimulateCustomPolicyRequest {
            policy_input_list: vec![DOCUMENT.to_owned()],
            action_names: vec!["s3:GetObject".to_owned()],
            resource_arns: resources.iter().map(|resource| (*resource).to_owned()).collect(),
            ..Default::default()
        }
    }

    fn lines(statements: &[Statement]) -> Vec<i32> {
        statements.iter().map(|s| s.start_position.as_ref().unwrap().line()).collect()
    }

    fn summed(request: SimulateCustomPolicyRequest) -> EvaluationResult {
        Cell::new().read(request).unwrap().evaluation_results.remove(0)
    }

    #[test]
    fn statements_and_missing_keys_of_all_resources_are_told_once() {
        let result = summed(on(&["arn:aws:s3:::b/x", "arn:aws:s3:::b/y"]));
        assert_eq!((&*result.eval_decision, result.eval_resource_name()), ("allowed", "*"));
        assert_eq!(lines(&result.matched_statements), [2, 3]);
        let result = summed(on(&["arn:aws:s3:::c/x", "arn:aws:s3:::b/x", "arn:aws:s3:::c/y"]));
        assert_eq!(result.eval_decision, "implicitDeny");
        assert_eq!(result.missing_context_values, ["aws:SecureTransport"]);
        // What allows one of them did not lead to the denial.
        assert_eq!(lines(&result.matched_statements), [0; 0]);
        let result = summed(on(&["arn:aws:s3:::b/x", "arn:aws:s3:::b/secret"]));
        assert_eq!(result.eval_decision, "explicitDeny");
        assert_eq!(lines(&result.matched_statements), [5]);
    }

    #[test]
    fn each_side_is_as_strict_as_on_its_strictest_resource() {
        let caller = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let mut request = on(&["arn:aws:s3:::d/x", "arn:aws:s3:::b/x"]);
        request.resource_policy = Some(format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{caller}"}},
            "Action":"s3:GetObject","Resource":"*"}}}}"#
        ));
        request.caller_arn = Some(caller);
        request.resource_owner = Some("arn:aws:iam::222222222222:root".to_owned());
        let details = summed(request.clone()).eval_decision_details;
        assert_eq!(
            (&*details["IAM Policy"], &*details["Resource Policy"]),
            ("implicitDeny", "allowed")
        );
        // Where the organization denies, the simulation ends.
        let level = OrderedOrganizationPolicyType {
            service_control_policy_input_list: vec![allow("sqs:*", "*")],
        };
        request.ordered_organization_policy_input_list = vec![level];
        assert_eq!(summed(request).eval_decision_details, BTreeMap::new());
    }

    #[test]
    fn statements_of_the_organization_are_not_told() {
        let mut request = on(&["arn:aws:s3:::b/y"]);
        let level = OrderedOrganizationPolicyType {
            service_control_policy_input_list: vec![allow("*", "*")],
        };
        request.ordered_organization_policy_input_list = vec![level];
        let result = summed(request);
        assert_eq!(result.eval_decision, "allowed");
        let told: Vec<_> =
            result.matched_statements.iter().map(Statement::source_policy_id).collect();
        assert_eq!(told, ["PolicyInputList.1"]);
    }
}
