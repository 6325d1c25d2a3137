//! Faults as gRPC statuses, with AWS's code in `google.rpc.ErrorInfo`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use prost::Message;
use prost_types::Any;
use schema::Fault;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::answer::Answer;

/// The domain that our reasons are unique in.
const DOMAIN: &str = "bailiwick";

/// `google.rpc.Status`: what gRPC carries as `grpc-status-details-bin`.
#[derive(Clone, PartialEq, Message)]
struct RichStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`: the cause of an error, for programs.
#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    metadata: BTreeMap<String, String>,
}

/// The status of a call that ended in a fault. `is_late`: its deadline has passed.
pub(super) fn of(answer: &Answer, fault: &Fault, request_id: &str, is_late: bool) -> Status {
    let code = match Code::from_i32(fault.grpc_code()) {
        Code::Unavailable if is_late => Code::DeadlineExceeded,
        code => code,
    };
    let mut info = BTreeMap::from([("request_id".to_owned(), request_id.to_owned())]);
    if let Some(applied) = answer.applied {
        info.insert("applied".to_owned(), applied.to_owned());
    }
    let mut headers = HeaderMap::new();
    answer.write_headers(request_id, &mut headers);
    let details = details(code, fault, info);
    let metadata = MetadataMap::from_headers(headers);
    Status::with_details_and_metadata(code, &fault.message, details, metadata)
}

fn details(code: Code, fault: &Fault, metadata: BTreeMap<String, String>) -> Bytes {
    let reason = fault.code.to_string();
    let info = ErrorInfo { reason, domain: DOMAIN.to_owned(), metadata };
    let any = Any {
        type_url: "type.googleapis.com/google.rpc.ErrorInfo".to_owned(),
        value: info.encode_to_vec(),
    };
    let message = fault.message.clone();
    RichStatus { code: code as i32, message, details: vec![any] }.encode_to_vec().into()
}
