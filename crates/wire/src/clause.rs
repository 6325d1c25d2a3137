//! One limit of the model on one value, and how AWS words it.

use std::fmt;

use schema::{FieldRules, Service};

use crate::message::Value;
use crate::pattern;

/// A limit on a value or on a number of members.
pub(crate) enum Clause<'a> {
    MaxLength(u32),
    MinLength(u32),
    Pattern(&'a str),
    /// The values allowed; IAM does not name them.
    OneOf(&'a [String], Service),
    MaxValue(i64),
    MinValue(i64),
}

/// What of a value a limit is about.
pub(crate) enum Measure<'a> {
    /// Unicode scalar values of a text, and the text.
    Text(usize, &'a str),
    /// Octets of a blob, members of a list or map.
    Length(usize),
    Number(i64),
    /// Nothing the model limits.
    None,
}

impl<'a> Clause<'a> {
    /// All limits, in the order in which AWS names them.
    pub(crate) fn all(rules: &'a FieldRules, service: Service) -> Vec<Self> {
        let one_of = (!rules.one_of.is_empty()).then_some(rules.one_of.as_slice());
        [
            rules.max_length.map(Clause::MaxLength),
            rules.min_length.map(Clause::MinLength),
            rules.pattern.as_deref().map(Clause::Pattern),
            one_of.map(|values| Clause::OneOf(values, service)),
            rules.max_value.map(Clause::MaxValue),
            rules.min_value.map(Clause::MinValue),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether a value is within the limit; a limit on something it does not have always holds.
    pub(crate) fn holds(&self, measure: &Measure<'_>) -> bool {
        match (self, measure) {
            (Clause::MaxLength(most), Measure::Text(length, _) | Measure::Length(length)) => {
                *length <= *most as usize
            }
            (Clause::MinLength(least), Measure::Text(length, _) | Measure::Length(length)) => {
                *length >= *least as usize
            }
            (Clause::Pattern(pattern), Measure::Text(_, text)) => pattern::matches(pattern, text),
            (Clause::OneOf(values, _), Measure::Text(_, text)) => {
                values.iter().any(|value| value == text)
            }
            (Clause::MaxValue(most), Measure::Number(number)) => number <= most,
            (Clause::MinValue(least), Measure::Number(number)) => number >= least,
            _ => true,
        }
    }
}

impl fmt::Display for Clause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clause::MaxLength(n) => write!(f, "Member must have length less than or equal to {n}"),
            Clause::MinLength(n) => {
                write!(f, "Member must have length greater than or equal to {n}")
            }
            Clause::Pattern(text) => {
                write!(f, "Member must satisfy regular expression pattern: {text}")
            }
            Clause::OneOf(_, Service::Iam) => f.write_str("Member must satisfy enum value set"),
            Clause::OneOf(values, _) => {
                write!(f, "Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Clause::MaxValue(n) => write!(f, "Member must have value less than or equal to {n}"),
            Clause::MinValue(n) => write!(f, "Member must have value greater than or equal to {n}"),
        }
    }
}

/// What of a value its limits are about.
pub(crate) fn measure<'a>(value: &Value<'a>) -> Measure<'a> {
    match value {
        Value::Text(text) => Measure::Text(text.chars().count(), text),
        Value::Octets(bytes) => Measure::Length(bytes.len()),
        Value::Number(number) => Measure::Number(*number),
        Value::Flag(_) | Value::Moment(_) | Value::Structure(_) => Measure::None,
    }
}
