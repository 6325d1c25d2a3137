//! Lines and columns of byte offsets, as policy simulation reports them.

/// A place in a source text, both parts counted from one; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

/// The line and column of byte `offset` in `text`; an offset past the end means the end.
pub fn position(text: &str, offset: usize) -> Position {
    let mut place = Position { line: 1, column: 1 };
    for (at, character) in text.char_indices() {
        if at >= offset {
            break;
        }
        if character == '\n' {
            place = Position { line: place.line + 1, column: 1 };
        } else {
            place.column += 1;
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        assert_eq!(position("{}", 0), Position { line: 1, column: 1 });
        assert_eq!(position("{\n é}", 5), Position { line: 2, column: 3 });
        assert_eq!(position("a\nb", 99), Position { line: 2, column: 2 });
    }
}
