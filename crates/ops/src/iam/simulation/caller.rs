//! Who asks in a simulation, and the condition keys that follow from it.

use model::arn::{self, HasArn};
use policy::{Context, Principal, PrincipalKind};
use schema::Fault;

use crate::{View, faults};

/// The caller of the simulated requests.
pub(super) struct Caller {
    kind: PrincipalKind,
    pub account_id: String,
    arn: String,
    unique_id: String,
    role_arn: Option<String>,
    name: Option<String>,
}

impl Caller {
    /// The caller that a request names. `has_resource_policy`: whether the resource's policy, whose principals are
    /// compared with the caller, is passed.
    ///
    /// # Errors
    /// `InvalidInput` for what is nobody's ARN, and for none where there is a resource policy.
    pub fn of(
        view: &View<'_>,
        caller_arn: Option<&str>,
        has_resource_policy: bool,
    ) -> Result<Self, Fault> {
        match caller_arn {
            Some(caller_arn) => Caller::named(view, caller_arn),
            // The policy's principals would be compared with nobody.
            None if has_resource_policy => {
                Err(faults::invalid_input("Invalid caller - Caller cannot be null or empty."))
            }
            None => Ok(Caller::anybody(view.account().id())),
        }
    }

    /// Somebody of an account, of whom nothing is known: the caller where a request names none, or a group.
    fn anybody(account_id: &str) -> Self {
        Caller {
            kind: PrincipalKind::User,
            account_id: account_id.to_owned(),
            arn: String::new(),
            unique_id: String::new(),
            role_arn: None,
            name: None,
        }
    }

    /// The caller with this ARN. It need not exist; if it does in this cell, it has its unique id, which decides
    /// whether a trust policy means it. AWS takes users alone, here roles, sessions and services ask, too.
    ///
    /// # Errors
    /// `InvalidInput` for what is nobody's ARN.
    fn named(view: &View<'_>, caller_arn: &str) -> Result<Self, Fault> {
        if let Some(account_id) = account_of_group(caller_arn) {
            return Ok(Caller::anybody(account_id));
        }
        let known = Principal::from_name(caller_arn).ok_or_else(|| {
            faults::invalid_input(
                "Invalid caller - Caller must be an IAM user, role or group in this context.",
            )
        })?;
        let account = view.state().account(known.account);
        let last = caller_arn.rsplit('/').next().unwrap_or_default();
        let (mut unique_id, mut role_arn, mut name) =
            (String::new(), known.role_arn.map(str::to_owned), None);
        match known.kind {
            PrincipalKind::Root => unique_id = known.account.to_owned(),
            PrincipalKind::User => {
                let user = account.and_then(|account| account.users().named(last));
                let user = user.filter(|user| user.has_arn(caller_arn));
                unique_id = user.map(|user| user.id.clone()).unwrap_or_default();
                name = Some(last.to_owned());
            }
            PrincipalKind::AssumedRole => {
                let role = match known.role_arn {
                    Some(role_arn) => account
                        .and_then(|account| account.roles().named(last))
                        .filter(|role| role.has_arn(role_arn)),
                    None => {
                        account.and_then(|account| account.roles().named(session_role(caller_arn)?))
                    }
                };
                if let Some(role) = role {
                    (unique_id, role_arn) = (role.id.clone(), Some(role.arn()));
                }
            }
            _ => {}
        }
        let (kind, account_id) = (known.kind, known.account.to_owned());
        Ok(Caller { kind, account_id, arn: caller_arn.to_owned(), unique_id, role_arn, name })
    }

    /// As the engine sees it.
    pub fn principal(&self) -> Principal<'_> {
        Principal {
            kind: self.kind,
            account: &self.account_id,
            arn: &self.arn,
            unique_id: &self.unique_id,
            role_arn: self.role_arn.as_deref(),
            user_arn: None,
        }
    }

    /// The condition keys that every request of the caller would have. A request's own entries come over them.
    pub fn keys(&self, context: &mut Context<'_>) {
        if !self.account_id.is_empty() {
            context.set("aws:PrincipalAccount", &self.account_id);
        }
        if self.arn.is_empty() {
            return;
        }
        let principal_arn = self.role_arn.as_deref().unwrap_or(&self.arn);
        context.set("aws:PrincipalArn", principal_arn);
        context.set("aws:PrincipalType", crate::context::principal_type(Some(self.kind)));
        let is_lasting = matches!(self.kind, PrincipalKind::User | PrincipalKind::Root);
        if is_lasting && !self.unique_id.is_empty() {
            context.set("aws:userid", &self.unique_id);
        }
        if let Some(name) = &self.name {
            context.set("aws:username", name);
        }
    }
}

/// The account in the ARN of a group. A group asks for nothing, but AWS takes one: a member of it is meant.
fn account_of_group(group_arn: &str) -> Option<&str> {
    let parts = arn::parse(group_arn)?;
    let is_group = parts.service == "iam" && parts.rest.starts_with("group/");
    (is_group && arn::is_account(parts.account)).then_some(parts.account)
}

/// The role's name in the ARN of its session.
fn session_role(session_arn: &str) -> Option<&str> {
    arn::parse(session_arn)?.rest.split('/').nth(1)
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::SimulateCustomPolicyRequest;

    use crate::testing::{Cell, allow, assert_fault};

    #[test]
    fn a_member_of_a_group_asks_and_nothing_that_is_nobody() {
        let ask = |caller_arn: &str, named: &str| {
            let policy = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{named}"}},
                "Action":"s3:GetObject","Resource":"*"}}}}"#
            );
            let request = SimulateCustomPolicyRequest {
                policy_input_list: vec![allow("s3:GetObject", "*")],
                action_names: vec!["s3:GetObject".to_owned()],
                resource_policy: Some(policy),
                resource_owner: Some("arn:aws:iam::333333333333:root".to_owned()),
                caller_arn: Some(caller_arn.to_owned()),
                ..Default::default()
            };
            Cell::new().read(request)
        };
        let decided = |named: &str| {
            let answer = ask("arn:aws:iam::222222222222:group/team", named).unwrap();
            answer.evaluation_results[0].eval_decision.clone()
        };
        assert_eq!(decided("222222222222"), "allowed");
        // Whose name it is, nobody knows.
        assert_eq!(decided("arn:aws:iam::222222222222:user/alice"), "implicitDeny");
        let message = "Invalid caller - Caller must be an IAM user, role or group in this context.";
        for wrong in ["arn:aws:iam::222222222222:policy/p", "arn:aws:s3::222222222222:group/g"] {
            assert_fault(ask(wrong, "222222222222"), "InvalidInput", message);
        }
    }
}
