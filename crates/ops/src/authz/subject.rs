//! The principal that is asked about: named by its ARN or by a credential it has shown.

use std::borrow::Cow;
use std::sync::Arc;

use model::arn::{self, HasArn};
use model::v1::caller;
use model::{Account, State, id, v1};
use policy::{Context, Decision, Policies, PrincipalKind};
use schema::Fault;
use schema::authz::v1::{ExplainResponse, Verdict};

use super::asked::Asked;
use super::ready::Ready;
use super::{answer, context, explain, limits, resource};
use crate::authorize::{Ask, Gathered};
use crate::caller::{of_owner, outside};
use crate::{Principal, faults};

/// A principal as a question names it.
#[derive(Clone, Debug)]
pub enum Who<'a> {
    /// The ARN of a user, role, role session or root user.
    Arn(Cow<'a, str>),
    /// The caller that a credential makes, its session token opened.
    Credential(Box<v1::Caller>),
}

impl Who<'_> {
    /// The account it is in; `None` where that cannot be told.
    ///
    /// # Errors
    /// `ValidationError` for a name that is none.
    pub fn account_id(&self) -> Result<Option<Cow<'_, str>>, Fault> {
        match self {
            Who::Arn(arn) => Ok(Some(name(arn)?.0.into())),
            Who::Credential(caller) => Ok(match &caller.kind {
                Some(caller::Kind::Session(session)) => Some(session.account_id.as_str().into()),
                _ => id::access_key_account(&caller.access_key_id).map(Cow::Owned),
            }),
        }
    }
}

/// What an ARN names in its account.
enum Named<'a> {
    Root,
    User,
    Role,
    Session(&'a str, &'a str),
}

fn name(principal: &str) -> Result<(&str, Named<'_>), Fault> {
    limits::at_most("principal", principal, limits::TEXT_MAX)?;
    let parts = arn::parse(principal).filter(|parts| {
        parts.partition == arn::PARTITION && parts.region.is_empty() && parts.account != "aws"
    });
    let named = parts.filter(|parts| arn::is_account(parts.account)).and_then(|parts| {
        let (kind, rest) = parts.rest.split_once('/').unwrap_or((parts.rest, ""));
        let named = match (parts.service, kind) {
            ("iam", "root") if parts.rest == "root" => Named::Root,
            ("iam", "user") if !rest.is_empty() => Named::User,
            ("iam", "role") if !rest.is_empty() => Named::Role,
            ("sts", "assumed-role") => {
                let (role, session) = rest.split_once('/')?;
                Some(Named::Session(role, session)).filter(|_| is_session_name(session))?
            }
            _ => return None,
        };
        Some((parts.account, named))
    });
    named.ok_or_else(|| {
        faults::validation(
            "principal must be the ARN of a user, a role, a session of a role or a root user, or a credential",
        )
    })
}

/// Source: STS API reference, AssumeRole, `RoleSessionName`.
fn is_session_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// Why a credential names nobody: told as the question's fault, so that nobody takes it for the asker's own.
pub(super) fn of_question(fault: &Fault, caller: &v1::Caller) -> Fault {
    if fault.code == faults::expired_token().code {
        return faults::invalid_input("The session of the credential has expired.");
    }
    let key = &caller.access_key_id;
    faults::no_such_entity(format!("The Access Key with id {key} cannot be found."))
}

/// The principal of an ARN.
pub(super) fn by_arn(state: &State, principal: &str) -> Result<Principal, Fault> {
    let (account_id, named) = name(principal)?;
    let found = state.account(account_id).and_then(|account| in_account(account, principal, named));
    found.ok_or_else(|| {
        faults::no_such_entity(format!("The principal {principal} cannot be found."))
    })
}

fn in_account(account: &Account, principal: &str, named: Named<'_>) -> Option<Principal> {
    let last = principal.rsplit('/').next()?;
    let (role, session) = match named {
        Named::Root => return of_owner(account, account.id(), "").ok(),
        Named::User => {
            let user = account.users().named(last).filter(|user| user.has_arn(principal))?;
            return of_owner(account, &user.id, "").ok();
        }
        Named::Role => (account.roles().named(last).filter(|role| role.has_arn(principal))?, ""),
        Named::Session(role, session) => {
            (account.roles().named(role).filter(|known| known.name == role)?, session)
        }
    };
    Some(Principal {
        kind: Some(PrincipalKind::AssumedRole),
        account_id: account.id().to_owned(),
        arn: principal.to_owned(),
        // Of a role alone: a session without a name.
        user_id: format!("{}:{session}", role.id),
        unique_id: role.id.clone(),
        role: Some(role.clone()),
        ..outside("")
    })
}

/// A principal with its policies, ready for questions.
pub struct Subject<'a> {
    pub(super) state: &'a State,
    /// The asker's account; `None` for the operator.
    pub(super) own: Option<String>,
    ready: Arc<Ready>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(state: &'a State, ready: Arc<Ready>, own: Option<String>) -> Self {
        Subject { state, own, ready }
    }

    /// Its ARN.
    pub fn arn(&self) -> &str {
        &self.ready.whole.principal.arn
    }

    pub(super) fn account_id(&self) -> &str {
        &self.ready.whole.principal.account_id
    }

    pub(super) fn policies(&self) -> &Gathered {
        &self.ready.whole.policies
    }

    /// Decides a question, without words.
    ///
    /// # Errors
    /// As for [`Subject::decide`].
    pub fn decision(&self, question: &Asked<'_>) -> Result<Decision, Fault> {
        self.read(question, |target, context| self.judge(question, target, context, policy::decide))
    }

    /// Decides a question.
    ///
    /// # Errors
    /// `ValidationError` for a question that breaks a limit, gives a value that cannot be read or a key that the cell
    /// knows; `MalformedPolicyDocument`.
    pub fn decide(&self, question: &Asked<'_>) -> Result<Verdict, Fault> {
        self.read(question, |target, context| {
            let decision = self.judge(question, target, context, policy::decide)?;
            Ok(answer::verdict(self, question, target, &decision))
        })
    }

    /// Decides a question and tells all that led to it.
    ///
    /// # Errors
    /// As for [`Subject::decide`]; `AccessDenied` where it would tell what a role of another account trusts.
    pub fn explain(&self, question: &Asked<'_>) -> Result<ExplainResponse, Fault> {
        self.read(question, |target, context| {
            if target.is_foreign_trust {
                return Err(faults::access_denied(
                    "What a role trusts is explained in the role's own account only.",
                ));
            }
            let explanation = self.judge(question, target, context, policy::explain)?;
            Ok(explain::response(self, question, target, explanation, context))
        })
    }

    /// Hands over what a question is about and its whole context.
    #[inline]
    fn read<R>(
        &self,
        question: &Asked<'_>,
        then: impl FnOnce(&resource::Target<'_>, &Context<'_>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        limits::check(question)?;
        let target = resource::read(self, question)?;
        let mut context = Context::over(&self.ready.context, question.text.0);
        context::set(question, &target, &mut context)?;
        then(&target, &context)
    }

    fn judge<R>(
        &self,
        question: &Asked<'_>,
        target: &resource::Target<'_>,
        context: &Context<'_>,
        engine: impl FnOnce(&policy::Request<'_>, &Policies<'_>) -> R,
    ) -> Result<R, Fault> {
        let ask = Ask {
            principal: &self.ready.whole.principal,
            action: question.action,
            resource: question.resource,
            resource_account: target.account_id,
            policy: target.policy.as_deref(),
            context,
        };
        self.policies().judge(&ask, engine)
    }
}
