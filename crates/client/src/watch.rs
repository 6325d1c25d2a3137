//! The revisions that become visible at a node, as they do (propagation/v1 `Watch`).

use std::time::Duration;

use schema::propagation::v1::{WatchRequest, WatchResponse};

use crate::stream::Incoming;
use crate::{Client, Error};

/// A node on whose stream nothing happens says so every five seconds.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Between one stream and the next.
const PAUSE: Duration = Duration::from_millis(100);

/// A watch on one node after another.
pub struct Watch {
    client: Client,
    after: Option<String>,
    incoming: Option<Incoming>,
}

impl Client {
    /// Watches what becomes visible after a token or revision; from now on without one.
    pub fn watch(&self, after: Option<&str>) -> Watch {
        Watch { client: self.clone(), after: after.map(str::to_owned), incoming: None }
    }
}

impl Watch {
    /// The next revision that is visible, or the same again as a sign of life. Goes on at another node when one
    /// fails; a node that is behind the last one says nothing until it is not.
    ///
    /// # Errors
    /// No node gives a stream. The next call tries again, from where the watch stood.
    pub async fn next(&mut self) -> Result<WatchResponse, Error> {
        loop {
            let mut incoming = match self.incoming.take() {
                Some(incoming) => incoming,
                None => {
                    let path = "/bailiwick.propagation.v1.Propagation/Watch";
                    self.client.open(path, &WatchRequest { after: self.after.clone() }).await?
                }
            };
            match incoming.next::<WatchResponse>(SILENCE_MAX).await {
                Ok(told) => {
                    self.incoming = Some(incoming);
                    let is_behind = self.revision().is_some_and(|known| told.revision < known);
                    if is_behind {
                        continue;
                    }
                    self.after = Some(told.token.clone());
                    return Ok(told);
                }
                Err(error @ (Error::Fault { .. } | Error::Usage(_))) => return Err(error),
                Err(Error::Unavailable { .. }) => {
                    self.client.pass_over();
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn revision(&self) -> Option<u64> {
        self.after.as_deref().and_then(model::Token::parse).map(|token| token.revision)
    }
}
