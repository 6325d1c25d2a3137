//! A writer for the XML of AWS answers: elements, text, and nothing else.

/// Writes indented XML; whatever is opened is closed by name.
pub(crate) struct Writer {
    out: String,
    open: Vec<Open>,
}

/// An element that is not closed yet.
struct Open {
    name: String,
    /// Where its content begins.
    content: usize,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Writer { out: String::with_capacity(1024), open: Vec::new() }
    }

    /// Opens the root with its namespace.
    pub(crate) fn open_with_xmlns(&mut self, name: &str, xmlns: &str) {
        self.out += &format!("<{name} xmlns=\"{xmlns}\">\n");
        self.open.push(Open { name: name.to_owned(), content: self.out.len() });
    }

    /// Opens an element that will hold elements.
    pub(crate) fn open(&mut self, name: &str) {
        self.indent();
        self.tag("<", name, ">\n");
        self.open.push(Open { name: name.to_owned(), content: self.out.len() });
    }

    /// Closes the element opened last; one that holds nothing becomes `<Name/>`.
    pub(crate) fn close(&mut self) {
        let Open { name, content } = self.open.pop().expect("every close follows an open");
        if self.out.len() == content {
            self.out.truncate(content - ">\n".len());
            self.out.push_str("/>\n");
        } else {
            self.indent();
            self.tag("</", &name, ">\n");
        }
    }

    /// An element that holds text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.indent();
        self.tag("<", name, ">");
        escape(text, &mut self.out);
        self.tag("</", name, ">\n");
    }

    /// The whole document, once everything is closed.
    pub(crate) fn finish(self) -> String {
        debug_assert!(self.open.is_empty(), "an element is still open");
        self.out
    }

    fn tag(&mut self, before: &str, name: &str, after: &str) {
        self.out.extend([before, name, after]);
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// Writes text so that an XML 1.0 parser reads it back.
///
/// Characters XML 1.0 has no way to write become U+FFFD; a carriage return is written as a
/// reference, since parsers turn a bare one into a line feed.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_text() {
        let mut out = Writer::new();
        out.open_with_xmlns("R", "https://x/");
        out.open("A");
        out.text("B", "1 < 2 & \"3\" > \u{e9}\t\n");
        out.open("C");
        out.close();
        out.close();
        out.close();
        let expected = "<R xmlns=\"https://x/\">\n  <A>\n    \
            <B>1 &lt; 2 &amp; &quot;3&quot; &gt; \u{e9}\t\n</B>\n    <C/>\n  </A>\n</R>\n";
        assert_eq!(out.finish(), expected);
    }

    #[test]
    fn characters_xml_does_not_have() {
        let mut out = String::new();
        escape("\0\u{1}\u{b}\u{1f}\u{fffe}\u{ffff}\r\u{7f}\u{10ffff}", &mut out);
        let expected = "\u{fffd}".repeat(6) + "&#xD;\u{7f}\u{10ffff}";
        assert_eq!(out, expected);
    }
}
