//! The request context: the condition keys of one request.

mod known;
mod slots;
mod value;

pub use known::{KnownKey, lowered};
pub use value::{List, Value};

use crate::{condition::date, hash::hash};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, net::IpAddr};
pub(crate) use known::{KNOWN, known};
use slots::{Slot, Slots};
use value::Span;

/// Every condition key of one request. Key names compare without regard to case, the part after
/// the slash of a tag key included (IAM policy elements: Condition).
///
/// All texts stand in one buffer, and the places of the usual keys in the context itself: what a
/// decision looks at lies close together. A value set anew leaves the old one in the buffer.
#[derive(Clone, Default)]
pub struct Context {
    slots: Slots,
    /// What the slots do not tell: keys that are not in `KNOWN`, lists, and what lies far behind.
    others: Vec<Other>,
    /// The texts of values, and of the keys of `others`.
    text: String,
    /// The values of lists, as places in `text`.
    lists: Vec<Span>,
}

/// A key that no slot tells.
#[derive(Debug, Clone, Copy)]
struct Other {
    hash: u64,
    key: Span,
    /// The place of the single value in `text`, or of the values in `lists`.
    value: Span,
    is_list: bool,
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

    /// The same context, with room for more texts of so many bytes together.
    pub fn extended(&self, bytes: usize) -> Self {
        let mut text = String::with_capacity(self.text.len() + bytes);
        text.push_str(&self.text);
        let (slots, others, lists) = (self.slots.clone(), self.others.clone(), self.lists.clone());
        Self { slots, others, text, lists }
    }

    /// Sets a single-valued key.
    pub fn set(&mut self, key: &str, value: impl AsRef<str>) {
        match KnownKey::of(key) {
            Some(key) => self.set_known(key, value.as_ref()),
            None => {
                let key = lowered(key);
                self.remove_lowered(&key);
                let span = self.push(value.as_ref());
                self.put(&key, span, false);
            }
        }
    }

    /// Sets a key that was found before.
    #[inline]
    pub fn set_known(&mut self, key: KnownKey, value: &str) {
        let place = key.place();
        match self.slots.get(place) {
            Slot::Absent => {}
            Slot::At(_) => _ = self.slots.clear(place),
            Slot::Elsewhere => _ = self.remove_lowered(key.name()),
        }
        let span = self.push(value);
        if !self.slots.set(place, span, value) {
            self.put(key.name(), span, false);
        }
    }

