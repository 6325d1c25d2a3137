//! Inline policies of users, groups and roles: one set of rules for all three.
//!
//! Source: IAM User Guide, "Managed policies and inline policies"; "IAM and AWS STS quotas".

mod delete_group_policy;
mod delete_role_policy;
mod delete_user_policy;
mod get_group_policy;
mod get_role_policy;
mod get_user_policy;
mod list_group_policies;
mod list_role_policies;
mod list_user_policies;
mod put_group_policy;
mod put_role_policy;
mod put_user_policy;

use model::{Name, Record, quota, v1};
use policy::{Kind, Policy};
use schema::Fault;

use crate::page::{Page, Paged};
use crate::{Txn, faults};

/// An entity that policies are embedded in.
pub(super) trait Embeds: Record {
    /// How faults name the kind of entity: `user`.
    const NOUN: &'static str;
    /// How large its inline policies may be together, in characters without white space.
    const SIZE_QUOTA: usize;

    /// The entity's name.
    fn name(&self) -> &str;
    /// Its inline policies, sorted by name.
    fn policies(&self) -> &[v1::InlinePolicy];
    /// The same, to be changed.
    fn policies_mut(&mut self) -> &mut Vec<v1::InlinePolicy>;
}

macro_rules! embeds {
    ($type:ident, $noun:literal, $quota:ident) => {
        impl Embeds for v1::$type {
            const NOUN: &'static str = $noun;
            const SIZE_QUOTA: usize = quota::$quota;

            fn name(&self) -> &str {
                &self.name
            }

            fn policies(&self) -> &[v1::InlinePolicy] {
                &self.inline_policies
            }

            fn policies_mut(&mut self) -> &mut Vec<v1::InlinePolicy> {
                &mut self.inline_policies
            }
        }
    };
}

embeds!(User, "user", USER_INLINE_SIZE);
embeds!(Group, "group", GROUP_INLINE_SIZE);
embeds!(Role, "role", ROLE_INLINE_SIZE);

/// Embeds a policy in an entity, or puts it in place of the one of its name.
///
/// # Errors
/// `MalformedPolicyDocument`, or `LimitExceeded` when all of the entity's together would be too large.
pub(super) fn put<E: Embeds>(
    txn: &mut Txn<'_>,
    mut entity: E,
    policy_name: &str,
    policy_document: &str,
) -> Result<(), Fault> {
    Policy::parse(policy_document, Kind::Identity).map_err(|m| faults::malformed_policy(&m))?;
    let policies = entity.policies_mut();
    let policy =
        v1::InlinePolicy { name: policy_name.to_owned(), document: policy_document.to_owned() };
    match position(policies, policy_name) {
        Ok(there) => policies[there] = policy,
        Err(between) => policies.insert(between, policy),
    }
    let total_size: usize = policies.iter().map(|policy| size(&policy.document)).sum();
    if total_size > E::SIZE_QUOTA {
        return Err(Fault::new(
            "LimitExceeded",
            format!(
                "Maximum policy size of {} bytes exceeded for {} {}",
                E::SIZE_QUOTA,
                E::NOUN,
                entity.name()
            ),
        ));
    }
    txn.put(entity);
    Ok(())
}

/// An entity's policy of a name.
///
/// # Errors
/// `NoSuchEntity`
pub(super) fn get<'a, E: Embeds>(
    entity: &'a E,
    policy_name: &str,
) -> Result<&'a v1::InlinePolicy, Fault> {
    let policies = entity.policies();
    position(policies, policy_name)
        .map(|there| &policies[there])
        .map_err(|_| no_policy::<E>(policy_name))
}

/// A page of the names of an entity's policies.
pub(super) fn names<E: Embeds>(page: &Page, entity: &E) -> Paged<String> {
    page.take_sorted(entity.policies().iter().map(|p| (Name::exact(&p.name), p.name.clone())))
}

/// Takes an entity's policy of a name away.
///
/// # Errors
/// `NoSuchEntity`
pub(super) fn delete<E: Embeds>(
    txn: &mut Txn<'_>,
    mut entity: E,
    policy_name: &str,
) -> Result<(), Fault> {
    let there =
        position(entity.policies(), policy_name).map_err(|_| no_policy::<E>(policy_name))?;
    entity.policies_mut().remove(there);
    txn.put(entity);
    Ok(())
}

fn size(document: &str) -> usize {
    // What is stored was once valid; should it no longer be, it takes the room it takes.
    Policy::parse(document, Kind::Identity).map_or(document.len(), |policy| policy.size())
}

fn position(policies: &[v1::InlinePolicy], policy_name: &str) -> Result<usize, usize> {
    policies.binary_search_by(|policy| policy.name.as_str().cmp(policy_name))
}

fn no_policy<E: Embeds>(policy_name: &str) -> Fault {
    faults::no_such_entity(format!(
        "The {} policy with name {policy_name} cannot be found.",
        E::NOUN
    ))
}
