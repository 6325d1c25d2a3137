//! Conditions: one key under one operator, compiled.

pub(crate) mod arn;
mod binary;
pub(crate) mod boolean;
pub(crate) mod date;
pub(crate) mod ip;
pub(crate) mod numeric;
mod operator;
mod string;

pub(crate) use operator::{Family, Operator, Quantifier};

use crate::{Context, Value, Version, context::Key, silence, steps};
use alloc::boxed::Box;

/// What comparing one value of the request with one value of the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Match,
    Differ,
    /// One of the two is no value of the operator's type.
    Invalid,
}

impl Verdict {
    fn of(is_match: bool) -> Self {
        if is_match { Self::Match } else { Self::Differ }
    }
}

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    key: Key,
    quantifier: Quantifier,
    negated: bool,
    if_exists: bool,
    has_values: bool,
    test: Test,
}

/// The values of a condition in the operator's type. `None` marks a value that is none: validation
/// refuses those, and in documents that were read without it rule A-9 holds.
#[derive(Debug, Clone)]
enum Test {
    String(string::Mode, Box<[string::Pattern]>),
    Numeric(operator::Order, Box<[Option<numeric::Decimal>]>),
    Date(operator::Order, Box<[Option<date::Instant>]>),
    Bool(Box<[Option<bool>]>),
    Binary(Box<[Option<Box<str>>]>),
    Ip(Box<[Option<ip::Network>]>),
    Arn(Box<[arn::Pattern]>),
    Null(Box<[Option<bool>]>),
}

