//! The user, group or role whose policies are simulated, and those policies.

use std::sync::Arc;

use model::arn::{self, HasArn};
use model::managed::Versions;
use model::{record::Inline, v1};
use schema::Fault;
use schema::iam::v1::PolicyIdentifier;

use super::Source;
use crate::{Access, View, faults};

/// What the simulator takes from an entity.
pub(super) struct Entity {
    /// Its own policies, those of its groups included.
    pub policies: Vec<Source>,
    /// Its permissions boundary.
    pub boundary: Option<Source>,
    /// Its tags, as `aws:PrincipalTag`.
    pub tags: Vec<v1::Tag>,
    /// Whether it can ask for something itself, which groups cannot.
    pub is_caller: bool,
}

/// What the caller must be allowed: the action on the entity, with its tags where it exists.
pub(super) fn access(action: &'static str, view: &View<'_>, entity_arn: &str) -> Access {
    let Some(parts) = arn::parse(entity_arn) else { return Access::new(action, entity_arn) };
    let name = parts.rest.rsplit('/').next().unwrap_or_default();
    let known = match parts.rest.split('/').next() {
        Some("user") => Access::user(action, view, name),
        Some("group") => Access::group(action, view, name),
        Some("role") => Access::role(action, view, name),
        _ => Access::new(action, entity_arn),
    };
    let is_own = parts.account == view.account().id();
    let mut access = if is_own && known.resource == entity_arn {
        known
    } else {
        Access::new(action, entity_arn)
    };
    access.label = None;
    // Nobody simulates the principals of another account.
    access.resource_account = arn::is_account(parts.account).then(|| parts.account.to_owned());
    access
}

/// Refuses an ARN that is of no user, group or role.
///
/// # Errors
/// `InvalidInput`
pub(super) fn check_arn(entity_arn: &str) -> Result<(), Fault> {
    let parts = arn::parse(entity_arn).filter(|parts| {
        let is_iam =
            parts.partition == arn::PARTITION && parts.service == "iam" && parts.region.is_empty();
        let kind = parts.rest.split_once('/');
        let is_named = kind.is_some_and(|(kind, name)| {
            ["user", "group", "role"].contains(&kind) && !name.is_empty() && !name.ends_with('/')
        });
        is_iam && is_named && arn::is_account(parts.account)
    });
    parts.map(|_| ()).ok_or_else(|| {
        faults::invalid_input(format!(
            "Invalid Entity Arn: {entity_arn} does not clearly define entity type and name."
        ))
    })
}

/// The entity of an ARN, without the policies that the request leaves out.
///
/// # Errors
/// `NoSuchEntity`, or `InvalidInput` for an ARN of something else.
pub(super) fn find(
    view: &View<'_>,
    entity_arn: &str,
    without: &[PolicyIdentifier],
) -> Result<Entity, Fault> {
    check_arn(entity_arn)?;
    let (account, mut gather) = (view.account(), Gather { view, without, policies: Vec::new() });
    let rest = arn::parse(entity_arn).map_or("", |parts| parts.rest);
    let name = rest.rsplit('/').next().unwrap_or_default();
    let (boundary, tags, is_caller) = match rest.split('/').next() {
        Some("user") => {
            let user = account.users().named(name).filter(|user| user.has_arn(entity_arn));
            let user = user.ok_or_else(|| faults::no_user(name))?;
            gather.of("user", &user.name, &user.derived, &user.attached_policies);
            for group in user.group_ids.iter().filter_map(|id| account.group_by_id(id)) {
                gather.of("group", &group.name, &group.derived, &group.attached_policies);
            }
            (user.boundary.as_str(), user.tags.clone(), true)
        }
        Some("group") => {
            let group = account.groups().named(name).filter(|group| group.has_arn(entity_arn));
            let group = group.ok_or_else(|| faults::no_group(name))?;
            gather.of("group", &group.name, &group.derived, &group.attached_policies);
            ("", Vec::new(), false)
        }
        _ => {
            let role = account.roles().named(name).filter(|role| role.has_arn(entity_arn));
            let role = role.ok_or_else(|| faults::no_role(name))?;
            gather.of("role", &role.name, &role.derived.inline, &role.attached_policies);
            (role.boundary.as_str(), role.tags.clone(), true)
        }
    };
    let has_boundary = !boundary.is_empty() && !gather.is_left_out("permission-boundary", boundary);
    let boundary = if has_boundary { Some(gather.boundary(boundary)) } else { None };
    Ok(Entity { policies: gather.policies, boundary, tags, is_caller })
}

struct Gather<'a> {
    view: &'a View<'a>,
    without: &'a [PolicyIdentifier],
    policies: Vec<Source>,
}

impl Gather<'_> {
    fn of(&mut self, kind: &'static str, name: &str, inline: &Inline, attached: &[String]) {
        for (policy_name, policy) in inline {
            let is_left_out =
                self.without.iter().filter_map(|w| w.inline_policy_identifier.as_ref()).any(
                    |inline| {
                        inline.policy_name == *policy_name
                            && inline.attachment_type == kind
                            && inline.attachment_name.eq_ignore_ascii_case(name)
                    },
                );
            if !is_left_out {
                let id = format!("{kind}_{name}_{policy_name}");
                self.policies.push(Source { policy: Arc::clone(policy), id, kind });
            }
        }
        let managed = attached.iter().filter_map(|policy_arn| self.managed(policy_arn));
        let managed: Vec<Source> = managed.collect();
        self.policies.extend(managed);
    }

    fn managed(&self, policy_arn: &str) -> Option<Source> {
        let policy = self.view.state().managed_policy(policy_arn)?;
        let kind = if policy.is_aws() { "aws-managed" } else { "user-managed" };
        let source = Source { policy: Arc::clone(&policy.derived), id: policy.name.clone(), kind };
        (!self.is_left_out(kind, policy_arn)).then_some(source)
    }

    /// A boundary that is gone allows nothing, as for real requests.
    fn boundary(&self, policy_arn: &str) -> Source {
        let found = self.view.state().managed_policy(policy_arn);
        let policy =
            found.map_or_else(crate::authorize::nothing, |found| Arc::clone(&found.derived));
        let kind =
            if found.is_some_and(|found| found.is_aws()) { "aws-managed" } else { "user-managed" };
        let id = found.map_or_else(|| policy_arn.to_owned(), |found| found.name.clone());
        Source { policy, id, kind }
    }

    fn is_left_out(&self, kind: &str, policy_arn: &str) -> bool {
        self.without.iter().any(|without| {
            without.policy_arn.as_deref() == Some(policy_arn)
                && without.policy_type.as_deref().is_none_or(|named| named == kind)
        })
    }
}
