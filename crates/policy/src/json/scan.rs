//! The scanner: one pass over the bytes, recursion bounded by `MAX_DEPTH`.

use super::{JsonError, MAX_CHARACTERS, MAX_DEPTH, Member, Node, Text, Tree, Value};
use crate::hash::{ONES, WORD_BYTES};
use alloc::{borrow::Cow, string::String, vec::Vec};

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

    /// Always inlined, as all that it calls: most of a document is strings.
    #[inline(always)]
    fn string(&mut self) -> Read<Cow<'a, str>> {
        self.at += 1;
        let first = self.run();
        // Nearly all strings are one run.
        if self.accept(b'"') {
            return Ok(first.into());
        }
        self.unescaped(first)
    }

    /// The rest of a string after its first run.
    #[cold]
    fn unescaped(&mut self, first: &str) -> Read<Cow<'a, str>> {
        let mut text = String::from(first);
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text.into());
                }
                Some(b'\\') => {
                    text.push(self.escape()?);
                    text.push_str(self.run());
                }
                Some(_) => return Err(self.error("a control character in a string")),
                None => return Err(self.error("a string without an end")),
            }
        }
    }

    /// The text up to the next character that means something in a string.
    #[inline(always)]
    fn run(&mut self) -> &'a str {
        let start = self.at;
        let bytes = &self.text.as_bytes()[start..];
        self.at += run_length(bytes);
        let text: &'a str = self.text;
        &text[start..self.at]
    }

    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let character = match self.peek() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.error("an unknown escape")),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Read<char> {
        let first = self.code_unit()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !self.accept(b'\\') {
                return Err(self.error("half a surrogate pair"));
            }
            let second = self.code_unit()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.error("half a surrogate pair"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half a surrogate pair"))
    }

    fn code_unit(&mut self) -> Read<u32> {
        if !self.accept(b'u') {
            return Err(self.error("half a surrogate pair"));
        }
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.error("expected four hex digits"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
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

/// How many bytes stand before the next that means something in a string, sought by words.
#[inline(always)]
fn run_length(bytes: &[u8]) -> usize {
    // Turning this bit brings the quote next to the controls, and nothing else below it: one
    // subtraction finds both.
    const TURNED: u8 = 2;
    const BEHIND: u64 = (b'"' ^ TURNED) as u64 + 1;
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let less = (word ^ (u64::from(TURNED) * ONES)).wrapping_sub(BEHIND * ONES);
        let escapes = (word ^ (u64::from(b'\\') * ONES)).wrapping_sub(ONES);
        let found = (less | escapes) & !word & (0x80 * ONES);
        if found != 0 {
            return at * WORD_BYTES + found.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    words.len() * WORD_BYTES + rest.iter().position(is_special).unwrap_or(rest.len())
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
mod tests {
    use super::*;
    use alloc::format;

    fn refusal(text: &str) -> (&'static str, usize) {
        let error = parse(text, Lists::OfNodes).expect_err("must be refused");
        (error.what, error.at)
    }

    #[test]
    fn keeps_spans_and_unescapes() {
        let tree = parse(" {\"a\\u00e9\\n\" : [1.5e3, true, null, \"x\"] } ", Lists::OfNodes)
            .expect("valid");
        let Value::Object(members) = &tree.root.value else { panic!("an object") };
        assert_eq!(tree.root.span, 1..42);
        assert_eq!(&*members[0].key.value, "aé\n");
        assert_eq!(members[0].key.span, 2..13);
        let Value::Array(items) = &members[0].value.value else { panic!("an array") };
        assert!(matches!(&items[0].value, Value::Number(text) if &**text == "1.5e3"));
        assert_eq!(items[3].span, 36..39);
    }

    #[test]
    fn a_run_ends_at_the_first_character_that_means_something() {
        for length in 0..40 {
            let text: String = "a é~\u{7f}!#[] ".chars().cycle().take(length).collect();
            assert_eq!(run_length(text.as_bytes()), text.len());
            for special in ['"', '\\', '\n', '\0', '\u{1f}'] {
                let longer = format!("{text}{special}\"\\\n and more");
                assert_eq!(run_length(longer.as_bytes()), text.len(), "{longer:?}");
            }
        }
    }

    #[test]
    fn joins_surrogates() {
        let tree = parse(r#""\ud83d\ude00""#, Lists::OfNodes).expect("valid");
        assert!(matches!(&tree.root.value, Value::Text(text) if &**text == "😀"));
        assert_eq!(refusal(r#""\ud83d""#).0, "half a surrogate pair");
        assert_eq!(refusal(r#""\ude00""#).0, "half a surrogate pair");
    }

    #[test]
    fn size_leaves_out_white_space_between_tokens_only() {
        assert_eq!(
            parse("{ \"a b\" :\n\t[ ] }", Lists::OfNodes).expect("valid").size,
            "{\"a b\":[]}".len()
        );
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in ["", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "-", "1.", "tru", "\"", "1 1"]
        {
            assert!(parse(text, Lists::OfNodes).is_err(), "{text}");
        }
        assert_eq!(refusal("\"a\nb\""), ("a control character in a string", 2));
        assert_eq!(refusal(r#""\x""#), ("an unknown escape", 2));
        assert_eq!(refusal("\"\u{100}\""), ("a character that policies may not contain", 1));
        assert_eq!(refusal("[tru, \u{1}]"), ("a character that policies may not contain", 6));
    }

    #[test]
    fn members_stand_in_their_own_object() {
        let text = r#"{"a":1,"d":0,"b":[{"a":{"a":2,"b":3}},{"c":4}],"c":{}}"#;
        let tree = parse(text, Lists::OfNodes).expect("valid");
        let keys = |node: &Node<'_>| match &node.value {
            Value::Object(members) => members.iter().map(|m| String::from(&*m.key.value)).collect(),
            _ => Vec::new(),
        };
        let Value::Object(members) = &tree.root.value else { panic!("an object") };
        let Value::Array(items) = &members[2].value.value else { panic!("a list") };
        let Value::Object(inner) = &items[0].value else { panic!("an object") };
        assert_eq!(keys(&tree.root), ["a", "d", "b", "c"]);
        assert_eq!((keys(&items[0]), keys(&items[1])), (["a".into()].into(), ["c".into()].into()));
        assert_eq!(keys(&inner[0].value), ["a", "b"]);
        assert!(keys(&members[3].value).is_empty());
    }

    #[test]
    fn refuses_a_key_twice() {
        assert_eq!(refusal(r#"{"a":1,"b":2,"\u0061":3}"#), ("a member name twice", 13));
    }

    #[test]
    fn refuses_bombs() {
        let deep = "[".repeat(100_000);
        assert_eq!(refusal(&deep), ("nested too deeply", MAX_DEPTH));
        let long = format!("\"{}\"", "a".repeat(MAX_CHARACTERS));
        assert_eq!(refusal(&long).0, "the document is too long");
        let fits = format!("\"{}\"", "a".repeat(MAX_CHARACTERS - 2));
        assert!(parse(&fits, Lists::OfNodes).is_ok());
    }
}
