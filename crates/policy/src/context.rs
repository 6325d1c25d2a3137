//! The request context: the condition keys of one request.

mod known;
mod slots;
mod texts;
mod value;

pub use known::{KnownKey, lowered};
pub use value::{List, Value};

use crate::{condition::date, hash::hash};
use alloc::{boxed::Box, collections::BTreeMap, string::ToString, vec::Vec};
use core::{fmt, iter, net::IpAddr};
pub(crate) use known::{KNOWN, known};
use slots::{Slot, Slots};
use texts::{Span, Texts};

/// Every condition key of one request. Key names compare without regard to case, the part after
/// the slash of a tag key included (IAM policy elements: Condition).
///
/// A context may lie over another one, such as that of what is known of a principal, and over the
/// message of a request: see [`Context::over`]. The places of the usual keys stand in the context
/// itself, so that what a decision looks at lies close together. A value set anew leaves the old
/// one in the buffer.
#[derive(Clone, Default)]
pub struct Context<'a> {
    /// What holds of the keys that are not set here.
    beneath: Option<&'a Context<'a>>,
    slots: Slots,
    /// What the slots do not tell: keys that are not in `KNOWN`, lists, and what lies far behind. Of a key that its
    /// slot tells anew what stands here does not count.
    others: Vec<Other>,
    /// The texts of values, and of the keys of `others`.
    texts: Texts<'a>,
    /// The values of lists.
    lists: Vec<Span>,
}

/// A key that no slot tells.
#[derive(Debug, Clone, Copy)]
struct Other {
    hash: u64,
    key: Span,
    /// The place of the single value in the texts, or of the values in `lists`.
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

impl<'a> Context<'a> {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// A context with the keys of another one, and with values of its own that hide them. A value
    /// that stands in `message` is borrowed from there; all others are copied.
    pub fn over(beneath: &'a Context<'a>, message: &'a str) -> Self {
        Self { beneath: Some(beneath), texts: Texts::over(message), ..Self::default() }
    }

    /// Sets a single-valued key; whether it was set here before, not counting what lies beneath.
    pub fn set(&mut self, key: &str, value: impl AsRef<str>) -> bool {
        match KnownKey::of(key) {
            Some(key) => self.set_known(key, value.as_ref()),
            None => self.set_rare(key, value.as_ref()),
        }
    }

    /// The same for a key that was sought before, and is no [`KnownKey`].
    pub fn set_rare(&mut self, key: &str, value: &str) -> bool {
        let span = self.texts.add(value);
        self.put(key, span, false)
    }

    /// The same for a key that was sought and found before.
    #[inline]
    pub fn set_known(&mut self, key: KnownKey, value: &str) -> bool {
        let was_set = self.slots.has(key.place());
        if was_set {
            self.slots.clear(key.place());
        }
        let start = self.texts.start(value);
        if !self.slots.set(key, start, value) {
            self.put(key.name(), Span::of(start..start + value.len()), false);
        }
        was_set
    }

    /// Sets a multivalued key; whether it was set here before. With an empty list it is present and has no value.
    pub fn set_list<T: AsRef<str>>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = T>,
    ) -> bool {
        let start = self.lists.len();
        for value in values {
            let span = self.texts.add(value.as_ref());
            self.lists.push(span);
        }
        let values = Span::of(start..self.lists.len());
        match KnownKey::of(key) {
            Some(key) => {
                let was_set = self.slots.has(key.place());
                self.slots.clear(key.place());
                self.slots.set_elsewhere(key.place());
                self.put(key.name(), values, true);
                was_set
            }
            None => self.put(key, values, true),
        }
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
        let hash = || hash(key.as_bytes());
        match known(&key) {
            Some(place) => self.layer_with(place)?.known(place, &key, hash),
            None => self.other(&key, hash()),
        }
    }

