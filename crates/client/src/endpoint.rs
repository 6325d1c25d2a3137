//! One node of the cell, as a client reaches it.

use std::time::Duration;

use tonic::transport::{Certificate, Channel, ClientTlsConfig};

use crate::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// A node's URL and the connection to it, made when first used and made again when it breaks.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    url: String,
    authority: String,
    channel: Channel,
}

impl Endpoint {
    /// A node at `http://host:port` or `https://host:port`; `trusted` are certificates in PEM that
    /// a node's own must be, or be signed by.
    pub fn new(url: &str, trusted: Option<&[u8]>) -> Result<Self, Error> {
        let wrong =
            |error: &dyn std::fmt::Display| Error::Usage(format!("endpoint `{url}`: {error}"));
        let endpoint = tonic::transport::Endpoint::from_shared(url.to_owned())
            .map_err(|error| wrong(&error))?;
        let secure = match endpoint.uri().scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong(&"write http://host:port")),
        };
        let authority = match endpoint.uri().authority() {
            Some(authority) => authority.as_str().to_owned(),
            None => return Err(wrong(&"write http://host:port")),
        };
        let endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_while_idle(false);
        let endpoint = if secure {
            let trusted = trusted
                .ok_or_else(|| wrong(&"https needs the certificates to trust (--ca-file)"))?;
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trusted));
            endpoint.tls_config(tls).map_err(|error| wrong(&error))?
        } else {
            endpoint
        };
        Ok(Endpoint { url: url.to_owned(), authority, channel: endpoint.connect_lazy() })
    }

    /// The node's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What stands in `host`, which the signature covers.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The connection.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }
}
