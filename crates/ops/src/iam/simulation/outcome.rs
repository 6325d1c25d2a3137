//! An explained decision in the words of the simulator.
//!
//! Source: IAM API reference, "EvaluationResult", "ResourceSpecificResult", "Statement".

use std::collections::BTreeMap;

use policy::{Effect, Explanation, MatchedStatement, Outcome, Policy, Set};
use schema::iam::v1::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, Position,
    ResourceSpecificResult, Statement,
};

use super::Source;

/// One decision, before it stands in an answer.
pub(super) struct Verdict {
    pub decision: Outcome,
    pub matched: Vec<Statement>,
    pub missing: Vec<String>,
    /// Across accounts, what each side says.
    pub details: BTreeMap<&'static str, Outcome>,
    pub boundary: Option<bool>,
    pub organizations: Option<bool>,
}

impl Verdict {
    /// `source_of` tells the policy of a matched statement; what it does not know is no part of the answer.
    pub fn new<'s>(
        explained: &Explanation,
        is_cross_account: bool,
        source_of: impl Fn(&MatchedStatement) -> Option<&'s Source>,
    ) -> Self {
        let decision = explained.decision.outcome;
        // "The deny statement is the only entry included in the result."
        let wanted = |effect| decision != Outcome::ExplicitlyDenied || effect == Effect::Deny;
        let statements = explained.matched.iter().filter(|matched| wanted(matched.place.effect));
        let mut places = Places::default();
        let matched = statements
            .filter_map(|matched| Some(places.of(matched, source_of(matched)?)))
            .collect();
        let layer = |set| explained.layers.iter().filter(move |layer| layer.set == set);
        let of = |set| layer(set).next().map_or(Outcome::ImplicitlyDenied, |layer| layer.outcome);
        let all_allow = |set| {
            let outcomes = layer(set).map(|layer| layer.outcome == Outcome::Allowed);
            outcomes.reduce(|all, one| all && one)
        };
        let details =
            [("IAM Policy", of(Set::Identity)), ("Resource Policy", of_resource(explained))];
        let organizations = all_allow(Set::Scp);
        // "If an Organizations SCP denies access, the simulation ends": nothing is told of the two sides.
        let is_detailed = is_cross_account && organizations != Some(false);
        Verdict {
            decision,
            matched,
            missing: explained.missing_keys.clone(),
            details: if is_detailed { BTreeMap::from(details) } else { BTreeMap::new() },
            boundary: all_allow(Set::Boundary),
            organizations,
        }
    }

    /// As the result of an action without resources.
    pub fn alone(self, action: &str) -> EvaluationResult {
        EvaluationResult {
            eval_action_name: action.to_owned(),
            eval_resource_name: Some("*".to_owned()),
            eval_decision: word(self.decision).to_owned(),
            matched_statements: self.matched,
            missing_context_values: self.missing,
            organizations_decision_detail: self.organizations.map(organizations),
            permissions_boundary_decision_detail: self.boundary.map(boundary),
            eval_decision_details: words(self.details),
            resource_specific_results: Vec::new(),
        }
    }

    /// As the result on one of several resources.
    pub fn of_resource(self, resource: &str) -> ResourceSpecificResult {
        ResourceSpecificResult {
            eval_resource_name: resource.to_owned(),
            eval_resource_decision: word(self.decision).to_owned(),
            matched_statements: self.matched,
            missing_context_values: self.missing,
            eval_decision_details: words(self.details),
            permissions_boundary_decision_detail: self.boundary.map(boundary),
        }
    }
}

/// What each side says, as it is told.
pub(super) fn words(details: BTreeMap<&'static str, Outcome>) -> BTreeMap<String, String> {
    let told = |(side, outcome): (&str, Outcome)| (side.to_owned(), word(outcome).to_owned());
    details.into_iter().map(told).collect()
}

fn of_resource(explained: &Explanation) -> Outcome {
    let is_of_resource = |set| matches!(set, Set::Resource | Set::Trust);
    let layer = explained.layers.iter().find(|layer| is_of_resource(layer.set));
    layer.map_or(Outcome::ImplicitlyDenied, |layer| layer.outcome)
}

/// A decision as it is told.
pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitlyDenied => "explicitDeny",
        Outcome::ImplicitlyDenied => "implicitDeny",
    }
}

/// As it is told.
pub(super) fn organizations(is_allowed: bool) -> OrganizationsDecisionDetail {
    OrganizationsDecisionDetail { allowed_by_organizations: Some(is_allowed) }
}

/// As it is told.
pub(super) fn boundary(is_allowed: bool) -> PermissionsBoundaryDecisionDetail {
    PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(is_allowed) }
}

/// Turns places of statements into lines and columns. Matched statements come in the order in which they stand, so
/// each text is gone through once however many there are.
#[derive(Default)]
struct Places {
    policy: Option<(Set, usize, usize)>,
    offset: usize,
    line: i32,
    column: i32,
}

impl Places {
    fn of(&mut self, matched: &MatchedStatement, source: &Source) -> Statement {
        let place = &matched.place;
        let policy = Some((place.set, place.level, place.policy));
        if self.policy != policy || place.span.start < self.offset {
            *self = Places { policy, offset: 0, line: 1, column: 1 };
        }
        Statement {
            source_policy_id: Some(source.id.clone()),
            source_policy_type: Some(source.kind.to_owned()),
            start_position: Some(self.go_to(&source.policy, place.span.start)),
            end_position: Some(self.go_to(&source.policy, place.span.end)),
        }
    }

    fn go_to(&mut self, policy: &Policy, offset: usize) -> Position {
        let between = policy.source_text().get(self.offset..offset).unwrap_or_default();
        for character in between.chars() {
            (self.line, self.column) =
                if character == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.offset = offset;
        Position { line: Some(self.line), column: Some(self.column) }
    }
}
