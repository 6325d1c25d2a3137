//! What is read here is what prost reads, out of any bytes.

use proptest::prelude::*;
use prost::Message;
use schema::authz::v1::{self as wire, principal};

use super::*;

/// What prost makes of a message.
fn by_prost(message: &[u8]) -> Result<Option<wire::Question>, Unreadable> {
    Ok(wire::DecideRequest::decode(message)?.question)
}

fn check(message: &[u8]) -> Result<(), TestCaseError> {
    let expected = by_prost(message);
    let expected = expected.as_ref().map(|question| question.as_ref().map(Asked::from));
    prop_assert_eq!(Asked::read(message), expected.map_err(|fault| *fault));
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "aws:SourceIp", "é", "arn:aws:s3:::b/k", "10.0.0.1"])
        .prop_map(str::to_owned)
}

fn named() -> impl Strategy<Value = wire::Principal> {
    let shown = (text(), prop::option::of(text())).prop_map(|(access_key_id, session_token)| {
        principal::Who::Credential(wire::Credential { access_key_id, session_token })
    });
    let who = prop_oneof![text().prop_map(principal::Who::Arn), shown];
    prop::option::of(who).prop_map(|who| wire::Principal { who })
}

fn question() -> impl Strategy<Value = wire::Question> {
    let values = prop::collection::vec(text(), 0..3).prop_map(|values| wire::Values { values });
    let context = prop::collection::btree_map(text(), values, 0..4);
    let texts = (text(), text(), prop::option::of(text()), prop::option::of(text()));
    (prop::option::of(named()), texts, context).prop_map(|(principal, texts, context)| {
        let (action, resource, resource_account, resource_policy) = texts;
        wire::Question { principal, action, resource, resource_account, context, resource_policy }
    })
}

/// Pieces of one message: protobuf puts them together.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(question(), 0..3);
    pieces.prop_map(|questions| {
        let pieces = questions
            .into_iter()
            .map(|question| wire::DecideRequest { question: Some(question) }.encode_to_vec());
        pieces.collect::<Vec<_>>().concat()
    })
}

/// Entries of a context with the same key, and entries in pieces, which no encoder writes.
fn odd_question() -> impl Strategy<Value = Vec<u8>> {
    let field = (0_u8..8, prop::sample::select(vec![0_u8, 1, 2, 3, 5]));
    let bytes = prop::collection::vec(any::<u8>(), 0..12);
    let known = question().prop_map(|question| question.encode_to_vec());
    let part = prop_oneof![
        known,
        (field, bytes).prop_map(|((tag, wire_type), bytes)| {
            let mut part = vec![tag << 3 | wire_type];
            if wire_type == 2 {
                part.push(bytes.len() as u8);
            }
            part.extend(bytes);
            part
        }),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| {
        let question = parts.concat();
        let mut message = vec![1 << 3 | 2];
        prost::encoding::encode_varint(question.len() as u64, &mut message);
        message.extend(question);
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn messages_in_pieces(message in message()) {
        check(&message)?;
    }

    #[test]
    fn fields_that_no_encoder_writes(message in odd_question()) {
        check(&message)?;
    }

    #[test]
    fn messages_with_bytes_changed(
        message in message(), changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..4)
    ) {
        let mut message = message;
        for (at, byte) in changes {
            if !message.is_empty() {
                let at = usize::from(at) % message.len();
                message[at] = byte;
            }
        }
        check(&message)?;
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        check(&bytes)?;
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let question = |value: &str| {
        let values = wire::Values { values: vec![value.to_owned()] };
        let context = [("k".to_owned(), values)].into();
        wire::Question { context, ..Default::default() }
    };
    let of = |value| wire::DecideRequest { question: Some(question(value)) }.encode_to_vec();
    let message = [of("first"), of("second"), of("last")].concat();
    let asked = Asked::read(&message).expect("a message").expect("a question");
    assert_eq!(asked.context.len(), 1);
    assert_eq!(asked.context[0].values.single(), Some("last"));
}
