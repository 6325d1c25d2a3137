//! From the syntax tree to the form that decisions read.

use crate::{
    Context, Effect, Principal, Span, Version,
    action::RequestAction,
    arn::RequestResource,
    condition::Condition,
    document,
    principal::{Levels, PrincipalClause},
    resource::Resources,
};
use alloc::boxed::Box;

/// What a decision does not read of a statement.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub sid: Option<Box<str>>,
    pub span: Span,
}

/// A compiled statement. It is kept small: decisions look at many.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub effect: Effect,
    pub principals: Option<Box<PrincipalClause>>,
    /// `None`: every resource.
    resources: Option<Resources>,
    conditions: Box<[Condition]>,
}

/// A request as statements look at it, taken apart once.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub caller: &'a Principal<'a>,
    pub action: RequestAction<'a>,
    pub resource: RequestResource<'a>,
    pub context: &'a Context<'a>,
    pub has_boundary: bool,
}

impl Question<'_> {
    /// Whether it is about `sts:GetCallerIdentity`.
    pub(crate) fn is_about_caller_identity(&self) -> bool {
        self.action.has_service(b"sts")
            && self.action.name().eq_ignore_ascii_case(b"getcalleridentity")
    }
}

impl Label {
    pub(crate) fn new(written: &document::Statement<'_>) -> Self {
        let sid = written.sid.as_ref().map(|sid| Box::from(&*sid.value));
        Self { sid, span: written.span.clone() }
    }
}

impl Statement {
    /// Compiles a statement. Its actions go into the policy's index.
    pub(crate) fn new(written: &document::Statement<'_>, version: Version) -> Self {
        let principals =
            written.principal.as_ref().map(|named| PrincipalClause::new(named, written.effect));
        let principals = principals.map(Box::new);
        let resources = written.resource.as_ref().map(|listed| Resources::new(listed, version));
        let conditions = written.conditions.iter().map(|block| {
            let values = block.values.iter().map(|value| &*value.value);
            Condition::new(block.operator, &block.key.value, values, version)
        });
        Self {
            effect: written.effect,
            principals,
            resources: resources.filter(|resources| !resources.is_everything()),
            conditions: conditions.collect(),
        }
    }

    /// Whether a statement that covers the action applies to a request, and at which levels it
    /// names the caller. A statement without principals, as in identity policies, means its bearer:
    /// directly.
    #[inline]
    pub(crate) fn applies(&self, question: &Question<'_>) -> Levels {
        let levels = self.names(question);
        if levels.is_none() || !self.covers_resource(question) {
            return Levels::NONE;
        }
        let holds = self.conditions.iter().all(|condition| condition.holds(question.context));
        if holds { levels } else { Levels::NONE }
    }

    /// Whether it applies to every request whose action it covers.
    pub(crate) fn is_unconditional(&self) -> bool {
        self.principals.is_none() && self.resources.is_none() && self.conditions.is_empty()
    }

    /// At which levels the statement names the caller.
    pub(crate) fn names(&self, question: &Question<'_>) -> Levels {
        match &self.principals {
            Some(principals) => principals.levels(question.caller, question.has_boundary),
            None => Levels::DIRECT,
        }
    }

    /// Its conditions, in the order of its text.
    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether a variable in its resources has no value.
    pub(crate) fn has_unresolved_resource(&self, question: &Question<'_>) -> bool {
        self.resources.as_ref().is_some_and(|resources| resources.is_unresolved(question.context))
    }

    /// A statement without resources, as in trust policies, means the resource it is attached to.
    #[inline]
    pub(crate) fn covers_resource(&self, question: &Question<'_>) -> bool {
        self.resources.as_ref().is_none_or(|resources| {
            resources.cover(&question.resource, question.context, self.effect)
        })
    }
}