    /// The keys, in lower case and in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let mut keys = BTreeMap::new();
        for layer in self.layers() {
            let known = KNOWN.into_iter().enumerate();
            let known = known.filter_map(|(place, key)| Some((key, layer.slotted(place)?)));
            let others =
                layer.others.iter().map(|other| (layer.texts.get(other.key), layer.value(other)));
            for (key, value) in known.chain(others) {
                keys.entry(key).or_insert(value);
            }
        }
        keys.into_iter()
    }

    /// The value of a key that policies look up.
    #[inline]
    pub(crate) fn lookup(&self, key: &Key) -> Option<Value<'_>> {
        match key.known.map(usize::from) {
            Some(place) => self.layer_with(place)?.known(place, &key.text, || key.hash),
            None => self.other(&key.text, key.hash),
        }
    }

    /// The single value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_text(&self, key: &Key) -> Option<&[u8]> {
        let place = usize::from(key.known?);
        let layer = self.layer_with(place)?;
        match layer.slots.get(place) {
            Slot::At(span) => layer.texts.bytes(span),
            Slot::Absent | Slot::Elsewhere => None,
        }
    }

    /// The single Boolean value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_bool(&self, key: &Key) -> Option<bool> {
        let place = usize::from(key.known?);
        self.layer_with(place)?.slots.boolean(place)
    }

    /// The single address that is the value of a key, where it is known without looking.
    #[inline]
    pub(crate) fn known_address(&self, key: &Key) -> Option<IpAddr> {
        let place = usize::from(key.known?);
        self.layer_with(place)?.slots.address(place)
    }

    /// Whether the key is set in this layer to a Boolean value.
    #[inline]
    pub(crate) fn has_bool(&self, key: KnownKey) -> bool {
        self.slots.boolean(key.place()).is_some()
    }

    /// Whether the key is set in this layer to an address, being that of addresses.
    #[inline]
    pub(crate) fn has_address(&self, key: KnownKey) -> bool {
        self.slots.address(key.place()).is_some()
    }

    /// This context and all beneath it, from the top.
    #[inline]
    fn layers(&self) -> impl Iterator<Item = &Self> {
        iter::successors(Some(self), |layer| layer.beneath)
    }

    /// The topmost layer that says something of a key of `KNOWN`.
    #[inline]
    fn layer_with(&self, place: usize) -> Option<&Self> {
        if self.slots.has(place) { Some(self) } else { self.beneath?.layer_beneath(place) }
    }

    /// Out of line: of a context that lies over nothing nothing else is asked.
    #[inline(never)]
    fn layer_beneath(&self, place: usize) -> Option<&Self> {
        self.layers().find(|layer| layer.slots.has(place))
    }

    /// The value of a key of `KNOWN` that this layer has.
    #[inline]
    fn known(&self, place: usize, key: &str, hash: impl FnOnce() -> u64) -> Option<Value<'_>> {
        self.slotted(place).or_else(|| self.other_here(key, hash()))
    }

    #[inline]
    fn slotted(&self, place: usize) -> Option<Value<'_>> {
        match self.slots.get(place) {
            Slot::At(span) => Some(Value::One(self.texts.get(span))),
            Slot::Absent | Slot::Elsewhere => None,
        }
    }

    #[inline]
    fn other(&self, key: &str, hash: u64) -> Option<Value<'_>> {
        self.layers().find_map(|layer| layer.other_here(key, hash))
    }

    #[inline]
    fn other_here(&self, key: &str, hash: u64) -> Option<Value<'_>> {
        self.find(key, hash).map(|at| self.value(&self.others[at]))
    }

    fn value(&self, other: &Other) -> Value<'_> {
        match other.is_list {
            true => Value::Many(List::new(&self.texts, &self.lists[other.value.range()])),
            false => Value::One(self.texts.get(other.value)),
        }
    }

    #[inline]
    fn find(&self, key: &str, hash: u64) -> Option<usize> {
        let is_it = |other: &Other| other.hash == hash && *self.texts.get(other.key) == *key;
        self.others.iter().position(is_it)
    }

    /// Puts a key among the others; whether it was there.
    fn put(&mut self, key: &str, value: Span, is_list: bool) -> bool {
        let key = self.texts.add_lowered(key);
        let text = self.texts.get(key);
        let hash = hash(text.as_bytes());
        match self.find(text, hash) {
            Some(at) => {
                let other = &mut self.others[at];
                (other.value, other.is_list) = (value, is_list);
                true
            }
            None => {
                self.others.push(Other { hash, key, value, is_list });
                false
            }
        }
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Context<'_> {
    /// Neither the order in which keys were set counts nor the layer.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Context<'_> {}

#[cfg(test)]
mod tests;
