//! What a read asks for, as text: `strong`, `eventual`, `at-least=<token>`, `max-age=<duration>`, `at=<token>`.

use std::time::Duration;

use cluster::Consistency;
use schema::{Fault, code};

use crate::Token;

/// Names the accepted forms, wherever another was found.
const FORMS: &str = "strong, eventual, at-least=<token or revision>, \
                     max-age=<duration, such as 500ms, 2s or 1m>, at=<token or revision>";

/// Reads a consistency mode; `cell_id` is the id of the cell that is asked.
///
/// # Errors
/// `ValidationError` that names the accepted forms, or says that the token is another cell's.
pub fn parse(text: &str, cell_id: &str) -> Result<Consistency, Fault> {
    let text = text.trim();
    let mode = match text.split_once('=') {
        None if text == "strong" => Some(Consistency::Strong),
        None if text == "eventual" => Some(Consistency::Eventual),
        Some(("at-least", token)) => revision(token, cell_id)?.map(Consistency::AtLeast),
        Some(("at", token)) => revision(token, cell_id)?.map(Consistency::At),
        Some(("max-age", age)) => {
            lag::duration::parse(age).map(Duration::from_micros).map(Consistency::MaxAge)
        }
        _ => None,
    };
    mode.ok_or_else(|| fault(format!("x-bailiwick-consistency must be one of: {FORMS}")))
}

fn revision(token: &str, cell_id: &str) -> Result<Option<u64>, Fault> {
    match Token::parse(token) {
        Some(token) if token.is_of(cell_id) => Ok(Some(token.revision)),
        Some(_) => Err(fault("x-bailiwick-consistency: the token is of another cell")),
        None => Ok(None),
    }
}

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(code::VALIDATION_ERROR, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: &str = "ABCDEFGHIJ";

    #[test]
    fn every_form() {
        let max_age = |ms| Consistency::MaxAge(Duration::from_millis(ms));
        for (text, mode) in [
            ("strong", Consistency::Strong),
            (" eventual ", Consistency::Eventual),
            ("at-least=7", Consistency::AtLeast(7)),
            ("at-least=ABCDEFGH.H", Consistency::AtLeast(7)),
            ("at=7", Consistency::At(7)),
            ("at=ABCDEFGH.H", Consistency::At(7)),
            ("max-age=500ms", max_age(500)),
            ("max-age=2s", max_age(2_000)),
            ("max-age=0s", max_age(0)),
            ("max-age=1m", max_age(60_000)),
        ] {
            assert_eq!(parse(text, CELL), Ok(mode), "{text}");
        }
    }

    #[test]
    fn anything_else_names_the_forms() {
        for text in
            ["", "Strong", "at=", "at=now", "at-least=", "max-age=5", "max-age=s", "max-age=é"]
        {
            let fault = parse(text, CELL).expect_err(text);
            assert_eq!(fault.code, "ValidationError");
            assert!(fault.message.contains("at-least=<token or revision>"), "{fault}");
        }
        for text in ["at-least=ZZZZZZZZ.H", "at=ZZZZZZZZ.H"] {
            let fault = parse(text, CELL).expect_err("another cell's");
            assert!(fault.message.contains("another cell"));
        }
    }
}
