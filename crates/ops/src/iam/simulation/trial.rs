//! A whole simulation: what is asked of whom with which policies, decided action by action.

use std::sync::Arc;

use model::{Name, arn};
use policy::{Context, MatchedStatement, Policies, Policy, Request, Set, explain};
use schema::Fault;
use schema::iam::v1::EvaluationResult;

use super::caller::Caller;
use super::outcome::Verdict;
use super::subject::{Side, Subject};
use super::sum::of_resources;
use super::{Source, handling};
use crate::page::{Page, Paged};
use crate::{View, faults};

/// How much text of policies is read for one answer, in bytes: every decision reads all that says something.
const MOST_TEXT: usize = 32 << 20;
/// How many statements may have a say in one answer.
const MOST_STATEMENTS: usize = 50_000;

/// A simulation, ready to run.
pub(super) struct Trial<'a> {
    pub actions: &'a [String],
    /// Empty: the actions are decided on everything, `*`.
    pub resources: Vec<&'a str>,
    pub caller: Caller,
    pub subject: Subject,
    pub identity: Vec<Source>,
    pub boundary: Option<Source>,
    /// Service control policies, level by level from the root.
    pub scps: Vec<Vec<Source>>,
    pub context: Context<'static>,
}

/// The paging members of a request.
pub(super) struct Wanted<'a> {
    pub operation: &'static str,
    pub marker: Option<&'a str>,
    pub max_items: Option<i32>,
}

/// The resources that a request lists; empty when it means everything.
///
/// # Errors
/// `InvalidInput` for an action or a resource that is none, and for a scenario that lacks one.
pub(super) fn resources<'a>(
    actions: &[String],
    listed: &'a [String],
    handling_option: Option<&str>,
) -> Result<Vec<&'a str>, Fault> {
    if let Some(wrong) = actions.iter().find(|action| !is_action(action)) {
        return Err(faults::invalid_input(format!("Invalid ActionName: {wrong}")));
    }
    let resources: Vec<&str> = listed.iter().map(String::as_str).collect();
    handling::check(handling_option, &resources)?;
    if resources.iter().all(|resource| *resource == "*") {
        return Ok(Vec::new());
    }
    match resources.iter().find(|resource| !is_arn(resource)) {
        Some(wrong) => Err(faults::invalid_input(format!(
            "ResourceNames are not in a valid ARN format: {wrong}."
        ))),
        None => Ok(resources),
    }
}

/// `service:Name`; an action name takes no wildcards.
fn is_action(action: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    action.split_once(':').is_some_and(|(service, name)| is_word(service) && is_word(name))
}

fn is_arn(resource: &str) -> bool {
    let parts = arn::parse(resource);
    parts.is_some_and(|p| !p.partition.is_empty() && !p.service.is_empty() && !p.rest.is_empty())
}

impl Trial<'_> {
    /// The page of results that is asked for. It may be shorter than asked for where much is to be read, as AWS says
    /// of its pages.
    ///
    /// # Errors
    /// `InvalidInput` when even one action is too much, `ValidationError` for a marker of something else.
    pub fn run(
        &self,
        view: &View<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Paged<EvaluationResult>, Fault> {
        let affordable = self.affordable().min(1000);
        if affordable == 0 {
            return Err(faults::invalid_input(
                "The policies and resources of the simulation are together too many.",
            ));
        }
        let max_items = wanted.max_items.unwrap_or(100).min(i32::try_from(affordable).unwrap_or(1));
        let page = Page::new(view, wanted.operation, wanted.marker, Some(max_items))?;
        let numbered = self.actions.iter().enumerate();
        let keyed = numbered.map(|(at, action)| (Name::exact(&format!("{at:010}")), action));
        let paged =
            page.take(keyed.filter(|(key, _)| page.after().is_none_or(|after| key > after)));
        Ok(Paged {
            items: paged.items.into_iter().map(|action| self.decide(view, action)).collect(),
            is_truncated: paged.is_truncated,
            marker: paged.marker,
        })
    }

    /// How many actions may be decided for one answer.
    fn affordable(&self) -> usize {
        let sources = self.identity.iter().chain(&self.boundary).chain(self.scps.iter().flatten());
        let policies = sources.chain(self.subject.policy()).map(|source| &source.policy);
        let (text, statements) = policies.fold((1, 1), |(text, statements), policy| {
            (text + policy.source_text().len(), statements + policy.statements().len())
        });
        let decisions = self.resources.len().max(1);
        (MOST_TEXT / text).min(MOST_STATEMENTS / statements) / decisions
    }

    fn decide(&self, view: &View<'_>, action: &str) -> EvaluationResult {
        if self.resources.is_empty() {
            return self.verdict(view, action, "*").alone(action);
        }
        let each =
            self.resources.iter().map(|resource| (*resource, self.verdict(view, action, resource)));
        of_resources(action, each.collect())
    }

    fn verdict(&self, view: &View<'_>, action: &str, resource: &str) -> Verdict {
        let side = self.subject.side(view, &self.caller, action, resource);
        let mut context = self.context.clone();
        if context.get("aws:ResourceAccount").is_none() && !side.account_id.is_empty() {
            context.set("aws:ResourceAccount", &side.account_id);
        }
        let request = Request {
            principal: self.caller.principal(),
            action,
            resource,
            resource_account: &side.account_id,
            context: &context,
        };
        let of = |sources: &'_ [Source]| {
            sources.iter().map(|s| Arc::clone(&s.policy)).collect::<Vec<_>>()
        };
        let (identity, scps) =
            (of(&self.identity), self.scps.iter().map(|level| of(level)).collect::<Vec<_>>());
        let identity: Vec<&Policy> = identity.iter().map(Arc::as_ref).collect();
        let scps: Vec<Vec<&Policy>> =
            scps.iter().map(|level| level.iter().map(Arc::as_ref).collect()).collect();
        let scps: Vec<&[&Policy]> = scps.iter().map(Vec::as_slice).collect();
        let resource_policy =
            side.policy.as_ref().map(|source| &source.policy).or(side.consent.as_ref());
        let policies = Policies {
            identity: &identity,
            resource: resource_policy.map(Arc::as_ref),
            boundary: self.boundary.as_ref().map(|boundary| boundary.policy.as_ref()),
            session: None,
            scps: &scps,
            rcps: &[],
            pool: None,
        };
        let is_cross_account = side.policy.is_some() && side.account_id != self.caller.account_id;
        let explained = explain(&request, &policies);
        Verdict::new(&explained, is_cross_account, |matched| self.source(&side, matched))
    }

    fn source<'s>(&'s self, side: &'s Side, matched: &MatchedStatement) -> Option<&'s Source> {
        let place = &matched.place;
        match place.set {
            Set::Identity => self.identity.get(place.policy),
            Set::Boundary => self.boundary.as_ref(),
            Set::Resource | Set::Trust => side.policy.as_ref(),
            // AWS tells no statements of service control policies.
            _ => None,
        }
    }
}
