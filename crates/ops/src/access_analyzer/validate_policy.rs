//! ValidatePolicy: says what is wrong with a policy. It looks at nothing but the request.

use policy::check::{Finding, Location, PathElement, Point, PolicyType, check};
use schema::Fault;
use schema::accessanalyzer::v1 as api;
use schema::accessanalyzer::v1::{ValidatePolicyRequest, ValidatePolicyResponse};

use crate::{Access, Operation, Read, View, faults};

/// Findings on a page, unless the request says how many.
const PAGE: usize = 100;

/// The resource type of trust policies.
const TRUST: &str = "AWS::IAM::AssumeRolePolicyDocument";

impl Operation for ValidatePolicyRequest {
    type Response = ValidatePolicyResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        vec![Access::account("access-analyzer:ValidatePolicy")]
    }
}

impl Read for ValidatePolicyRequest {
    fn read(&self, _view: &View<'_>) -> Result<ValidatePolicyResponse, Fault> {
        let findings = check(&self.policy_document, policy_type(self)?);
        let from =
            self.next_token.as_deref().map_or(Ok(0), |token| begin(token, findings.len()))?;
        let most = self.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE);
        let to = findings.len().min(from.saturating_add(most.max(1)));
        Ok(ValidatePolicyResponse {
            findings: findings[from..to].iter().map(message).collect(),
            next_token: (to < findings.len()).then(|| to.to_string()),
        })
    }
}

fn policy_type(request: &ValidatePolicyRequest) -> Result<PolicyType, Fault> {
    let resource_type = request.validate_policy_resource_type.as_deref();
    match (request.policy_type.as_str(), resource_type) {
        ("RESOURCE_POLICY", Some(TRUST)) => Ok(PolicyType::Trust),
        ("RESOURCE_POLICY", _) => Ok(PolicyType::Resource),
        (_, Some(_)) => {
            let message = "validatePolicyResourceType goes with the policyType RESOURCE_POLICY.";
            Err(faults::validation(message))
        }
        ("SERVICE_CONTROL_POLICY", None) => Ok(PolicyType::ServiceControl),
        ("RESOURCE_CONTROL_POLICY", None) => Ok(PolicyType::ResourceControl),
        (_, None) => Ok(PolicyType::Identity),
    }
}

/// The finding that a page begins with.
fn begin(token: &str, count: usize) -> Result<usize, Fault> {
    let from = token.parse().ok().filter(|from| (1..count).contains(from));
    from.ok_or_else(|| {
        faults::validation("The nextToken is none that was given out for this policy.")
    })
}

fn message(finding: &Finding) -> api::ValidatePolicyFinding {
    api::ValidatePolicyFinding {
        finding_type: finding.issue.finding_type.name().to_owned(),
        issue_code: finding.issue.code.to_owned(),
        finding_details: finding.details.clone(),
        learn_more_link: finding.issue.learn_more(),
        locations: finding.locations.iter().map(location).collect(),
    }
}

fn location(location: &Location) -> api::Location {
    let span = api::Span { start: Some(point(location.start)), end: Some(point(location.end)) };
    api::Location { path: location.path.iter().map(element).collect(), span: Some(span) }
}

fn element(element: &PathElement) -> api::PathElement {
    use api::path_element::Element;
    let element = match element {
        PathElement::Index(at) => Element::Index(number(*at)),
        PathElement::Key(name) => Element::Key(name.clone()),
        PathElement::Value(name) => Element::Value(name.clone()),
        PathElement::Substring { start, length } => {
            let (start, length) = (number(*start), number(*length));
            Element::Substring(api::Substring { start, length })
        }
    };
    api::PathElement { element: Some(element) }
}

fn point(point: Point) -> api::Position {
    api::Position {
        line: number(point.line),
        column: number(point.column),
        offset: number(point.offset),
    }
}

