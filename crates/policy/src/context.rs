//! The request context: the condition keys of one request.

mod known;

use crate::{
    condition::{boolean, date, ip},
    hash::hash,
};
use alloc::{
    borrow::Cow,
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::net::IpAddr;
use known::{KNOWN, SOURCE_IP, known};

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
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The hash of each entry's key, in the order of the entries.
    hashes: Vec<u64>,
    /// In the order in which they were set.
    entries: Vec<(Box<str>, Value)>,
    places: Places,
}

/// What is known of the keys of `KNOWN` without looking at their entries, which lie elsewhere in
/// memory: most conditions are about a few of them.
#[derive(Debug, Clone)]
struct Places {
    /// For each key the place of its entry, or `ABSENT`.
    at: [u8; KNOWN.len()],
    /// A bit for each key with the single value true, or false.
    truths: u64,
    lies: u64,
    /// The single value of `aws:SourceIp`.
    source_ip: Option<IpAddr>,
}

const _: () = assert!(KNOWN.len() <= 64, "a bit for each key");

/// No place. Entries beyond it are searched for.
const ABSENT: u8 = u8::MAX;

impl Default for Places {
    fn default() -> Self {
        Self { at: [ABSENT; KNOWN.len()], truths: 0, lies: 0, source_ip: None }
    }
}

/// A key that policies look up, in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    text: Box<str>,
    hash: u64,
    /// Its place in `KNOWN`.
    known: Option<u8>,
}

impl Key {
    /// The key of that name, in any case of letters.
    pub(crate) fn new(name: &str) -> Self {
        let text = Box::from(&*lowered(name));
        let hash = hash(str::as_bytes(&text));
        let known = known(&text).and_then(|at| u8::try_from(at).ok());
        Self { text, hash, known }
    }
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
        let key = lowered(key);
        self.find(&key, hash(key.as_bytes())).map(|at| &self.entries[at].1)
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let key = lowered(key);
        let at = self.find(&key, hash(key.as_bytes()))?;
        self.hashes.remove(at);
        let (_, value) = self.entries.remove(at);
        self.places = Places::default();
        for (at, (key, value)) in self.entries.iter().enumerate() {
            self.places.note(key, at, value);
        }
        Some(value)
    }

    /// The keys, in lower case and in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let mut sorted: Vec<(&str, &Value)> =
            self.entries.iter().map(|(key, value)| (&**key, value)).collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        sorted.into_iter()
    }

    /// The value of a key that policies look up.
    #[inline]
    pub(crate) fn lookup(&self, key: &Key) -> Option<&Value> {
        if let Some(known) = key.known {
            let place = self.places.at[usize::from(known)];
            if place != ABSENT {
                return Some(&self.entries[usize::from(place)].1);
            }
            if self.entries.len() <= usize::from(ABSENT) {
                return None;
            }
        }
        self.find(&key.text, key.hash).map(|at| &self.entries[at].1)
    }

    /// The single Boolean value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_bool(&self, key: &Key) -> Option<bool> {
        let bit = 1 << key.known?;
        match (self.places.truths & bit != 0, self.places.lies & bit != 0) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// The single address that is the value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_address(&self, key: &Key) -> Option<IpAddr> {
        if key.known.map(usize::from) == Some(SOURCE_IP) { self.places.source_ip } else { None }
    }

    fn find(&self, key: &str, hash: u64) -> Option<usize> {
        let mut from = 0;
        loop {
            let at = from + self.hashes[from..].iter().position(|other| *other == hash)?;
            if *self.entries[at].0 == *key {
                return Some(at);
            }
            from = at + 1;
        }
    }

    fn put(&mut self, key: &str, value: Value) {
        let key = lowered(key);
        let hash = hash(key.as_bytes());
        if let Some(at) = self.find(&key, hash) {
            self.places.note(&key, at, &value);
            self.entries[at].1 = value;
            return;
        }
        self.places.note(&key, self.entries.len(), &value);
        self.hashes.push(hash);
        self.entries.push((key.into(), value));
    }
}

impl PartialEq for Context {
    /// The order in which keys were set does not count.
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Context {}

impl Places {
    fn note(&mut self, key: &str, at: usize, value: &Value) {
        let Some(known) = known(key) else { return };
        self.at[known] = u8::try_from(at).unwrap_or(ABSENT);
        let single = value.single();
        let bit = |wanted| u64::from(single.and_then(boolean::parse) == Some(wanted)) << known;
        self.truths = self.truths & !(1 << known) | bit(true);
        self.lies = self.lies & !(1 << known) | bit(false);
        if known == SOURCE_IP {
            self.source_ip = single.and_then(ip::address);
        }
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
    fn what_is_known_follows_the_value() {
        let (mut context, flag) = (Context::new(), Key::new("aws:SecureTransport"));
        let address = Key::new("aws:SourceIp");
        let known =
            |context: &Context| (context.known_bool(&flag), context.known_address(&address));
        assert_eq!(known(&context), (None, None));
        context.set("AWS:SecureTransport", "True");
        context.set("aws:sourceip", "10.1.2.3");
        assert_eq!(known(&context), (Some(true), Some([10, 1, 2, 3].into())));
        context.set_bool("aws:SecureTransport", false);
        context.set("aws:SourceIp", "nonsense");
        assert_eq!(known(&context), (Some(false), None));
        context.set_list("aws:SecureTransport", ["true"]);
        assert_eq!(known(&context), (None, None));
        context.set_bool("aws:SecureTransport", true);
        context.set("aws:SourceIp", "::1");
        context.set("k", "true");
        assert_eq!(context.known_bool(&Key::new("k")), None);
        context.remove("aws:sourceip");
        assert_eq!(known(&context), (Some(true), None));
    }

    #[test]
    fn very_many_keys() {
        let mut context = Context::new();
        for n in 0..300 {
            context.set(&alloc::format!("k{n}"), "x");
        }
        for key in KNOWN {
            context.set(key, key);
        }
        for key in KNOWN {
            let found = context.lookup(&Key::new(key)).and_then(Value::single);
            assert_eq!(found, Some(key));
        }
        for n in 0..300 {
            let found = context.lookup(&Key::new(&alloc::format!("K{n}")));
            assert!(found.is_some(), "{n}");
            assert!(context.remove(&alloc::format!("k{n}")).is_some(), "{n}");
        }
        for key in KNOWN {
            assert_eq!(context.lookup(&Key::new(key)).and_then(Value::single), Some(key));
        }
        assert_eq!(context.iter().count(), KNOWN.len());
        assert!(context.iter().map(|(key, _)| key).is_sorted());
        assert!(context.lookup(&Key::new("k1")).is_none());
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
