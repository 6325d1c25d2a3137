//! Faults know their statuses.

use schema::{Fault, code};

fn status(code: &'static str) -> (u16, i32, bool) {
    let fault = Fault::new(code, "why");
    (fault.http_status(), fault.grpc_code(), fault.is_sender())
}

#[test]
fn codes_have_the_statuses_of_aws() {
    assert_eq!(status(code::NO_SUCH_ENTITY), (404, 5, true));
    assert_eq!(status(code::ENTITY_ALREADY_EXISTS), (409, 6, true));
    assert_eq!(status(code::ACCESS_DENIED), (403, 7, true));
    assert_eq!(status(code::VALIDATION_ERROR), (400, 3, true));
    assert_eq!(status(code::SIGNATURE_DOES_NOT_MATCH), (403, 16, true));
    assert_eq!(status(code::EXPIRED_TOKEN), (403, 16, true));
    assert_eq!(status(code::REPORT_NOT_PRESENT), (410, 5, true));
    assert_eq!(status(code::THROTTLING), (400, 8, true));
    assert_eq!(status(code::REQUEST_ENTITY_TOO_LARGE), (413, 8, true));
    assert_eq!(status(code::SERVICE_FAILURE), (500, 13, false));
    assert_eq!(status(code::NOT_IMPLEMENTED), (501, 12, false));
    assert_eq!(status(code::SERVICE_UNAVAILABLE), (503, 14, false));
}

#[test]
fn every_documented_fault_is_in_the_table() {
    for operation in schema::all_operations() {
        for code in &operation.faults {
            let fault = Fault::new(code.clone(), "");
            assert_ne!(fault.grpc_code(), 2, "{} answers unknown {code}", operation.name);
        }
    }
}

#[test]
fn an_unknown_code_is_an_answer_all_the_same() {
    assert_eq!(status("FromTheFuture"), (400, 2, true));
}

#[test]
fn codes_are_spelled_as_aws_does() {
    assert_eq!(code::DUPLICATE_SSH_PUBLIC_KEY, "DuplicateSSHPublicKey");
    assert_eq!(code::OPEN_ID_IDP_COMMUNICATION_ERROR, "OpenIdIdpCommunicationError");
    assert_eq!(Fault::new(code::NO_SUCH_ENTITY, "gone").to_string(), "NoSuchEntity: gone");
}
