//! REST-JSON: body and query to message, message to JSON, faults in JSON.
//!
//! Source: Smithy, "AWS restJson1 protocol". Names in JSON are those of the schema (`json_name`).
//! Members that AWS puts into the query are taken from it whatever they are called.

use prost_reflect::prost::Message;
use prost_reflect::{
    DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, SerializeOptions, Value,
};
use schema::{Fault, OperationInfo, code};

use crate::fault::malformed;
use crate::validate;
use crate::{Limits, parse_form};

/// Reads a request and checks it against the limits of the model. Members that are not known are
/// passed over, as AWS does.
///
/// # Errors
/// `MalformedInput` for what is no JSON object of such members, `ValidationError` as [`validate`].
pub fn decode_json(operation: &OperationInfo, body: &[u8], query: &str) -> Result<Vec<u8>, Fault> {
    let mut message = read(operation, body)?;
    let form = parse_form(query.as_bytes(), &Limits::default())?;
    for field in operation.input.fields() {
        if let Some(text) = form.value(field.json_name()) {
            let value = scalar(&field, text).ok_or_else(|| {
                malformed(format!("The value of {} cannot be read.", field.json_name()))
            })?;
            message.set_field(&field, value);
        }
    }
    let message = message.encode_to_vec();
    validate(operation, &message)?;
    Ok(message)
}

fn read(operation: &OperationInfo, body: &[u8]) -> Result<DynamicMessage, Fault> {
    if body.is_empty() {
        return Ok(DynamicMessage::new(operation.input.clone()));
    }
    let options = DeserializeOptions::new().deny_unknown_fields(false);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let input = operation.input.clone();
    let read = DynamicMessage::deserialize_with_options(input, &mut reader, &options)
        .and_then(|message| reader.end().map(|()| message));
    read.map_err(|_| malformed("The body is not the JSON of this operation."))
}

fn scalar(field: &FieldDescriptor, text: &str) -> Option<Value> {
    match field.kind() {
        Kind::String => Some(Value::String(text.to_owned())),
        Kind::Int32 => text.parse().ok().map(Value::I32),
        Kind::Bool => text.parse().ok().map(Value::Bool),
        _ => None,
    }
}

/// Writes an answer. Members that the message has no value for are left out, numbers that are zero
/// are not.
pub fn encode_json(operation: &OperationInfo, message: &[u8]) -> String {
    let nothing = || "{}".to_owned();
    let Some(output) = &operation.output else { return nothing() };
    let Ok(message) = DynamicMessage::decode(output.clone(), message) else { return nothing() };
    let options =
        SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false);
    let mut out = Vec::new();
    let written =
        message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options);
    // INVARIANT: a message of our own schema has nothing that JSON cannot say.
    written.map_or_else(|_| nothing(), |()| String::from_utf8(out).unwrap_or_else(|_| nothing()))
}

/// A fault as REST-JSON says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    /// For the header `x-amzn-ErrorType`.
    pub error_type: String,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Puts a fault into the names that services of this protocol have for it.
///
/// Source: IAM Access Analyzer API reference, "Common errors".
pub fn encode_json_fault(fault: &Fault) -> JsonFault {
    let (error_type, status, reason) = match &*fault.code {
        code::VALIDATION_ERROR => ("ValidationException", 400, Some("fieldValidationFailed")),
        code::MALFORMED_INPUT | code::MALFORMED_QUERY_STRING => {
            ("ValidationException", 400, Some("cannotParse"))
        }
        code::ACCESS_DENIED => ("AccessDeniedException", 403, None),
        code::THROTTLING => ("ThrottlingException", 429, None),
        code::SERVICE_FAILURE => ("InternalServerException", 500, None),
        code::SERVICE_UNAVAILABLE => ("ServiceUnavailableException", 503, None),
        code::INVALID_CLIENT_TOKEN_ID => ("UnrecognizedClientException", 403, None),
        code::SIGNATURE_DOES_NOT_MATCH => ("InvalidSignatureException", 403, None),
        code::EXPIRED_TOKEN => ("ExpiredTokenException", 403, None),
        code::MISSING_AUTHENTICATION_TOKEN => ("MissingAuthenticationTokenException", 403, None),
        code::INCOMPLETE_SIGNATURE => ("IncompleteSignatureException", 400, None),
        other => (other, fault.http_status(), None),
    };
    let mut body = serde_json::json!({ "message": fault.message });
    if let Some(reason) = reason {
        body["reason"] = reason.into();
    }
    JsonFault { error_type: error_type.to_owned(), status, body: body.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation() -> &'static OperationInfo {
        schema::operation_by_rest("POST", "/policy/validation").expect("an operation")
    }

    fn decoded(body: &str, query: &str) -> Result<String, Fault> {
        let bytes = decode_json(operation(), body.as_bytes(), query)?;
        let message = DynamicMessage::decode(operation().input.clone(), &bytes[..]);
        Ok(message.expect("its own message").to_string())
    }

    const BODY: &str = r#"{"policyDocument":"{}","policyType":"IDENTITY_POLICY","new":[1]}"#;

    #[test]
    fn reads_body_and_query() {
        let text = decoded(BODY, "maxResults=5&nextToken=a%2Fb&other=1").expect("a request");
        let expected = "policy_document:\"{}\",policy_type:\"IDENTITY_POLICY\",max_results:5,\
                        next_token:\"a/b\"";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (body, query) in [
            ("[]", ""),
            ("{", ""),
            (r#"{"policyDocument":1}"#, ""),
            (BODY, "maxResults=x"),
            ("{} x", ""),
        ] {
            let fault = decoded(body, query).expect_err(body);
            assert_eq!(fault.code, code::MALFORMED_INPUT, "{body} {query}");
            let shown = encode_json_fault(&fault);
            assert_eq!((shown.error_type.as_str(), shown.status), ("ValidationException", 400));
            assert!(shown.body.contains(r#""reason":"cannotParse""#), "{}", shown.body);
        }
    }

    #[test]
    fn limits_are_those_of_the_model() {
        let fault = decoded("", "maxResults=0").expect_err("nothing is there");
        let expected = "3 validation errors detected: Value null at 'policyDocument' failed to \
                        satisfy constraint: Member must not be null; Value null at 'policyType' \
                        failed to satisfy constraint: Member must not be null; Value '0' at \
                        'maxResults' failed to satisfy constraint: Member must have value greater \
                        than or equal to 1";
        assert_eq!(fault, Fault::new(code::VALIDATION_ERROR, expected));
    }

    #[test]
    fn writes_zeros_and_empty_lists_and_no_absent_members() {
        use schema::accessanalyzer::v1::{
            Location, PathElement, Position, Span, ValidatePolicyFinding, ValidatePolicyResponse,
            path_element::Element,
        };
        let answer = |findings| {
            let message = ValidatePolicyResponse { findings, next_token: None };
            encode_json(operation(), &message.encode_to_vec())
        };
        assert_eq!(answer(Vec::new()), r#"{"findings":[]}"#);
        let place = Location {
            path: vec![PathElement { element: Some(Element::Index(0)) }],
            span: Some(Span { start: Some(Position { line: 1, ..Default::default() }), end: None }),
        };
        let finding = ValidatePolicyFinding { locations: vec![place], ..Default::default() };
        let text = answer(vec![finding]);
        let locations = r#""locations":[{"path":[{"index":0}],"span":{"start":{"line":1,"column":0,"offset":0}}}]"#;
        assert!(text.contains(locations), "{text}");
    }
}
