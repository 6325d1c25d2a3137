//! What a simulated request is about: the resource's account and its own policy.

use std::sync::Arc;

use model::arn::{self, HasArn};
use policy::{Kind, Policy};
use schema::Fault;

use super::Source;
use super::caller::Caller;
use crate::{View, faults};

/// The resources' side of a simulation, as the request gives it.
pub(super) struct Subject {
    policy: Option<Source>,
    owner: Option<String>,
    /// Allows the caller's account everything: see [`Side::consent`].
    consent: Arc<Policy>,
}

/// The resource's side of one simulated request.
pub(super) struct Side {
    /// The account that owns the resource.
    pub account_id: String,
    /// Its own policy.
    pub policy: Option<Source>,
    /// Nobody said who trusts the role or the key, so its account is taken to leave that to identity policies, as
    /// AWS's simulator does. This policy is no part of any answer.
    pub consent: Option<Arc<Policy>>,
}

impl Subject {
    /// Reads `ResourcePolicy` and `ResourceOwner`.
    ///
    /// # Errors
    /// `InvalidInput`
    pub fn new(policy: Option<&str>, owner: Option<&str>, caller: &Caller) -> Result<Self, Fault> {
        let owner = owner.map(|owner| {
            let parts = arn::parse(owner)
                .filter(|parts| parts.service == "iam" && arn::is_account(parts.account));
            let account = parts.map(|parts| parts.account.to_owned());
            account.ok_or_else(|| faults::invalid_input("Invalid Resource Owner."))
        });
        let policy = policy.map(|document| {
            let policy = Policy::parse(document, Kind::Resource)
                .or_else(|refusal| Policy::parse(document, Kind::Trust).map_err(|_| refusal));
            let policy = policy.map_err(|m| {
                faults::invalid_input(format!("Invalid ResourcePolicy: {}", m.message))
            })?;
            Ok(Source {
                policy: Arc::new(policy),
                id: "ResourcePolicy".to_owned(),
                kind: "resource",
            })
        });
        let consent = consent(&caller.account_id);
        Ok(Subject { policy: policy.transpose()?, owner: owner.transpose()?, consent })
    }

    /// The policy that was passed.
    pub fn policy(&self) -> Option<&Source> {
        self.policy.as_ref()
    }

    /// The side of one resource. Without a policy for it, a resource counts as the caller's own unless the request
    /// names its owner: AWS's simulator looks at two accounts only when it is given a resource policy.
    pub fn side(&self, view: &View<'_>, caller: &Caller, action: &str, resource: &str) -> Side {
        let written = arn::parse(resource)
            .map(|parts| parts.account)
            .filter(|account| arn::is_account(account));
        let owner = self.owner.as_deref();
        if let Some(policy) = &self.policy {
            let account_id = written.or(owner).unwrap_or(&caller.account_id).to_owned();
            let policy = Source {
                policy: Arc::clone(&policy.policy),
                id: policy.id.clone(),
                kind: policy.kind,
            };
            return Side { account_id, policy: Some(policy), consent: None };
        }
        let own = view.account().id();
        if is_assuming(action) && written == Some(own) {
            let policy = trust(view, resource);
            return Side { account_id: own.to_owned(), policy, consent: None };
        }
        let account_id = owner.unwrap_or(&caller.account_id).to_owned();
        let consent = (account_id == caller.account_id).then(|| Arc::clone(&self.consent));
        let demands_consent =
            is_assuming(action) || action.to_ascii_lowercase().starts_with("kms:");
        Side { account_id, policy: None, consent: consent.filter(|_| demands_consent) }
    }
}

/// Whether a role's trust policy has a say.
fn is_assuming(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action.starts_with("sts:assume")
        || action == "sts:tagsession"
        || action == "sts:setsourceidentity"
}

/// The trust policy of a role of the caller's account. What roles of other accounts trust is not the caller's to know.
fn trust(view: &View<'_>, role_arn: &str) -> Option<Source> {
    let name = arn::parse(role_arn)?.rest.strip_prefix("role/")?.rsplit('/').next()?;
    let role = view.account().roles().named(name).filter(|role| role.has_arn(role_arn))?;
    let id = format!("role_{}_AssumeRolePolicyDocument", role.name);
    Some(Source { policy: Arc::clone(&role.derived.trust), id, kind: "resource" })
}

fn consent(account_id: &str) -> Arc<Policy> {
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account_id}"}},
        "Action":"*","Resource":"*"}}}}"#
    );
    // What cannot be read consents to nothing.
    Policy::load(&document).map_or_else(|_| crate::authorize::nothing(), Arc::new)
}
