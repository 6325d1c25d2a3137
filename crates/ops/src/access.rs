//! What a caller must be allowed: an action on a resource, with the condition keys the operation knows.

use std::sync::Arc;

use model::arn::HasArn;
use model::{Account, arn, v1};
use policy::Policy;

use crate::View;

const BOUNDARY: &str = "iam:PermissionsBoundary";

/// One authorization that a call needs.
#[derive(Clone)]
pub struct Access {
    /// `iam:CreateUser`
    pub action: &'static str,
    /// The ARN that is decided on, or `*`.
    pub resource: String,
    /// How AWS names the resource when it refuses: `user alice`; the ARN where `None`.
    pub label: Option<String>,
    /// The resource's account; the caller's own where `None`.
    pub resource_account: Option<String>,
    /// The resource's own policy: a role's trust policy.
    pub policy: Option<Arc<Policy>>,
    /// Condition keys with one value.
    pub keys: Vec<(String, String)>,
    /// Condition keys with several values.
    pub lists: Vec<(String, Vec<String>)>,
}

impl Access {
    /// An action on a resource given by its ARN, or on `*`.
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Access {
            action,
            resource: resource.into(),
            label: None,
            resource_account: None,
            policy: None,
            keys: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// An action on everything: account-wide operations.
    pub fn account(action: &'static str) -> Self {
        Access::new(action, "*")
    }

    /// A list of one kind of entity, below a path: `arn:aws:iam::ACCOUNT:user/` and the path.
    pub fn list(
        action: &'static str,
        view: &View<'_>,
        kind: &str,
        path_prefix: Option<&str>,
    ) -> Self {
        Access::new(action, arn::iam(view.account().id(), kind, path_prefix.unwrap_or("/"), ""))
    }

    /// A user that is about to be made.
    pub fn new_entity(
        action: &'static str,
        view: &View<'_>,
        kind: &str,
        path: Option<&str>,
        name: &str,
    ) -> Self {
        Access::new(action, arn::iam(view.account().id(), kind, path.unwrap_or("/"), name))
    }

    /// A user by name, or the caller itself where IAM lets the name be left out.
    pub fn user(action: &'static str, view: &View<'_>, name: &str) -> Self {
        let user = view.account().users().named(name);
        let access =
            Access::named(action, view.account(), "user", name, user.map(|user| user.arn()));
        match user {
            Some(user) => access.tagged(&user.tags).bounded(&user.boundary),
            None => access,
        }
    }

    /// A group by name.
    pub fn group(action: &'static str, view: &View<'_>, name: &str) -> Self {
        let group = view.account().groups().named(name);
        Access::named(action, view.account(), "group", name, group.map(|group| group.arn()))
    }

    /// A role by name.
    pub fn role(action: &'static str, view: &View<'_>, name: &str) -> Self {
        let role = view.account().roles().named(name);
        let access =
            Access::named(action, view.account(), "role", name, role.map(|role| role.arn()));
        match role {
            Some(role) => access.tagged(&role.tags).bounded(&role.boundary),
            None => access,
        }
    }

    /// Passing a role to a service. The role's tags are no conditions, and a refusal names it by its ARN.
    ///
    /// Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    pub fn pass_role(view: &View<'_>, role_name: &str, service: &str) -> Self {
        let role = view.account().roles().named(role_name).map(|role| role.arn());
        let pass = Access::named("iam:PassRole", view.account(), "role", role_name, role);
        Access { label: None, ..pass }.with("iam:PassedToService", service)
    }

    /// An instance profile by name.
    pub fn instance_profile(action: &'static str, view: &View<'_>, name: &str) -> Self {
        let profile = view.account().profiles().named(name);
        let arn = profile.map(|profile| profile.arn());
        let access = Access::named(action, view.account(), "instance-profile", name, arn);
        match profile {
            Some(profile) => access.tagged(&profile.tags),
            None => access,
        }
    }

    /// A managed policy by ARN. Tags are those of a policy that the caller's account sees: what another account
    /// writes on its policies is no condition here, and a refusal must not tell whether they exist.
    pub fn managed_policy(action: &'static str, view: &View<'_>, policy_arn: &str) -> Self {
        let mut access = Access::new(action, policy_arn);
        access.label = Some(format!("policy {policy_arn}"));
        match view.attachable(policy_arn) {
            Some(policy) => access.tagged(&policy.tags),
            None => access,
        }
    }

    /// With `iam:PolicyARN`: attaching and detaching.
    #[must_use]
    pub fn of_policy(self, policy_arn: &str) -> Self {
        self.with("iam:PolicyARN", policy_arn)
    }

    /// With tags in the request: `aws:RequestTag/…` and `aws:TagKeys`.
    #[must_use]
    pub fn requesting<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut names = Vec::new();
        for (key, value) in tags {
            self.keys.push((format!("aws:RequestTag/{key}"), value.to_owned()));
            names.push(key.to_owned());
        }
        self.naming_tags(&names)
    }

    /// With the keys of tags that the request takes away: `aws:TagKeys`. Without any there is no such key
    /// (docs/adr/0012-no-tag-keys-without-tags.md).
    #[must_use]
    pub fn naming_tags(mut self, tag_keys: &[String]) -> Self {
        if !tag_keys.is_empty() {
            self.lists.push(("aws:TagKeys".to_owned(), tag_keys.to_vec()));
        }
        self
    }

    /// With the permissions boundary that the request sets, or that its target has, where the action is one that
    /// looks at boundaries.
    #[must_use]
    pub fn bounded(self, boundary: &str) -> Self {
        if boundary.is_empty() || !policy::check::may_have_key(self.action, BOUNDARY) {
            return self;
        }
        self.with(BOUNDARY, boundary)
    }

    /// The same for tagging what the request makes.
    pub(crate) fn tagging(&self, tag_action: &'static str) -> Self {
        let mut access = Access { action: tag_action, ..self.clone() };
        access.keys.retain(|(key, _)| key != BOUNDARY);
        access
    }

    /// With one condition key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.keys.retain(|(known, _)| known != key);
        self.keys.push((key.to_owned(), value.to_owned()));
        self
    }

    fn tagged(mut self, tags: &[v1::Tag]) -> Self {
        for tag in tags {
            self.keys.push((format!("aws:ResourceTag/{}", tag.key), tag.value.clone()));
            self.keys.push((format!("iam:ResourceTag/{}", tag.key), tag.value.clone()));
        }
        self
    }

    fn named(
        action: &'static str,
        account: &Account,
        kind: &str,
        name: &str,
        arn: Option<String>,
    ) -> Self {
        let mut access =
            Access::new(action, arn.unwrap_or_else(|| arn::iam(account.id(), kind, "/", name)));
        access.label = Some(format!("{} {name}", kind.replace('-', " ")));
        access
    }
}
