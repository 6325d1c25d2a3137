//! Nothing a caller can send makes the crate panic, and text survives the way through a form.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::{collection::vec, prelude::*, sample::Index};
use schema::OperationInfo;
use wire::{Limits, decode, encode_fault, encode_form, parse_form, route, validate};

fn operations() -> impl Strategy<Value = &'static OperationInfo> {
    any::<Index>().prop_map(|index| index.get(schema::operations()))
}

/// Parameters that look like members of the operation, and some that do not.
fn parameters(operation: &'static OperationInfo) -> impl Strategy<Value = String> {
    let names: Vec<_> = operation.request.fields.iter().map(|field| field.name.clone()).collect();
    let name = (any::<Index>(), "(\\.(member|entry|key|value|Key|Value|[0-9]{1,22})){0,4}");
    let value = prop_oneof![
        "[a-zA-Z0-9/:=+-]{0,80}",
        "(%[0-9A-F]{2}){0,20}",
        "-?[0-9]{1,12}",
        "\\PC{0,20}",
        Just("true".to_owned()),
    ];
    vec((name, value), 0..12).prop_map(move |pairs| {
        let mut text = format!("Action={}&Version={}", operation.name, operation.service.version());
        for ((index, tail), value) in pairs {
            let name = if names.is_empty() { "Unknown" } else { index.get(&names).as_str() };
            text += &format!("&{name}{tail}={value}");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes_are_a_form_or_a_fault(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(form) = parse_form(&bytes, &Limits::default()) {
            let _ = route(&form);
        }
    }

    #[test]
    fn any_form_is_a_message_or_a_fault(
        (operation, text) in operations().prop_flat_map(|o| (Just(o), parameters(o))),
    ) {
        if let Ok(form) = parse_form(text.as_bytes(), &Limits::default())
            && let Ok(message) = decode(operation, &form)
        {
            prop_assert_eq!(validate(operation, &message), Ok(()));
            prop_assert!(prost_reflect::DynamicMessage::decode(
                operation.input.clone(),
                message.as_slice()
            ).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_valid_or_a_fault(
        operation in operations(),
        bytes in vec(any::<u8>(), 0..60),
    ) {
        let _ = validate(operation, &bytes);
        let _ = encode_form(operation, &bytes);
    }

    /// Whatever passes validation is a message to prost too: no bytes slip through.
    #[test]
    fn what_is_valid_decodes(
        operation in operations(),
        fields in vec((1_u32..12, 0_u32..6, vec(any::<u8>(), 0..10)), 0..6),
    ) {
        let mut bytes = Vec::new();
        for (number, wire_type, content) in fields {
            bytes.push((number << 3 | wire_type) as u8);
            bytes.push(content.len() as u8);
            bytes.extend(content);
        }
        if validate(operation, &bytes).is_ok() {
            prop_assert!(prost_reflect::DynamicMessage::decode(
                operation.input.clone(),
                bytes.as_slice()
            ).is_ok());
        }
    }

    #[test]
    fn text_survives_a_form(text in "\\PC{1,100}") {
        let operation = schema::operation(schema::Service::Iam, "SimulateCustomPolicy").unwrap();
        let message = schema::iam::v1::SimulateCustomPolicyRequest {
            action_names: vec!["s3:GetObject".to_owned()],
            policy_input_list: vec!["{}".to_owned()],
            resource_arns: vec![text.clone()],
            ..Default::default()
        };
        let bytes = prost::Message::encode_to_vec(&message);
        let form = encode_form(operation, &bytes).unwrap();
        let form = parse_form(form.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(form.value("ResourceArns.member.1"), Some(text.as_str()));
        prop_assert_eq!(decode(operation, &form).unwrap(), bytes);
    }

    #[test]
    fn faults_are_xml_whatever_they_say(message in any::<String>()) {
        let fault = schema::Fault::new("NoSuchEntity", message);
        let document = encode_fault(None, &fault, "id");
        let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..) && !"\u{fffe}\u{ffff}".contains(c);
        prop_assert!(document.chars().all(allowed));
        prop_assert_eq!(document.matches('<').count(), document.matches('>').count());
    }
}