    /// Sets a multivalued key. With an empty list it is present and has no value.
    pub fn set_list<T: AsRef<str>>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        let key = lowered(key);
        self.remove_lowered(&key);
        let start = self.lists.len();
        for value in values {
            let span = self.push(value.as_ref());
            self.lists.push(span);
        }
        if let Some(place) = known(&key) {
            self.slots.set_elsewhere(place);
        }
        self.put(&key, Span::of(start..self.lists.len()), true);
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
    pub fn get(&self, key: &str) -> Option<Value<'_>> {
        let key = lowered(key);
        match known(&key) {
            Some(place) => self.known(place, &key, || hash(key.as_bytes())),
            None => self.other(&key, hash(key.as_bytes())),
        }
    }

    /// Removes a key; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        self.remove_lowered(&lowered(key))
    }

    /// The keys, in lower case and in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let known =
            KNOWN.into_iter().enumerate().filter_map(|(place, key)| match self.slots.get(place) {
                Slot::At(span) => Some((key, Value::One(span.of_text(&self.text)))),
                Slot::Absent | Slot::Elsewhere => None,
            });
        let others =
            self.others.iter().map(|other| (other.key.of_text(&self.text), self.value(other)));
        let mut sorted: Vec<(&str, Value<'_>)> = known.chain(others).collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        sorted.into_iter()
    }

    /// The value of a key that policies look up.
    #[inline]
    pub(crate) fn lookup(&self, key: &Key) -> Option<Value<'_>> {
        match key.known {
            Some(place) => self.known(usize::from(place), &key.text, || key.hash),
            None => self.other(&key.text, key.hash),
        }
    }

    /// The single value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_text(&self, key: &Key) -> Option<&[u8]> {
        match self.slots.get(usize::from(key.known?)) {
            Slot::At(span) => self.text.as_bytes().get(span.range()),
            Slot::Absent | Slot::Elsewhere => None,
        }
    }

    /// The single Boolean value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_bool(&self, key: &Key) -> Option<bool> {
        self.slots.boolean(usize::from(key.known?))
    }

    /// The single address that is the value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_address(&self, key: &Key) -> Option<IpAddr> {
        self.slots.address(usize::from(key.known?))
    }

    #[inline]
    fn known(&self, place: usize, key: &str, hash: impl FnOnce() -> u64) -> Option<Value<'_>> {
        match self.slots.get(place) {
            Slot::At(span) => Some(Value::One(span.of_text(&self.text))),
            Slot::Absent => None,
            Slot::Elsewhere => self.other(key, hash()),
        }
    }

    #[inline]
    fn other(&self, key: &str, hash: u64) -> Option<Value<'_>> {
        self.find(key, hash).map(|at| self.value(&self.others[at]))
    }

    fn value(&self, other: &Other) -> Value<'_> {
        match other.is_list {
            true => Value::Many(List::new(&self.text, &self.lists[other.value.range()])),
            false => Value::One(other.value.of_text(&self.text)),
        }
    }

    #[inline]
    fn find(&self, key: &str, hash: u64) -> Option<usize> {
        let is_it = |other: &Other| other.hash == hash && *other.key.of_text(&self.text) == *key;
        self.others.iter().position(is_it)
    }

    fn push(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        Span::of(start..self.text.len())
    }

    fn put(&mut self, key: &str, value: Span, is_list: bool) {
        let hash = hash(key.as_bytes());
        let key = self.push(key);
        self.others.push(Other { hash, key, value, is_list });
    }

    fn remove_lowered(&mut self, key: &str) -> bool {
        match known(key).map(|place| self.slots.clear(place)) {
            Some(Slot::At(_)) => return true,
            Some(Slot::Absent) => return false,
            Some(Slot::Elsewhere) | None => {}
        }
        let found = self.find(key, hash(key.as_bytes()));
        found.map(|at| self.others.swap_remove(at)).is_some()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Context {
    /// The order in which keys were set does not count.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Context {}

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
        assert!(context.remove("aws:PRINCIPALTAG/team"));
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
            let found = context.lookup(&Key::new(key)).and_then(|value| value.single());
            assert_eq!(found, Some(key));
        }
        for n in 0..300 {
            let found = context.lookup(&Key::new(&alloc::format!("K{n}")));
            assert!(found.is_some(), "{n}");
            assert!(context.remove(&alloc::format!("k{n}")), "{n}");
        }
        for key in KNOWN {
            assert_eq!(context.lookup(&Key::new(key)).and_then(|value| value.single()), Some(key));
        }
        assert_eq!(context.iter().count(), KNOWN.len());
        let mut fewer = context.clone();
        for key in KNOWN.iter().step_by(2) {
            assert!(fewer.remove(key), "{key}");
        }
        fewer.set("aws:AssumedRoot", "again");
        for (at, key) in KNOWN.into_iter().enumerate() {
            let expected = if at == 0 { Some("again") } else { (at % 2 == 1).then_some(key) };
            assert_eq!(fewer.get(key).and_then(|value| value.single()), expected, "{key}");
        }
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
        assert_eq!(context.get("b").and_then(|value| value.single()), Some("true"));
        assert_eq!(context.get("n").and_then(|value| value.single()), Some("-7"));
        assert_eq!(context.get("t").and_then(|value| value.single()), Some("2021-01-13T03:33:37Z"));
        let list = context.get("l").expect("set");
        assert_eq!(list.all().collect::<Vec<_>>(), ["x"]);
        assert_eq!(context.get("l").and_then(|value| value.single()), None);
    }

    #[test]
    fn values_far_behind_and_lists_are_found() {
        let mut context = Context::new();
        context.set("aws:UserAgent", "x".repeat(70_000));
        context.set("aws:username", "alice");
        context.set_list("aws:TagKeys", ["a", "b"]);
        let key = Key::new("aws:username");
        assert_eq!(context.lookup(&key).and_then(|value| value.single()), Some("alice"));
        context.set("aws:username", "bob");
        assert_eq!(context.get("aws:UserName").and_then(|value| value.single()), Some("bob"));
        let agent = context.get("aws:useragent").and_then(|value| value.single());
        assert_eq!(agent.map(str::len), Some(70_000));
        assert_eq!(context.iter().count(), 3);
        context.set("aws:TagKeys", "one");
        assert_eq!(context.get("aws:tagkeys").and_then(|value| value.single()), Some("one"));
        context.set_list("aws:TagKeys", ["c"]);
        assert!(context.remove("aws:TagKeys") && context.remove("aws:username"));
        assert!(!context.remove("aws:TagKeys") && !context.remove("aws:username"));
        assert!(context.lookup(&key).is_none());
    }
}
