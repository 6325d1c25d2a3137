//! What a write waits for, as its caller says it: the forms of [`Ack`].

use cluster::Ack;
use schema::{Fault, code};

/// Reads an acknowledgement level.
///
/// # Errors
/// `ValidationError` that names the accepted forms.
pub fn parse(text: &str) -> Result<Ack, Fault> {
    Ack::parse(text.trim()).ok_or_else(|| {
        let message = format!("x-bailiwick-ack must be one of: {}", Ack::FORMS);
        Fault::new(code::VALIDATION_ERROR, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_of_the_forms_is_told_them() {
        assert_eq!(parse(" committed"), Ok(Ack::Committed));
        let fault = parse("most").expect_err("no such level");
        assert_eq!(fault.code, "ValidationError");
        assert!(fault.message.contains(Ack::FORMS), "{}", fault.message);
    }
}