impl Condition {
    /// Compiles a condition.
    pub(crate) fn new<'a>(
        operator: Operator,
        key: &str,
        values: impl Iterator<Item = &'a str> + Clone,
        version: Version,
    ) -> Self {
        let has_values = values.clone().next().is_some();
        let test = match operator.family {
            Family::Exact | Family::Folded | Family::Like => {
                let mode = string::Mode::of(operator.family);
                Test::String(mode, values.map(|v| string::Pattern::new(v, version, mode)).collect())
            }
            Family::Numeric(order) => Test::Numeric(order, values.map(numeric::parse).collect()),
            Family::Date(order) => Test::Date(order, values.map(date::parse).collect()),
            Family::Bool => Test::Bool(values.map(boolean::parse).collect()),
            Family::Binary => Test::Binary(values.map(binary::parse).collect()),
            Family::Ip => Test::Ip(values.map(ip::Network::parse).collect()),
            Family::Arn => Test::Arn(values.map(|v| arn::Pattern::new(v, version)).collect()),
            Family::Null => Test::Null(values.map(boolean::parse).collect()),
        };
        let Operator { quantifier, negated, if_exists, .. } = operator;
        Self { key: Key::new(key), quantifier, negated, if_exists, has_values, test }
    }

    /// Whether the condition is true of a request with this context.
    #[inline]
    pub(crate) fn holds(&self, context: &Context<'_>) -> bool {
        // The usual conditions on strings, Booleans and addresses, by what the context knows of its
        // keys. A single value is the same to every quantifier.
        match &self.test {
            Test::String(mode, patterns) if self.has_values => {
                if let Some(value) = context.known_text(&self.key) {
                    let is_match = |p: &string::Pattern| p.matches(*mode, value, context);
                    return patterns.iter().any(is_match) != self.negated;
                }
            }
            Test::Bool(wanted) if self.has_values => {
                if let Some(value) = context.known_bool(&self.key) {
                    return wanted.contains(&Some(value));
                }
            }
            Test::Ip(networks) if self.has_values => {
                if let Some(address) = context.known_address(&self.key) {
                    return self.each(networks, |network| network.contains(address));
                }
            }
            _ => {}
        }
        self.holds_by_entry(context)
    }

    fn holds_by_entry(&self, context: &Context<'_>) -> bool {
        let value = context.lookup(&self.key);
        if let Test::Null(wanted) = &self.test {
            return match self.quantifier {
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::Single => wanted.contains(&Some(value.is_none())),
            };
        }
        if !self.has_values {
            // No value of the request is on an empty list: what is left is that it has none.
            return match self.quantifier {
                Quantifier::All => value.is_none_or(Value::is_empty),
                _ => self.if_exists && value.is_none(),
            };
        }
        let Some(value) = value else { return self.holds_without_key() };
        match (self.quantifier, value) {
            (Quantifier::Single, Value::One(value)) => self.satisfied(value, context),
            (Quantifier::Single, Value::Many(_)) => silence::MULTIVALUED_WITHOUT_SET_OPERATOR,
            (Quantifier::All, values) => values.all().all(|v| self.satisfied(v, context)),
            (Quantifier::Any, values) => values.all().any(|v| self.satisfied(v, context)),
        }
    }

    fn holds_without_key(&self) -> bool {
        match (self.if_exists, self.quantifier) {
            (true, Quantifier::Any) => silence::ANY_VALUE_IF_EXISTS_WITHOUT_KEY,
            (true, _) | (false, Quantifier::All) => true,
            (false, Quantifier::Any) => false,
            (false, Quantifier::Single) => self.negated,
        }
    }

    /// Whether one value of the request satisfies the operator against the policy's values: any of
    /// them must match, or under a negated operator none may.
    fn satisfied(&self, value: &str, context: &Context<'_>) -> bool {
        match &self.test {
            Test::String(mode, patterns) => {
                let is_match = |p: &string::Pattern| p.matches(*mode, value.as_bytes(), context);
                patterns.iter().any(is_match) != self.negated
            }
            Test::Numeric(order, values) => {
                let Some(value) = numeric::read(value) else { return silence::UNREADABLE_VALUE };
                self.ordered(*order, values, |number| value.cmp(&number.view()))
            }
            Test::Date(order, values) => {
                let Some(value) = date::parse(value) else { return silence::UNREADABLE_VALUE };
                self.ordered(*order, values, |instant| value.cmp(instant))
            }
            Test::Bool(values) => {
                let Some(value) = boolean::parse(value) else { return silence::UNREADABLE_VALUE };
                self.each(values, |wanted| *wanted == value)
            }
            Test::Binary(values) => {
                // Equal bytes have one spelling only, so that the text need not be decoded.
                if !binary::is_readable(value) {
                    return silence::UNREADABLE_VALUE;
                }
                self.each(values, |wanted| **wanted == *value)
            }
            Test::Ip(values) => {
                let Some(value) = ip::address(value) else { return silence::UNREADABLE_VALUE };
                self.each(values, |network| network.contains(value))
            }
            Test::Arn(patterns) => {
                let Some(value) = arn::split(value) else { return silence::UNREADABLE_VALUE };
                self.settle(patterns.iter().map(|p| p.verdict(&value, context)))
            }
            Test::Null(_) => false,
        }
    }

    fn ordered<T>(
        &self,
        order: operator::Order,
        values: &[Option<T>],
        compare: impl Fn(&T) -> core::cmp::Ordering,
    ) -> bool {
        self.each(values, |value| order.holds(compare(value)))
    }

    fn each<T>(&self, values: &[Option<T>], is_match: impl Fn(&T) -> bool) -> bool {
        self.settle(values.iter().map(|value| match value {
            Some(value) => Verdict::of(is_match(value)),
            None => Verdict::Invalid,
        }))
    }

    fn settle(&self, verdicts: impl Iterator<Item = Verdict>) -> bool {
        let mut verdicts = verdicts.inspect(|_| steps::add(1));
        if self.negated {
            verdicts.all(|verdict| match verdict {
                Verdict::Match => false,
                Verdict::Differ => true,
                Verdict::Invalid => silence::UNREADABLE_VALUE,
            })
        } else {
            verdicts.any(|verdict| verdict == Verdict::Match)
        }
    }
}

/// What is wrong with a value for an operator of this family, if anything is.
pub(crate) fn value_fault(family: Family, value: &str, version: Version) -> Option<&'static str> {
    let (is_read, what) = match family {
        Family::Exact | Family::Folded | Family::Like => {
            return crate::variable::fault(value, version);
        }
        Family::Arn => return arn::fault(value, version),
        Family::Numeric(_) => (numeric::read(value).is_some(), "not a number"),
        Family::Date(_) => (date::parse(value).is_some(), "not a date"),
        Family::Bool | Family::Null => (boolean::parse(value).is_some(), "not true or false"),
        Family::Binary => (binary::is_readable(value), "not base64"),
        Family::Ip => (ip::Network::parse(value).is_some(), "not an IP address or range"),
    };
    (!is_read).then_some(what)
}

#[cfg(test)]
mod tests;
