//! gRPC calls, signed as docs/signing.md says, on a plain channel.

use std::net::SocketAddr;

use bytes::{Buf, BufMut, Bytes};
use door::testing::{Cell, KeyPair};
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataKey, MetadataMap};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};

/// A channel to a door.
pub async fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("a URL");
    endpoint.connect().await.expect("the door listens")
}

/// Calls a method with typed messages as a key.
pub async fn send<M: Message, R: Message + Default>(
    cell: &Cell,
    address: SocketAddr,
    key: &KeyPair,
    path: &str,
    message: &M,
) -> Result<Response<R>, Status> {
    let message = Bytes::from(message.encode_to_vec());
    let response = bytes(cell, address, key, path, message, &[]).await?;
    Ok(response.map(|bytes| R::decode(bytes).expect("its response")))
}

/// Calls a method with whatever bytes as a key.
pub async fn bytes(
    cell: &Cell,
    address: SocketAddr,
    key: &KeyPair,
    path: &str,
    message: Bytes,
    headers: &[(&'static str, &str)],
) -> Result<Response<Bytes>, Status> {
    let mut request = Request::new(message);
    for (name, value) in headers {
        put(request.metadata_mut(), name, value);
    }
    sign(cell, address, key, path, &mut request);
    unsigned(address, path, request).await
}

/// Calls a method as the request stands.
pub async fn unsigned(
    address: SocketAddr,
    path: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Status> {
    let mut grpc = Grpc::new(channel(address).await);
    grpc.ready().await.expect("a channel");
    grpc.unary(request, path.parse().expect("a path"), Raw).await
}

/// Opens a stream as a key.
pub async fn stream<M: Message>(
    cell: &Cell,
    address: SocketAddr,
    key: &KeyPair,
    path: &str,
    message: &M,
) -> Result<Streaming<Bytes>, Status> {
    let mut request = Request::new(Bytes::from(message.encode_to_vec()));
    sign(cell, address, key, path, &mut request);
    let mut grpc = Grpc::new(channel(address).await);
    grpc.ready().await.expect("a channel");
    let response = grpc.server_streaming(request, path.parse().expect("a path"), Raw).await?;
    Ok(response.into_inner())
}

/// Signs a request.
pub fn sign(
    cell: &Cell,
    address: SocketAddr,
    key: &KeyPair,
    path: &str,
    request: &mut Request<Bytes>,
) {
    let service = match schema::operation_by_path(path) {
        Some(info) => info.service.signing_name(),
        None if key.id == cell.operator.id => "bailiwick",
        None if path.contains(".propagation.") => "propagation",
        None if path.contains(".authz.") || path.contains(".follow.") => "authz",
        None => "bailiwick",
    };
    let host = address.to_string();
    let signed = sigv4::sign(
        &sigv4::HttpRequest {
            method: "POST",
            path,
            query: "",
            headers: &[("host", host.as_bytes())],
            body_sha256: sigv4::sha256(request.get_ref()),
        },
        &sigv4::Credentials {
            access_key_id: &key.id,
            secret_access_key: &key.secret,
            session_token: key.token.as_deref(),
        },
        sigv4::Scope { region: "us-east-1", service },
        i64::try_from(cell.clock.wall_ms() / 1000).expect("a time of this age"),
    );
    for (name, value) in signed.expect("it can be signed") {
        put(request.metadata_mut(), name, &value);
    }
}

fn put(metadata: &mut MetadataMap, name: &'static str, value: &str) {
    metadata.insert(AsciiMetadataKey::from_static(name), value.parse().expect("a value"));
}

/// `google.rpc.ErrorInfo` of a status: reason and domain.
pub fn error_info(status: &Status) -> (String, String) {
    let rich = RichStatus::decode(status.details()).expect("details");
    assert_eq!(rich.code, status.code() as i32);
    assert_eq!(rich.message, status.message());
    let any = rich.details.first().expect("one detail");
    assert_eq!(any.type_url, "type.googleapis.com/google.rpc.ErrorInfo");
    let info = ErrorInfo::decode(any.value.as_slice()).expect("an ErrorInfo");
    (info.reason, info.domain)
}

#[derive(Clone, PartialEq, Message)]
struct RichStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
}

#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
