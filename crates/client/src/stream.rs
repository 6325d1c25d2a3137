//! Calls that are answered by a stream.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use tokio::time::timeout;
use tonic::Streaming;

use crate::codec::Raw;
use crate::endpoint::Endpoint;
use crate::error::from_status;
use crate::{Client, Error};

/// One stream from one node.
pub(crate) struct Incoming {
    stream: Streaming<Bytes>,
    url: String,
}

impl Client {
    /// Opens a stream at the first node that gives one, beginning with the one that answered last.
    pub(crate) async fn open<M: Message>(
        &self,
        path: &str,
        request: &M,
    ) -> Result<Incoming, Error> {
        let message: Bytes = request.encode_to_vec().into();
        let first = self.current.load(Ordering::Relaxed);
        let mut last = Error::Usage("no endpoint to talk to".to_owned());
        for turn in 0..self.endpoints.len() {
            let at = (first + turn) % self.endpoints.len();
            match self.open_at(&self.endpoints[at], path, message.clone()).await {
                Ok(incoming) => {
                    self.current.store(at, Ordering::Relaxed);
                    return Ok(incoming);
                }
                Err(error @ Error::Unavailable { .. }) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// The next stream is asked of another node.
    pub(crate) fn pass_over(&self) {
        self.current.fetch_add(1, Ordering::Relaxed);
    }

    async fn open_at(
        &self,
        endpoint: &Endpoint,
        path: &str,
        message: Bytes,
    ) -> Result<Incoming, Error> {
        let url = endpoint.url().to_owned();
        let service = self.signing_name(path);
        let (mut grpc, path, request) = self.prepare(endpoint, path, service, message)?;
        let call = async {
            grpc.ready().await.map_err(|error| tonic::Status::from_error(Box::new(error)))?;
            grpc.server_streaming(request, path, Raw).await
        };
        match timeout(self.deadline, call).await {
            Ok(Ok(response)) => Ok(Incoming { stream: response.into_inner(), url }),
            Ok(Err(status)) => Err(from_status(&status, &url)),
            Err(_) => Err(silent(&url, self.deadline)),
        }
    }
}

impl Incoming {
    /// The next message; an error, too, when the node ends the stream or says nothing for so long.
    pub(crate) async fn next<R: Message + Default>(
        &mut self,
        silence: Duration,
    ) -> Result<R, Error> {
        let lost = |message| Error::Unavailable { message, maybe_applied: false };
        match timeout(silence, self.stream.message()).await {
            Ok(Ok(Some(message))) => R::decode(message)
                .map_err(|error| lost(format!("{}: an item cannot be read: {error}", self.url))),
            Ok(Ok(None)) => Err(lost(format!("{}: the stream has ended", self.url))),
            Ok(Err(status)) => Err(from_status(&status, &self.url)),
            Err(_) => Err(silent(&self.url, silence)),
        }
    }
}

fn silent(url: &str, time: Duration) -> Error {
    let message = format!("{url}: no answer within {} ms", time.as_millis());
    Error::Unavailable { message, maybe_applied: false }
}
