//! Authorization messages: sealed beside a refusal, opened for `DecodeAuthorizationMessage`.
//!
//! Source: docs/adr/0009-authorization-messages.md.

use ops::Call;
use ops::table::Indexed;
use prost::Message;
use schema::code;
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

/// Adds the sealed explanation to a refusal by policies, as they stand here and now; none where it
/// is too long, or where they have changed since and allow the call.
pub(super) fn seal(door: &Shared, call: &Call, mut answer: Answer) -> Answer {
    if answer.code() == code::ACCESS_DENIED {
        let denial = ops::call::denial(&door.backend.seen().state, call);
        answer.authorization = denial.and_then(|denial| {
            let text = format!("{}\n{}", denial.account_id, denial.message);
            door.keys.seal_message(&text, &*door.entropy)
        });
    }
    answer
}
