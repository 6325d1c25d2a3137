//! The scanner: one pass over the bytes, recursion bounded by `MAX_DEPTH`.

mod string;

use super::{JsonError, MAX_CHARACTERS, MAX_DEPTH, Member, Node, Text, Tree, Value};
use alloc::{borrow::Cow, vec::Vec};

type Read<T> = Result<T, JsonError>;

/// How lists of texts are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// As lists of any values.
    OfNodes,
    /// As [`Value::Texts`].
    OfTexts,
}

/// Reads `text` as one JSON value, of the characters that policies may contain.
pub(crate) fn parse(text: &str, lists: Lists) -> Read<Tree<'_>> {
    // Nearly all documents are ASCII, of which JSON has none but those. Why it is no JSON is told
    // after which characters it may not have.
    if text.is_ascii()
        && let Ok(tree) = scan(text, text.len(), lists)
    {
        return Ok(tree);
    }
    match text.char_indices().find(|(_, character)| !is_allowed(*character)) {
        // The bound comes first: a bulky text is not told what else is wrong with it.
        Some((at, _)) if text[..at].chars().count() < MAX_CHARACTERS => {
            Err(JsonError { what: "a character that policies may not contain", at })
        }
        _ => parse_any(text, lists),
    }
}

/// Reads `text` as one JSON value of any characters.
pub(crate) fn parse_any(text: &str, lists: Lists) -> Read<Tree<'_>> {
    let characters = if text.is_ascii() { text.len() } else { text.chars().count() };
    scan(text, characters, lists)
}

/// A list of so many bytes has a text more: so much room is made for the longest.
const BYTES_PER_TEXT: usize = 32;
/// Members of objects that are read at a time.
const USUAL_MEMBERS: usize = 16;

/// Reads a text of so many characters.
fn scan(text: &str, characters: usize, lists: Lists) -> Read<Tree<'_>> {
    if characters > MAX_CHARACTERS {
        let at = text.char_indices().nth(MAX_CHARACTERS).map_or(text.len(), |(at, _)| at);
        return Err(JsonError { what: "the document is too long", at });
    }
    let mut scanner = Scanner {
        text,
        at: 0,
        blanks: 0,
        lists,
        texts: Vec::with_capacity(text.len() / BYTES_PER_TEXT),
        members: Vec::with_capacity(USUAL_MEMBERS),
    };
    scanner.token();
    let root = scanner.value(0)?;
    scanner.token();
    if scanner.at < text.len() {
        return Err(scanner.error("text after the end of the document"));
    }
    Ok(Tree { root, size: characters - scanner.blanks })
}

/// The characters a policy document may contain (IAM quotas page: "Policy document").
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// White-space characters skipped so far; all of them are ASCII.
    blanks: usize,
    lists: Lists,
    /// The texts of the list that is being read: so each list is as large as it must be.
    texts: Vec<Text<'a>>,
    /// The members of the objects that are being read, the innermost last, for the same reason.
    members: Vec<Member<'a>>,
}

impl<'a> Scanner<'a> {
    fn error(&self, what: &'static str) -> JsonError {
        JsonError { what, at: self.at }
    }

    /// The byte that is next, a zero after the last: JSON has no zero.
    #[inline]
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    /// The byte that is next after white space.
    #[inline]
    fn token(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return byte;
            }
            self.at += 1;
            self.blanks += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node<'a>> {
        if depth >= MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        let start = self.at;
        let value = match self.peek() {
            b'"' => Value::Text(self.string()?),
            b'{' => Value::Object(self.object(depth)?),
            b'[' => self.array(depth)?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            b'-' | b'0'..=b'9' => Value::Number(self.number()?),
            _ => return Err(self.error("expected a value")),
        };
        Ok(Node { span: start..self.at, value })
    }

    fn word(&mut self, word: &'static str, value: Value<'a>) -> Read<Value<'a>> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Read<Value<'a>> {
        self.at += 1;
        if self.token() == b']' {
            self.at += 1;
            return Ok(Value::Array(Vec::new()));
        }
        let mut items = Vec::new();
        // Lists of texts hold no lists: no other list can be under way.
        if self.lists == Lists::OfTexts && depth + 1 < MAX_DEPTH {
            while self.peek() == b'"' {
                let start = self.at;
                let value = self.string()?;
                self.texts.push(Text { value, span: start..self.at });
                if self.ends(b']', "expected ',' or ']'")? {
                    return Ok(Value::Texts(self.texts.drain(..).collect()));
                }
            }
            let node = |text: Text<'a>| Node { span: text.span, value: Value::Text(text.value) };
            items.extend(self.texts.drain(..).map(node));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.ends(b']', "expected ',' or ']'")? {
                return Ok(Value::Array(items));
            }
        }
    }

    /// Whether a list or an object ends here; if not, what comes next in it begins.
    #[inline]
    fn ends(&mut self, end: u8, otherwise: &'static str) -> Read<bool> {
        let byte = self.token();
        if byte != b',' && byte != end {
            return Err(self.error(otherwise));
        }
        self.at += 1;
        if byte == b',' {
            self.token();
        }
        Ok(byte != b',')
    }

    fn object(&mut self, depth: usize) -> Read<Vec<Member<'a>>> {
        self.at += 1;
        if self.token() == b'}' {
            self.at += 1;
            return Ok(Vec::new());
        }
        let first = self.members.len();
        loop {
            let member = self.member(depth)?;
            self.members.push(member);
            if self.ends(b'}', "expected ',' or '}'")? {
                break;
            }
        }
        refuse_duplicates(&self.members[first..])?;
        Ok(self.members.split_off(first))
    }

    fn member(&mut self, depth: usize) -> Read<Member<'a>> {
        if self.peek() != b'"' {
            return Err(self.error("expected a member name"));
        }
        let start = self.at;
        let key = Text { value: self.string()?, span: start..self.at };
        if self.token() != b':' {
            return Err(self.error("expected ':'"));
        }
        self.at += 1;
        self.token();
        Ok(Member { key, value: self.value(depth + 1)? })
    }

    fn number(&mut self) -> Read<Cow<'a, str>> {
        let start = self.at;
        self.accept(b'-');
        if !self.accept(b'0') {
            self.digits()?;
        }
        if self.accept(b'.') {
            self.digits()?;
        }
        if self.accept(b'e') || self.accept(b'E') {
            let _sign = self.accept(b'+') || self.accept(b'-');
            self.digits()?;
        }
        Ok(self.text[start..self.at].into())
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if start == self.at { Err(self.error("expected a digit")) } else { Ok(()) }
    }
}

/// Sorting keeps this n log n: an object may hold tens of thousands of members. Few are compared
/// each with each.
fn refuse_duplicates(members: &[Member<'_>]) -> Read<()> {
    const FEW: usize = 8;
    if members.len() <= FEW {
        let is_known =
            |at: usize| members[..at].iter().any(|m| m.key.value == members[at].key.value);
        return match (1..members.len()).find(|at| is_known(*at)) {
            Some(at) => {
                Err(JsonError { what: "a member name twice", at: members[at].key.span.start })
            }
            None => Ok(()),
        };
    }
    let mut keys: Vec<&Text<'_>> = members.iter().map(|member| &member.key).collect();
    keys.sort_by(|a, b| (&a.value, a.span.start).cmp(&(&b.value, b.span.start)));
    match keys.windows(2).find(|pair| pair[0].value == pair[1].value) {
        Some(pair) => Err(JsonError { what: "a member name twice", at: pair[1].span.start }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
