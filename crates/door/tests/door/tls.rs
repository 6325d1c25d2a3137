//! Both protocols over TLS on the same port.

use std::sync::Arc;

use door::testing::{Cell, ManualClock};
use door::{Options, Services};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::http::{Ask, STS};

fn connector(certificate: CertificateDer<'static>, protocol: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions that ring has")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn the_same_port_speaks_both_over_tls() {
    let made = rcgen::generate_simple_self_signed(["door.example".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let config = door::server_config(chain.as_bytes(), key.as_bytes()).unwrap();
    let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
    let served = cell.serve_with(Options::default(), Services::new(), Some(config)).await;
    let name = ServerName::try_from("door.example").unwrap();
    for protocol in ["http/1.1", "h2"] {
        let connector = connector(made.cert.der().clone(), protocol);
        let stream = TcpStream::connect(served.address).await.unwrap();
        let mut stream = connector.connect(name.clone(), stream).await.unwrap();
        let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(agreed.as_deref(), Some(protocol.as_bytes()));
        if protocol == "http/1.1" {
            let who = Ask::form("GetCallerIdentity", STS, &[]).bytes(&cell, Some(&cell.root));
            stream.write_all(&who).await.unwrap();
            let mut answer = String::new();
            // The door closes without a TLS good-bye at times.
            let _ = stream.read_to_string(&mut answer).await;
            assert!(answer.contains("arn:aws:iam::123456789012:root"), "{answer}");
        } else {
            stream
                .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
                .await
                .unwrap();
            let mut frame = [0; 9];
            stream.read_exact(&mut frame).await.unwrap();
            assert_eq!(frame[3], 4, "the first frame is SETTINGS");
        }
    }
    served.close().await;
}

#[tokio::test]
async fn a_client_that_cannot_agree_is_let_go() {
    let made = rcgen::generate_simple_self_signed(["door.example".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let config = door::server_config(chain.as_bytes(), key.as_bytes()).unwrap();
    let other = rcgen::generate_simple_self_signed(["door.example".to_owned()]).unwrap();
    assert!(
        door::server_config(chain.as_bytes(), other.signing_key.serialize_pem().as_bytes())
            .is_err()
    );
    let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
    let served = cell.serve_with(Options::default(), Services::new(), Some(config)).await;
    let connector = connector(other.cert.der().clone(), "h2");
    let stream = TcpStream::connect(served.address).await.unwrap();
    let name = ServerName::try_from("door.example").unwrap();
    assert!(connector.connect(name, stream).await.is_err(), "a certificate nobody trusts");
    let mut plain = TcpStream::connect(served.address).await.unwrap();
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    served.close().await;
}
