//! A question as it is asked: every text stands where it came in.

mod read;

use model::v1;
use schema::authz::v1::{self as wire, principal};

pub use read::Unreadable;

/// A question, borrowed from the message that asks it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked<'a> {
    /// Whom it is about.
    pub principal: Option<Named<'a>>,
    /// `service:Name`
    pub action: &'a str,
    /// The ARN of the resource, or `*`.
    pub resource: &'a str,
    /// The account that owns it.
    pub resource_account: Option<&'a str>,
    /// Condition keys, ordered by name, each name once.
    pub context: Vec<Told<'a>>,
    /// The resource's own policy.
    pub resource_policy: Option<&'a str>,
    /// What all of it stands in, if that is one text.
    pub text: Whole<'a>,
}

/// The text that a question stands in; `""` if there is none. What a question asks does not depend on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whole<'a>(pub &'a str);

impl PartialEq for Whole<'_> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Whole<'_> {}

/// A principal as a question names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named<'a> {
    /// By its ARN.
    Arn(&'a str),
    /// By a key that it has shown.
    Credential {
        /// The key.
        access_key_id: &'a str,
        /// The token of temporary credentials.
        session_token: Option<&'a str>,
    },
}

/// A condition key and its values.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told<'a> {
    /// Its name, in any case of letters.
    pub key: &'a str,
    /// Its values.
    pub values: Texts<'a>,
}

/// Texts in order. Nearly always there is one, which needs no list.
#[derive(Clone, Debug)]
pub enum Texts<'a> {
    /// One.
    One(&'a str),
    /// Any number.
    Many(Vec<&'a str>),
}

impl<'a> Texts<'a> {
    /// Adds a text.
    pub fn push(&mut self, text: &'a str) {
        *self = match std::mem::take(self) {
            Texts::Many(texts) if texts.is_empty() => Texts::One(text),
            Texts::One(first) => Texts::Many(vec![first, text]),
            Texts::Many(mut texts) => {
                texts.push(text);
                Texts::Many(texts)
            }
        }
    }

    /// All of them.
    #[inline]
    pub fn all(&self) -> &[&'a str] {
        match self {
            Texts::One(text) => std::slice::from_ref(text),
            Texts::Many(texts) => texts,
        }
    }

    /// The only one.
    #[inline]
    pub fn single(&self) -> Option<&'a str> {
        match self.all() {
            [text] => Some(text),
            _ => None,
        }
    }
}

impl Default for Texts<'_> {
    fn default() -> Self {
        Texts::Many(Vec::new())
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for Texts<'_> {}

impl<'a> Named<'a> {
    /// The principal of a message, if it names one.
    pub fn of(principal: Option<&'a wire::Principal>) -> Option<Self> {
        Some(match principal?.who.as_ref()? {
            principal::Who::Arn(arn) => Named::Arn(arn),
            principal::Who::Credential(shown) => Named::Credential {
                access_key_id: &shown.access_key_id,
                session_token: shown.session_token.as_deref(),
            },
        })
    }
}

impl<'a> From<&'a wire::Question> for Asked<'a> {
    fn from(question: &'a wire::Question) -> Self {
        let told = question.context.iter().map(|(key, values)| Told {
            key,
            values: match &*values.values {
                [value] => Texts::One(value),
                values => Texts::Many(values.iter().map(String::as_str).collect()),
            },
        });
        Asked {
            principal: Named::of(question.principal.as_ref()),
            action: &question.action,
            resource: &question.resource,
            resource_account: question.resource_account.as_deref(),
            context: told.collect(),
            resource_policy: question.resource_policy.as_deref(),
            text: Whole::default(),
        }
    }
}

/// The caller that a long-term key makes.
pub fn long_term(access_key_id: &str) -> v1::Caller {
    let kind = Some(v1::caller::Kind::LongTerm(v1::caller::LongTerm {}));
    v1::Caller { access_key_id: access_key_id.to_owned(), kind }
}
