//! Every operation's request through a form and back, every answer through XML and back.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/sample.rs"]
mod sample;
#[path = "support/xml.rs"]
mod xml;

use prost::Message;
use prost_reflect::DynamicMessage;
use sample::Extent;
use schema::OperationInfo;
use wire::{Limits, decode, encode, encode_form, parse_form, route, validate};

const REQUEST_ID: &str = "6f0b4d4f-1f4e-4c3f-9d1b-0e8f3f0c2a11";

fn check_request(operation: &OperationInfo, extent: Extent, salt: usize) {
    let name = operation.name;
    let request = sample::message(&operation.input, &operation.request, extent, salt);
    let bytes = request.encode_to_vec();
    assert_eq!(validate(operation, &bytes), Ok(()), "{name}");
    let text = encode_form(operation, &bytes).unwrap();
    let form = parse_form(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(route(&form).unwrap().path, operation.path);
    let decoded = decode(operation, &form).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let back = DynamicMessage::decode(operation.input.clone(), decoded.as_slice()).unwrap();
    assert!(back == request, "{name}: {text}");
}

fn check_answer(operation: &OperationInfo, extent: Extent, salt: usize) {
    let name = operation.name;
    let (Some(descriptor), Some(shape)) = (&operation.output, &operation.response) else {
        let root = xml::parse(&encode(operation, &[], REQUEST_ID));
        assert!(root.child(&format!("{name}Result")).is_none());
        return;
    };
    let answer = sample::message(descriptor, shape, extent, salt);
    let document = encode(operation, &answer.encode_to_vec(), REQUEST_ID);
    let root = xml::parse(&document);
    assert_eq!(root.name, format!("{name}Response"));
    assert_eq!(root.xmlns.as_deref(), Some(operation.service.xmlns()));
    let metadata = root.child("ResponseMetadata").unwrap();
    assert_eq!(metadata.child("RequestId").unwrap().text, REQUEST_ID);
    let result = root.child(&format!("{name}Result")).unwrap();
    assert!(xml::message(result, descriptor, shape) == answer, "{document}");
}

#[test]
fn all_191_requests() {
    assert_eq!(schema::operations().len(), 191);
    for operation in schema::operations() {
        for (extent, salt) in [(Extent::Full, 0), (Extent::Full, 1), (Extent::Required, 2)] {
            check_request(operation, extent, salt);
        }
    }
}

#[test]
fn all_191_answers() {
    for operation in schema::operations() {
        for (extent, salt) in [(Extent::Full, 0), (Extent::Full, 1), (Extent::Required, 2)] {
            check_answer(operation, extent, salt);
        }
    }
}

/// A request without any member is refused exactly where the model requires one.
#[test]
fn empty_requests() {
    for operation in schema::operations() {
        let text = format!("Action={}&Version={}", operation.name, operation.service.version());
        let form = parse_form(text.as_bytes(), &Limits::default()).unwrap();
        let required: Vec<_> = operation
            .request
            .fields
            .iter()
            .filter(|field| field.rules.required)
            .map(|field| field.lower_camel.as_str())
            .collect();
        match decode(operation, &form) {
            Ok(message) => assert!(message.is_empty() && required.is_empty()),
            Err(fault) => {
                assert_eq!(fault.code, "ValidationError");
                for name in required {
                    let null = format!("Value null at '{name}' failed to satisfy constraint: ");
                    assert!(fault.message.contains(&null), "{fault}");
                }
            }
        }
    }
}
