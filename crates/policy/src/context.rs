//! The request context: the condition keys of one request.

use crate::condition::date;
use alloc::{
    borrow::Cow,
    boxed::Box,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single-valued key.
    One(String),
    /// A multivalued key, whatever the number of its values.
    Many(Vec<String>),
}

/// Every condition key of one request. Key names compare without regard to case, the part after
/// the slash of a tag key included (IAM policy elements: Condition).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<Box<str>, Value>,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a single-valued key.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.put(key, Value::One(value.into()));
    }

    /// Sets a multivalued key. An empty list counts as absent, except that `Null` finds it present.
    pub fn set_list<T: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        self.put(key, Value::Many(values.into_iter().map(Into::into).collect()));
    }

    /// Sets a Boolean key.
    pub fn set_bool(&mut self, key: &str, value: bool) {
        self.set(key, if value { "true" } else { "false" });
    }

    /// Sets a numeric key.
    pub fn set_integer(&mut self, key: &str, value: i64) {
        self.set(key, value.to_string());
    }

    /// Sets a date key from seconds since 1970 (UTC).
    pub fn set_time(&mut self, key: &str, seconds: i64) {
        self.set(key, date::format(seconds));
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(&*lowered(key))
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.values.remove(&*lowered(key))
    }

    /// The keys, in lower case and in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (&**key, value))
    }

    /// The value of a key that is in lower case already.
    pub(crate) fn lookup(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    fn put(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_lowercase().into(), value);
    }
}

impl Value {
    /// The value of a single-valued key.
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::One(value) => Some(value),
            Self::Many(_) => None,
        }
    }

    /// All values.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(value) => core::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

fn lowered(key: &str) -> Cow<'_, str> {
    let is_lower = key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(key) } else { Cow::Owned(key.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_case() {
        let mut context = Context::new();
        context.set("aws:PrincipalTag/TEAM", "Red");
        context.set("AWS:principaltag/Team", "Blue");
        let value = context.get("aws:principalTag/teaM").expect("set");
        assert_eq!(value.single(), Some("Blue"));
        assert_eq!(context.iter().count(), 1);
        assert!(context.remove("aws:PRINCIPALTAG/team").is_some());
        assert_eq!(context, Context::new());
    }

    #[test]
    fn typed_setters() {
        let mut context = Context::new();
        context.set_bool("b", true);
        context.set_integer("n", -7);
        context.set_time("t", 1_610_508_817);
        context.set_list("l", ["x"]);
        assert_eq!(context.get("b").and_then(Value::single), Some("true"));
        assert_eq!(context.get("n").and_then(Value::single), Some("-7"));
        assert_eq!(context.get("t").and_then(Value::single), Some("2021-01-13T03:33:37Z"));
        assert_eq!(context.get("l").map(Value::all), Some(&["x".into()][..]));
        assert_eq!(context.get("l").and_then(Value::single), None);
    }
}
