//! Session policies: what a caller passes to narrow the session it asks for.
//!
//! Source: IAM User Guide, "Session policies"; IAM and AWS STS quotas, "PackedPolicySize".

use model::v1;
use policy::{Kind, Policy};
use schema::{Fault, sts};

use crate::{View, faults};

const POLICY_ARNS: usize = 10;
/// What fits into a session, bytes of policies and tags together; AWS tells no figure, only the share taken.
const PACKED_LIMIT: usize = 4_096;

/// Checks and stores the session policies of a request. Managed ones are of the session's own account.
pub(super) fn set(
    session: &mut v1::Session,
    view: &View<'_>,
    inline: Option<&str>,
    arns: &[sts::v1::PolicyDescriptorType],
) -> Result<(), Fault> {
    if let Some(inline) = inline {
        Policy::parse(inline, Kind::Identity)
            .map_err(|malformed| faults::malformed_policy(&malformed))?;
        session.inline_policy = inline.to_owned();
    }
    if arns.len() > POLICY_ARNS {
        return Err(Fault::new(
            "PackedPolicyTooLarge",
            format!("A session takes at most {POLICY_ARNS} managed policies."),
        ));
    }
    for arn in arns.iter().filter_map(|descriptor| descriptor.arn.as_deref()) {
        let policy = view.state().managed_policy(arn);
        let known = policy.is_some_and(|policy| {
            policy.account_id == session.account_id || policy.account_id == model::AWS_ACCOUNT
        });
        if !known {
            return Err(faults::validation(format!("ARN {arn} is not valid.")));
        }
        session.policy_arns.push(arn.to_owned());
    }
    Ok(())
}

/// The share of its limit that a session's policies and tags take, in percent; `None` when nothing was passed.
pub(super) fn packed_size(session: &v1::Session) -> Result<Option<i32>, Fault> {
    let tags: usize = session.tags.iter().map(|tag| tag.key.len() + tag.value.len() + 2).sum();
    let arns: usize = session.policy_arns.iter().map(String::len).sum();
    let bytes = session.inline_policy.len() + arns + tags;
    if bytes == 0 {
        return Ok(None);
    }
    let percent = (bytes * 100).div_ceil(PACKED_LIMIT);
    if percent > 100 {
        return Err(Fault::new(
            "PackedPolicyTooLarge",
            format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            ),
        ));
    }
    Ok(i32::try_from(percent).ok())
}
