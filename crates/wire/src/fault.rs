//! Faults in XML, and the faults this crate itself finds.

use schema::{Fault, Service};

use crate::xml::Writer;

/// The namespace of faults that belong to no service: nothing was dispatched.
pub const DISPATCH_XMLNS: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// Writes the error envelope of the AWS Query protocol.
///
/// `service` is `None` for what failed before an operation was found (`MissingAction`,
/// `InvalidAction`). A fault without a message has no `<Message>`, as AWS answers
/// `ReportNotPresent`.
pub fn encode_fault(service: Option<Service>, fault: &Fault, request_id: &str) -> String {
    let mut out = Writer::new();
    out.open_with_xmlns("ErrorResponse", service.map_or(DISPATCH_XMLNS, Service::xmlns));
    out.open("Error");
    out.text("Type", if fault.is_sender() { "Sender" } else { "Receiver" });
    out.text("Code", &fault.code);
    if !fault.message.is_empty() {
        out.text("Message", &fault.message);
    }
    out.close();
    out.text("RequestId", request_id);
    out.close();
    out.finish()
}

/// A value is outside the limits of the model.
pub(crate) fn validation(message: impl Into<String>) -> Fault {
    Fault::new(schema::code::VALIDATION_ERROR, message)
}

/// The request can not be read at all; AWS mostly says no more than that.
pub(crate) fn malformed(message: impl Into<String>) -> Fault {
    Fault::new(schema::code::MALFORMED_INPUT, message)
}

/// The beginning of a caller's text, for texts that repeat it.
pub(crate) fn clip(text: &str, most_characters: usize) -> &str {
    text.char_indices().nth(most_characters).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_at_characters() {
        assert_eq!(clip("h\u{e9}llo", 2), "h\u{e9}");
        assert_eq!(clip("h\u{e9}", 2), "h\u{e9}");
    }
}
