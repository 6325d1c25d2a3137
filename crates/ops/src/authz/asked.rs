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
}

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
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts<'a> {
    first: Option<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    /// Adds a text.
    pub fn push(&mut self, text: &'a str) {
        match self.first {
            None => self.first = Some(text),
            Some(_) => self.others.push(text),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.first.into_iter().chain(self.others.iter().copied())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Their bytes together.
    pub fn bytes(&self) -> usize {
        self.first.map_or(0, str::len) + self.others.iter().map(|text| text.len()).sum::<usize>()
    }

    /// The only one.
    #[inline]
    pub fn single(&self) -> Option<&'a str> {
        self.first.filter(|_| self.others.is_empty())
    }
}

impl<'a> FromIterator<&'a str> for Texts<'a> {
    fn from_iter<T: IntoIterator<Item = &'a str>>(texts: T) -> Self {
        let mut texts = texts.into_iter();
        Texts { first: texts.next(), others: texts.collect() }
    }
}

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
            values: values.values.iter().map(String::as_str).collect(),
        });
        Asked {
            principal: Named::of(question.principal.as_ref()),
            action: &question.action,
            resource: &question.resource,
            resource_account: question.resource_account.as_deref(),
            context: told.collect(),
            resource_policy: question.resource_policy.as_deref(),
        }
    }
}

/// The caller that a long-term key makes.
pub fn long_term(access_key_id: &str) -> v1::Caller {
    let kind = Some(v1::caller::Kind::LongTerm(v1::caller::LongTerm {}));
    v1::Caller { access_key_id: access_key_id.to_owned(), kind }
}
