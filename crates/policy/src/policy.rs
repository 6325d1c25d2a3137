//! A policy: its text, and its compiled statements.

use crate::{
    Effect, Malformed, Span, Version,
    action::RequestAction,
    compile::{Label, Statement},
    document,
    index::{self, ActionIndex, Candidate},
    json,
    principal::Named,
    validate,
};
use alloc::{boxed::Box, string::String};

/// What a policy is attached to, which decides what may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identity policy: managed or inline; also permissions boundaries and session policies.
    Identity,
    /// The trust policy of a role.
    Trust,
    /// The policy of any other resource.
    Resource,
}

/// A policy, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    source: Box<str>,
    size: usize,
    version: Version,
    index: ActionIndex,
    statements: Box<[Statement]>,
    labels: Box<[Label]>,
}

/// A statement, for those who explain decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementView<'a> {
    /// Its `Sid`.
    pub sid: Option<&'a str>,
    /// Its `Effect`.
    pub effect: Effect,
    /// Its bytes in the source text, braces included.
    pub span: Span,
}

impl Policy {
    /// Reads a policy that somebody wants to store.
    ///
    /// # Errors
    /// [`Malformed`] with AWS's text, from AWS's checks in AWS's order (IAM policy grammar; answers
    /// recorded from `CreatePolicy` and `UpdateAssumeRolePolicy`), and for whatever else cannot be
    /// evaluated.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        let document = validate::read(text, kind)?;
        let (index, are_regular) = index::build(&document.statements);
        validate::check(&document, kind, are_regular)?;
        Ok(Self::compile(text, &document, index))
    }

    /// Reads a policy that was accepted elsewhere: only what cannot be evaluated is refused. Both
    /// versions, service and resource control policies and resource policies of any service pass.
    /// A principal that is nobody here (a group, a canonical user, a name with wildcards) names
    /// nobody, and `NotPrincipal` beside `Allow` means everyone of whom it names no part.
    ///
    /// # Errors
    /// [`Malformed`] when the text is no policy.
    pub fn load(text: &str) -> Result<Self, Malformed> {
        let document = validate::read_loaded(text)?;
        validate::check_evaluable(&document)?;
        let (index, _) = index::build(&document.statements);
        Ok(Self::compile(text, &document, index))
    }

    fn compile(text: &str, document: &document::Document<'_>, index: ActionIndex) -> Self {
        let version = document.version.unwrap_or(Version::V2008);
        let written = document.statements.iter();
        let labels = written.clone().map(Label::new).collect();
        let statements = written.map(|statement| Statement::new(statement, version)).collect();
        Self { source: text.into(), size: document.size, version, index, statements, labels }
    }

    /// The text as it was written.
    pub fn source_text(&self) -> &str {
        &self.source
    }

    /// Its size as quotas count it: characters, without white space outside strings (IAM and STS
    /// quotas: "IAM doesn't count white space").
    pub fn size(&self) -> usize {
        self.size
    }

    /// The version of the language.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Its statements in order.
    pub fn statements(&self) -> impl ExactSizeIterator<Item = StatementView<'_>> {
        self.statements.iter().zip(&self.labels).map(|(statement, label)| StatementView {
            sid: label.sid.as_deref(),
            effect: statement.effect,
            span: label.span.clone(),
        })
    }

    /// The ARNs of users and roles named as principals. Whoever stores the policy looks each up,
    /// refuses the policy when one does not exist (`Invalid principal in policy: "AWS":"arn…"`)
    /// and [binds](Self::bind) it to the entity's unique id.
    pub fn principal_arns(&self) -> impl Iterator<Item = &str> {
        self.named().filter_map(|named| match named {
            Named::User { arn, .. } | Named::Role { arn, .. } => Some(&**arn),
            _ => None,
        })
    }

    /// The ARNs of role sessions named as principals, to be bound to the id of their role.
    pub fn session_arns(&self) -> impl Iterator<Item = &str> {
        self.named().filter_map(|named| match named {
            Named::Session { arn, .. } => Some(&**arn),
            _ => None,
        })
    }

    /// The unique ids written as principals. AWS refuses to store the id of a deleted entity.
    pub fn principal_ids(&self) -> impl Iterator<Item = &str> {
        self.named().filter_map(|named| match named {
            Named::UniqueId(id) => Some(&**id),
            _ => None,
        })
    }

    /// Binds a named user, role or role session to a unique id. From then on the name matches only
    /// the entity with that id, never another one of the same name (IAM policy elements:
    /// Principal). Unbound, it matches by ARN.
    pub fn bind(&mut self, principal_arn: &str, unique_id: &str) {
        let clauses = self.statements.iter_mut().filter_map(|s| s.principals.as_mut());
        for named in clauses.flat_map(|clause| clause.named.iter_mut()) {
            match named {
                Named::User { arn, id, .. } | Named::Role { arn, id, .. }
                    if **arn == *principal_arn =>
                {
                    *id = Some(unique_id.into());
                }
                Named::Session { arn, id } if **arn == *principal_arn => {
                    *id = Some(unique_id.into());
                }
                _ => {}
            }
        }
    }

    /// The text as AWS shows it: a bound user or role stands there by the ARN it has now, which
    /// `arn_of` tells for its id, or by the id itself when it is no more.
    pub fn displayed_text(&self, arn_of: impl Fn(&str) -> Option<String>) -> String {
        let mut shown = String::with_capacity(self.source.len());
        let mut at = 0;
        for named in self.named() {
            let (Named::User { arn, id: Some(id), span } | Named::Role { arn, id: Some(id), span }) =
                named
            else {
                continue;
            };
            let now = arn_of(id);
            if now.as_deref() == Some(arn) || span.start < at {
                continue;
            }
            shown.push_str(&self.source[at..span.start]);
            json::quote(now.as_deref().unwrap_or(id), &mut shown);
            at = span.end;
        }
        shown.push_str(&self.source[at..]);
        shown
    }

    /// Hands over the statements that cover an action, in order, until `visit` fails.
    #[inline]
    pub(crate) fn covering<E>(
        &self,
        action: &RequestAction<'_>,
        visit: impl FnMut(Candidate) -> Result<(), E>,
    ) -> Result<(), E> {
        self.index.covering(action, visit)
    }

    /// Whether any statement may cover an action: nearly all policies that do not are told by this.
    #[inline]
    pub(crate) fn may_cover(&self, action: &RequestAction<'_>) -> bool {
        self.index.may_cover(action)
    }

    /// The same of statements that deny.
    #[inline]
    pub(crate) fn may_deny(&self, action: &RequestAction<'_>) -> bool {
        self.index.may_deny(action)
    }

    /// The index of its actions.
    pub(crate) fn index(&self) -> &ActionIndex {
        &self.index
    }

    /// All its statements, compiled.
    pub(crate) fn all_compiled(&self) -> &[Statement] {
        &self.statements
    }

    /// A statement by its index.
    #[inline]
    pub(crate) fn compiled(&self, index: u32) -> &Statement {
        &self.statements[index as usize]
    }

    /// What a statement is called, by its index.
    pub(crate) fn label(&self, index: u32) -> &Label {
        &self.labels[index as usize]
    }

    fn named(&self) -> impl Iterator<Item = &Named> {
        let clauses = self.statements.iter().filter_map(|s| s.principals.as_ref());
        clauses.flat_map(|clause| clause.named.iter())
    }
}
