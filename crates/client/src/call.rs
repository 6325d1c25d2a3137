//! One call: signed, sent, and sent again elsewhere where that is safe.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use prost::Message;
use schema::{Kind, OperationInfo};
use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::Channel;

use crate::codec::Raw;
use crate::endpoint::Endpoint;
use crate::error::from_status;
use crate::{Answer, CONSISTENCY, Client, Error};

/// Answers are read up to this size.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// How the ids of operator keys begin.
const OPERATOR_KEY: &str = "BWOP";
/// Between two rounds over all endpoints.
const PAUSE: Duration = Duration::from_millis(50);

impl Client {
    /// Calls an operation of the schema with its encoded request; gives its encoded response.
    ///
    /// # Errors
    /// The cell's fault, or that nobody answered by the deadline. A write is tried at another node only when it is
    /// certain that it was not made.
    pub async fn call(&self, info: &OperationInfo, request: Bytes) -> Result<Answer<Bytes>, Error> {
        let again = matches!(info.kind, Kind::Read | Kind::Mint);
        self.unary(&info.path, info.service.signing_name(), request, again).await
    }

    /// Calls a unary rpc by its path, `/package.Service/Method`, with typed messages; `again`: whether it may be
    /// carried out twice. The operator's services are signed with the name `bailiwick`, questions of the operator to
    /// `authz/v1` too.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub async fn send<M: Message, R: Message + Default>(
        &self,
        path: &str,
        request: &M,
        again: bool,
    ) -> Result<Answer<R>, Error> {
        let request = request.encode_to_vec().into();
        let answer = self.unary(path, self.signing_name(path), request, again).await?;
        answer.try_map(|bytes| {
            R::decode(bytes).map_err(|error| {
                Error::Usage(format!("{path}: the answer cannot be read: {error}"))
            })
        })
    }

    /// The operator signs by the operator's name wherever it may ask at all.
    pub(crate) fn signing_name(&self, path: &str) -> &'static str {
        let key = self.credentials.as_ref().map_or("", |known| &known.access_key_id);
        match signing_name(path) {
            "authz" | "propagation" if key.starts_with(OPERATOR_KEY) => "bailiwick",
            name => name,
        }
    }

    async fn unary(
        &self,
        path: &str,
        service: &str,
        request: Bytes,
        again: bool,
    ) -> Result<Answer<Bytes>, Error> {
        let deadline = Instant::now() + self.deadline;
        let first = self.current.load(Ordering::Relaxed);
        let mut tries = 0;
        loop {
            let at = (first + tries) % self.endpoints.len();
            let endpoint = &self.endpoints[at];
            let until = self.patience(deadline, again);
            let error = match self.once(endpoint, path, service, request.clone(), until).await {
                Ok(answer) => {
                    self.current.store(at, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let Error::Unavailable { maybe_applied, .. } = &error else { return Err(error) };
            if *maybe_applied && !again {
                return Err(error);
            }
            tries += 1;
            if tries % self.endpoints.len() == 0 {
                tokio::time::sleep(PAUSE).await;
            }
            if Instant::now() >= deadline {
                return Err(error);
            }
        }
    }

    /// How long one node is waited for: what may be carried out twice leaves time for the others.
    fn patience(&self, deadline: Instant, again: bool) -> Instant {
        if !again || self.endpoints.len() == 1 {
            return deadline;
        }
        let now = Instant::now();
        now + deadline.saturating_duration_since(now) / 2
    }

    async fn once(
        &self,
        endpoint: &Endpoint,
        path: &str,
        service: &str,
        message: Bytes,
        deadline: Instant,
    ) -> Result<Answer<Bytes>, Error> {
        let left = deadline.saturating_duration_since(Instant::now());
        let (mut grpc, path, mut request) = self.prepare(endpoint, path, service, message)?;
        request.set_timeout(left);
        let call = async {
            grpc.ready().await.map_err(|error| tonic::Status::from_error(Box::new(error)))?;
            grpc.unary(request, path, Raw).await
        };
        match tokio::time::timeout(left, call).await {
            Ok(Ok(response)) => {
                let (metadata, message, _) = response.into_parts();
                self.note(&metadata);
                Ok(Answer::new(message, &metadata))
            }
            Ok(Err(status)) => {
                // That something is not there has been seen, too.
                self.note(status.metadata());
                Err(from_status(&status, endpoint.url()))
            }
            Err(_) => Err(Error::Unavailable {
                message: format!("{}: no answer within {} ms", endpoint.url(), left.as_millis()),
                maybe_applied: true,
            }),
        }
    }

    /// A signed request and what sends it.
    pub(crate) fn prepare(
        &self,
        endpoint: &Endpoint,
        path: &str,
        service: &str,
        message: Bytes,
    ) -> Result<(Grpc<Channel>, PathAndQuery, tonic::Request<Bytes>), Error> {
        let mut request = tonic::Request::new(message);
        self.sign(endpoint, path, service, &mut request)?;
        let path: PathAndQuery =
            path.parse().map_err(|_| Error::Usage(format!("`{path}` is no path of an rpc")))?;
        let grpc = Grpc::new(endpoint.channel()).max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok((grpc, path, request))
    }

    fn note(&self, metadata: &MetadataMap) {
        if let Some(newest) = &self.newest {
            newest.note(metadata);
        }
    }

    /// What goes with every call beside the signature.
    fn wishes(&self) -> Vec<(&'static str, String)> {
        let mut wishes = self.headers.to_vec();
        let wish = self.newest.as_ref().and_then(|newest| newest.wish());
        let is_strong =
            wishes.iter().any(|(name, value)| *name == CONSISTENCY && value == "strong");
        if let Some(wish) = wish.filter(|_| !is_strong) {
            wishes.retain(|(name, _)| *name != CONSISTENCY);
            wishes.push((CONSISTENCY, wish));
        }
        wishes
    }

    fn sign(
        &self,
        endpoint: &Endpoint,
        path: &str,
        service: &str,
        request: &mut tonic::Request<Bytes>,
    ) -> Result<(), Error> {
        let wishes = self.wishes();
        for (name, value) in &wishes {
            put(request, name, value)?;
        }
        let Some(credentials) = &self.credentials else { return Ok(()) };
        let body_sha256 = sigv4::sha256(request.get_ref());
        let body_hash: String = body_sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut headers: Vec<(&str, &[u8])> = vec![
            ("host", endpoint.authority().as_bytes()),
            ("x-amz-content-sha256", body_hash.as_bytes()),
        ];
        headers.extend(wishes.iter().map(|(name, value)| (*name, value.as_bytes())));
        let signed = sigv4::sign(
            &sigv4::HttpRequest { method: "POST", path, query: "", headers: &headers, body_sha256 },
            &sigv4::Credentials {
                access_key_id: &credentials.access_key_id,
                secret_access_key: &credentials.secret_access_key,
                session_token: credentials.session_token.as_deref(),
            },
            sigv4::Scope { region: &self.region, service },
            now_s(),
        );
        let signed = signed
            .map_err(|refusal| Error::Usage(format!("`{path}` cannot be signed: {refusal:?}")))?;
        put(request, "x-amz-content-sha256", &body_hash)?;
        signed.iter().try_for_each(|(name, value)| put(request, name, value))
    }
}

fn put(request: &mut tonic::Request<Bytes>, name: &'static str, value: &str) -> Result<(), Error> {
    let value: AsciiMetadataValue =
        value.parse().map_err(|_| Error::Usage(format!("`{name}` cannot have that value")))?;
    request.metadata_mut().insert(AsciiMetadataKey::from_static(name), value);
    Ok(())
}

/// The service that a path's signature names. The schema knows it too; reading its whole table for one call would
/// take a short command longer than the call.
fn signing_name(path: &str) -> &'static str {
    match path.strip_prefix("/bailiwick.").and_then(|rest| rest.split('.').next()) {
        Some("iam") => "iam",
        Some("sts") => "sts",
        Some("accessanalyzer") => "access-analyzer",
        Some("authz" | "follow") => "authz",
        Some("propagation") => "propagation",
        _ => "bailiwick",
    }
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::signing_name;

    #[test]
    fn the_schema_names_the_same_services() {
        for info in schema::all_operations() {
            if !info.service.signing_name().is_empty() {
                assert_eq!(signing_name(&info.path), info.service.signing_name(), "{}", info.path);
            }
        }
    }
}
