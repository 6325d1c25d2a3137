//! Patterns by definition: lists of tokens, matched by recursion.

use serde_json::Value;

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token {
    Letter(char),
    AnyRun,
    AnyLetter,
}

/// A text in which every star and question mark is a wildcard.
pub fn plain(text: &str) -> Vec<Token> {
    text.chars()
        .map(|letter| match letter {
            '*' => Token::AnyRun,
            '?' => Token::AnyLetter,
            other => Token::Letter(other),
        })
        .collect()
}

/// A text in which nothing is a wildcard.
pub fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Letter).collect()
}

pub fn matches(pattern: &[Token], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some(Token::AnyRun) => (0..=text.len()).any(|n| matches(&pattern[1..], &text[n..])),
        Some(Token::AnyLetter) => !text.is_empty() && matches(&pattern[1..], &text[1..]),
        Some(Token::Letter(letter)) => {
            text.first() == Some(letter) && matches(&pattern[1..], &text[1..])
        }
    }
}

pub fn matches_text(pattern: &[Token], text: &str) -> bool {
    matches(pattern, &text.chars().collect::<Vec<_>>())
}

/// A text with its variables replaced, `None` when one cannot be. `context` has keys in lower case.
pub fn expand(
    text: &str,
    has_variables: bool,
    has_wildcards: bool,
    context: &[(String, Value)],
) -> Option<Vec<Token>> {
    let read = if has_wildcards { plain } else { literal };
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${").filter(|_| has_variables) {
        tokens.extend(read(before));
        // What is no variable after all is plain text.
        let Some(end) = after.find('}') else {
            tokens.extend(read("${"));
            rest = after;
            continue;
        };
        let (inside, next) = (&after[..end], &after[end + 1..]);
        rest = next;
        match inside {
            "*" | "?" | "$" => tokens.extend(literal(inside)),
            _ => {
                let (key, default) = match inside.split_once(", '") {
                    Some((key, quoted)) => (key, Some(quoted.trim_end_matches('\''))),
                    None => (inside, None),
                };
                let found = context.iter().find(|(known, _)| *known == key.to_lowercase());
                let value = match found {
                    Some((_, Value::String(value))) => value.as_str(),
                    Some(_) => return None,
                    None => default?,
                };
                tokens.extend(literal(value));
            }
        }
    }
    tokens.extend(read(rest));
    Some(tokens)
}

/// The segments of a pattern, at most six; a star at the end of a short one stands for all others.
pub fn segments(pattern: &[Token]) -> Option<Vec<Vec<Token>>> {
    let mut segments = vec![Vec::new()];
    for token in pattern {
        if *token == Token::Letter(':') && segments.len() < 6 {
            segments.push(Vec::new());
        } else {
            segments.last_mut().expect("never empty").push(*token);
        }
    }
    if segments.len() < 6 && pattern.last() != Some(&Token::AnyRun) {
        return None;
    }
    segments.resize(6, vec![Token::AnyRun]);
    Some(segments)
}
