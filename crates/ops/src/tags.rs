//! Tags of entities: the rules of their keys, and what the operations on them share.
//!
//! Source: IAM User Guide, "Tags for AWS Identity and Access Management resources".

use model::{quota, v1};
use schema::{Fault, iam};

use crate::page::{self, Page, Paged};
use crate::{Access, faults};

/// Whether keys that differ only in case are the same key: so for users, roles and instance profiles, not for policies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Users, roles, instance profiles.
    Caseless,
    /// Managed policies.
    Exact,
}

impl Keys {
    fn same(self, left: &str, right: &str) -> bool {
        match self {
            Keys::Caseless => left.to_lowercase() == right.to_lowercase(),
            Keys::Exact => left == right,
        }
    }
}

/// The tags of a request, checked for duplicates.
pub(crate) fn new(tags: &[iam::v1::Tag], keys: Keys) -> Result<Vec<v1::Tag>, Fault> {
    for (position, tag) in tags.iter().enumerate() {
        if tags[..position].iter().any(|earlier| keys.same(&earlier.key, &tag.key)) {
            return Err(faults::invalid_input(match keys {
                Keys::Caseless => {
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                }
                Keys::Exact => "Duplicate tag keys found.",
            }));
        }
    }
    Ok(tags.iter().map(|tag| v1::Tag { key: tag.key.clone(), value: tag.value.clone() }).collect())
}

/// Adds tags to those an entity has; a tag of the same key takes the old one's place.
pub(crate) fn add(have: &mut Vec<v1::Tag>, tags: &[iam::v1::Tag], keys: Keys) -> Result<(), Fault> {
    for tag in new(tags, keys)? {
        match have.iter_mut().find(|known| keys.same(&known.key, &tag.key)) {
            Some(known) => *known = tag,
            None => have.push(tag),
        }
    }
    if have.len() > quota::TAGS {
        return Err(Fault::new(
            "LimitExceeded",
            "The number of tags has reached the maximum limit.",
        ));
    }
    Ok(())
}

/// Takes the tags of some keys away; keys that are not there are no fault.
pub(crate) fn remove(have: &mut Vec<v1::Tag>, tag_keys: &[String], keys: Keys) {
    have.retain(|tag| !tag_keys.iter().any(|key| keys.same(&tag.key, key)));
}

/// Tags as an answer has them.
pub(crate) fn messages(tags: &[v1::Tag]) -> Vec<iam::v1::Tag> {
    tags.iter().map(message).collect()
}

/// A page of an entity's tags, in the order of their keys.
pub(crate) fn page(asked: &Page, tags: &[v1::Tag]) -> Paged<iam::v1::Tag> {
    asked.take_sorted(tags.iter().map(|tag| (page::key(&tag.key), message(tag))))
}

/// Keys and values as condition keys want them.
pub(crate) fn pairs(tags: &[iam::v1::Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}

fn message(tag: &v1::Tag) -> iam::v1::Tag {
    iam::v1::Tag { key: tag.key.clone(), value: tag.value.clone() }
}

/// Making an entity with tags needs, beside the right to make it, the right to tag it.
///
/// Source: IAM User Guide, "Permissions required for tagging".
pub(crate) fn with_tagging(
    create: Access,
    tag_action: &'static str,
    tags: &[iam::v1::Tag],
) -> Vec<Access> {
    let tagging = (!tags.is_empty()).then(|| create.tagging(tag_action));
    std::iter::once(create).chain(tagging).collect()
}
