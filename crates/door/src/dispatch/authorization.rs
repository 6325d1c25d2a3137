//! Authorization messages: sealed beside a refusal, opened for `DecodeAuthorizationMessage`.
//!
//! Source: docs/adr/0009-authorization-messages.md.

use cluster::Seen;
use ops::table::Indexed;
use ops::{Call, Refused};
use prost::Message;
use schema::sts::v1::DecodeAuthorizationMessageRequest;

use crate::answer::Answer;
use crate::door::Shared;

/// Puts the clear message in the place of the sealed one; operations have no keys.
///
/// INVARIANT: whatever stands there was sealed by this cell: what does not open becomes nothing.
pub(super) fn open(door: &Shared, call: &mut Call) {
    if call.operation != DecodeAuthorizationMessageRequest::INDEX {
        return;
    }
    let sealed = DecodeAuthorizationMessageRequest::decode(call.request.clone());
    let opened = sealed.ok().and_then(|sealed| door.keys.open_message(&sealed.encoded_message));
    let clear = DecodeAuthorizationMessageRequest { encoded_message: opened.unwrap_or_default() };
    call.request = clear.encode_to_vec().into();
}

/// The answer to a call that is refused in a view; where policies refuse it, with the explanation,
/// sealed, unless it is too long.
pub(super) fn refusal(door: &Shared, refused: Refused, seen: &Seen) -> Answer {
    let authorization = refused.denial.and_then(|denial| {
        let text = format!("{}\n{}", denial.account_id, denial.message);
        door.keys.seal_message(&text, &*door.entropy)
    });
    Answer { authorization, ..Answer::of(Err(refused.fault), seen) }
}
