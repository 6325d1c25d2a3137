//! TLS: certificates from PEM files, both protocols offered.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a listener cannot have TLS. It never says anything of the key.
#[derive(Debug)]
pub enum TlsError {
    /// The certificate chain is not PEM, or empty.
    Certificate(String),
    /// The private key is not PEM.
    Key,
    /// Certificate and key do not go together.
    Rejected(rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::Certificate(why) => write!(f, "certificate chain: {why}"),
            TlsError::Key => f.write_str("the private key is not a key in PEM form"),
            TlsError::Rejected(why) => write!(f, "certificate and key: {why}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// A configuration from a certificate chain and its private key, both in PEM: TLS 1.2 and 1.3,
/// HTTP/2 and HTTP/1.1.
///
/// # Errors
/// They cannot be read or do not go together.
pub fn server_config(chain: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Certificate(error.to_string()))?;
    if chain.is_empty() {
        return Err(TlsError::Certificate("it has no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Rejected)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Rejected)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_told_apart() {
        let refused = |chain: &[u8], key: &[u8]| server_config(chain, key).expect_err("garbage");
        assert!(matches!(refused(b"", b""), TlsError::Certificate(_)));
        let certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(refused(certificate, b"secret"), TlsError::Key));
        assert!(!refused(certificate, b"secret").to_string().contains("secret"));
    }
}
