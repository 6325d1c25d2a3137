//! Session tags and source identity: what a session says of who is behind it, and hands down a chain.
//!
//! Source: IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles".

use model::v1;
use schema::{Fault, sts};

use crate::{View, faults};

fn invalid(message: &str) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// Checks and stores the tags of a request, with those that the calling session hands down.
pub(super) fn set(
    session: &mut v1::Session,
    view: &View<'_>,
    tags: &[sts::v1::Tag],
    transitive_keys: &[String],
) -> Result<(), Fault> {
    let same = |left: &str, right: &str| left.to_lowercase() == right.to_lowercase();
    for (position, tag) in tags.iter().enumerate() {
        if tags[..position].iter().any(|earlier| same(&earlier.key, &tag.key)) {
            return Err(invalid(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    if !transitive_keys.iter().all(|key| tags.iter().any(|tag| same(&tag.key, key))) {
        return Err(invalid(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    let inherited = inherited(view);
    if transitive_keys.iter().any(|key| inherited.iter().any(|tag| same(&tag.key, key))) {
        return Err(invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
             from the calling session.",
        ));
    }
    session.transitive_tag_keys = inherited.iter().map(|tag| tag.key.clone()).collect();
    session.transitive_tag_keys.extend(transitive_keys.iter().cloned());
    let own = tags.iter().filter(|tag| !inherited.iter().any(|known| same(&known.key, &tag.key)));
    let own: Vec<_> =
        own.map(|tag| v1::Tag { key: tag.key.clone(), value: tag.value.clone() }).collect();
    session.tags = inherited;
    session.tags.extend(own);
    Ok(())
}

/// Stores the source identity of a request; once set it stays along the chain.
pub(super) fn set_source_identity(
    session: &mut v1::Session,
    view: &View<'_>,
    source_identity: Option<&str>,
) -> Result<(), Fault> {
    let inherited =
        view.principal().session.as_ref().map(|calling| calling.source_identity.as_str());
    let inherited = inherited.filter(|identity| !identity.is_empty());
    if let (Some(inherited), Some(asked)) = (inherited, source_identity)
        && inherited != asked
    {
        return Err(faults::validation(
            "The source identity is already set for this assume role session",
        ));
    }
    session.source_identity = inherited.or(source_identity).unwrap_or_default().to_owned();
    Ok(())
}

fn inherited(view: &View<'_>) -> Vec<v1::Tag> {
    let Some(calling) = &view.principal().session else { return Vec::new() };
    let transitive = |tag: &&v1::Tag| calling.transitive_tag_keys.contains(&tag.key);
    calling.tags.iter().filter(transitive).cloned().collect()
}