/// A count of characters of a policy, which is short.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn request(document: &str) -> ValidatePolicyRequest {
        ValidatePolicyRequest {
            policy_document: document.to_owned(),
            policy_type: "IDENTITY_POLICY".to_owned(),
            ..Default::default()
        }
    }

    fn codes(response: &ValidatePolicyResponse) -> Vec<&str> {
        response.findings.iter().map(|finding| finding.issue_code.as_str()).collect()
    }

    const THREE: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:Get*","Resource":["a","b","c"]}]}"#;

    #[test]
    fn findings_come_with_their_places() {
        let answer = Cell::new().read(request(THREE)).unwrap();
        assert_eq!(codes(&answer), ["INVALID_ARN_PREFIX"; 3]);
        let place = &answer.findings[1].locations[0];
        assert_eq!(place.path.len(), 4);
        assert_eq!(place.path[3].element, Some(api::path_element::Element::Index(1)));
        let start = place.span.as_ref().and_then(|span| span.start.as_ref()).unwrap();
        assert_eq!((start.line, start.column), (2, 61));
        assert_eq!(answer.next_token, None);
    }

    #[test]
    fn pages_follow_one_another() {
        let cell = Cell::new();
        let page = |next_token: Option<String>| ValidatePolicyRequest {
            max_results: Some(2),
            next_token,
            ..request(THREE)
        };
        let first = cell.read(page(None)).unwrap();
        assert_eq!((first.findings.len(), first.next_token.as_deref()), (2, Some("2")));
        let last = cell.read(page(first.next_token)).unwrap();
        assert_eq!((last.findings.len(), last.next_token), (1, None));
        for token in ["3", "0", "x", "-1"] {
            let refused = cell.read(page(Some(token.to_owned())));
            assert_fault(
                refused,
                "ValidationError",
                "The nextToken is none that was given out for this policy.",
            );
        }
    }

    #[test]
    fn each_type_has_its_own_checks() {
        let cell = Cell::new();
        let of = |policy_type: &str, resource_type: Option<&str>| ValidatePolicyRequest {
            policy_type: policy_type.to_owned(),
            validate_policy_resource_type: resource_type.map(str::to_owned),
            ..request(
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*",
                    "Action":"sts:AssumeRole","Resource":"*"}}"#,
            )
        };
        for (policy_type, resource_type, expected) in [
            ("IDENTITY_POLICY", None, &["UNSUPPORTED_PRINCIPAL"][..]),
            ("SERVICE_CONTROL_POLICY", None, &["SCP_SYNTAX_ERROR_PRINCIPAL"]),
            ("RESOURCE_CONTROL_POLICY", None, &[]),
            ("RESOURCE_POLICY", Some("AWS::S3::Bucket"), &[]),
            (
                "RESOURCE_POLICY",
                Some(TRUST),
                &[
                    "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
                    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
                ],
            ),
        ] {
            let answer = cell.read(of(policy_type, resource_type)).unwrap();
            assert_eq!(codes(&answer), expected, "{policy_type}");
        }
        let message = "validatePolicyResourceType goes with the policyType RESOURCE_POLICY.";
        assert_fault(cell.read(of("IDENTITY_POLICY", Some(TRUST))), "ValidationError", message);
    }

    #[test]
    fn it_must_be_allowed() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let refused = cell.read_as(&caller, request("{}")).unwrap_err();
        assert_eq!(refused.code, "AccessDenied");
        assert!(refused.message.contains("access-analyzer:ValidatePolicy on resource: *"));
        cell.allow("alice", &allow("access-analyzer:ValidatePolicy", "*"));
        assert!(cell.read_as(&caller, request("{}")).is_ok());
    }

    /// The validator's own list of actions has everything that is served here.
    #[test]
    fn every_operation_is_an_action_that_the_validator_knows() {
        for operation in schema::operations() {
            let known = policy::check::knows_action(&operation.action);
            assert_eq!(known, Some(true), "{}", operation.action);
        }
    }
}
