//! HTTP/1.1 by hand, so that a test can send what no client would; and AWS Query on top of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use door::testing::{Cell, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const IAM: &str = "2010-05-08";
pub const STS: &str = "2011-06-15";

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Reply {
    /// The text of the first element of a name.
    pub fn element(&self, name: &str) -> &str {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let from = self.body.find(&open).unwrap_or_else(|| panic!("no {name} in {self:?}"));
        let rest = &self.body[from + open.len()..];
        &rest[..rest.find(&close).expect("a closed element")]
    }

    /// Asserts a fault.
    #[track_caller]
    pub fn is_fault(&self, status: u16, code: &str, message: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.element("Code"), code, "{self:?}");
        let has_message = self.body.contains("<Message>");
        let text = if has_message { self.element("Message") } else { "" };
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        assert!(text.contains(message), "`{message}` is not in `{text}`");
        assert_eq!(self.headers["content-type"], "text/xml");
        assert_eq!(self.headers["x-amzn-requestid"], self.element("RequestId"));
        let kind = if status < 500 { "Sender" } else { "Receiver" };
        assert_eq!(self.element("Type"), kind);
    }

    /// Asserts an answer without a body.
    #[track_caller]
    pub fn is_bare(&self, status: u16) {
        assert_eq!((self.status, self.body.as_str()), (status, ""), "{self:?}");
    }
}

/// Sends bytes and reads what comes back until the connection ends.
pub async fn raw(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.expect("the door listens");
    stream.write_all(request).await.expect("the door reads");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.expect("the door answers");
    parse(&reply)
}

fn parse(reply: &[u8]) -> Reply {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(reply)));
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let headers = lines.filter_map(|line| line.split_once(": "));
    Reply {
        status: status.parse().expect("a number"),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: String::from_utf8_lossy(&reply[end + 4..]).into_owned(),
    }
}

/// A request in the making; the default is a signed POST of a form to `/`.
pub struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: String,
    pub headers: Vec<(&'a str, String)>,
    pub body: Vec<u8>,
    pub service: &'a str,
    pub region: &'a str,
    /// Seconds by which the signer's clock is wrong.
    pub skew_s: i64,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Ask {
            method: "POST",
            path: "/",
            query: String::new(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            )],
            body: Vec::new(),
            service: "iam",
            region: "us-east-1",
            skew_s: 0,
        }
    }
}

impl<'a> Ask<'a> {
    /// A form of an action and its members.
    pub fn form(action: &str, version: &str, members: &[(&str, &str)]) -> Self {
        let mut form = format!("Action={action}&Version={version}");
        for (name, value) in members {
            form += &format!("&{}={}", encode(name), encode(value));
        }
        let service = if version == STS { "sts" } else { "iam" };
        Ask { body: form.into_bytes(), service, ..Ask::default() }
    }

    pub fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The bytes of the request, signed if there is a key.
    pub fn bytes(&self, cell: &Cell, key: Option<&KeyPair>) -> Vec<u8> {
        let mut headers = self.headers.clone();
        headers.push(("host", "door.example".to_owned()));
        if let Some(key) = key {
            let borrowed: Vec<(&str, &[u8])> =
                headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
            let request = sigv4::HttpRequest {
                method: self.method,
                path: self.path,
                query: &self.query,
                headers: &borrowed,
                body_sha256: sigv4::sha256(&self.body),
            };
            let scope = sigv4::Scope { region: self.region, service: self.service };
            let signed = sigv4::sign(&request, &credentials(key), scope, now(cell) + self.skew_s);
            headers.extend(signed.expect("it can be signed"));
        }
        self.write(&headers)
    }

    /// The bytes of the request with its signature in the query.
    pub fn presigned(&mut self, cell: &Cell, key: &KeyPair, expires_s: u32) -> Vec<u8> {
        let request = sigv4::HttpRequest {
            method: self.method,
            path: self.path,
            query: &self.query,
            headers: &[("host", b"door.example")],
            body_sha256: sigv4::sha256(&self.body),
        };
        let scope = sigv4::Scope { region: self.region, service: self.service };
        let (credentials, now) = (credentials(key), now(cell) + self.skew_s);
        self.query = sigv4::presign(&request, &credentials, scope, now, expires_s).expect("signed");
        self.write(&[("host", "door.example".to_owned())])
    }

    fn write(&self, headers: &[(&str, String)]) -> Vec<u8> {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let mut head = format!("{} {}{mark}{} HTTP/1.1\r\n", self.method, self.path, self.query);
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.method != "GET" {
            head += &format!("content-length: {}\r\n", self.body.len());
        }
        head += "connection: close\r\n\r\n";
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends it signed.
    pub async fn send(&self, cell: &Cell, address: SocketAddr, key: &KeyPair) -> Reply {
        raw(address, &self.bytes(cell, Some(key))).await
    }
}

/// Calls an action as a key.
pub async fn call(
    cell: &Cell,
    address: SocketAddr,
    key: &KeyPair,
    action: &str,
    members: &[(&str, &str)],
) -> Reply {
    let is_sts = schema::operation(schema::Service::Sts, action).is_some();
    let version = if is_sts { STS } else { IAM };
    Ask::form(action, version, members).send(cell, address, key).await
}

fn credentials(key: &KeyPair) -> sigv4::Credentials<'_> {
    sigv4::Credentials {
        access_key_id: &key.id,
        secret_access_key: &key.secret,
        session_token: key.token.as_deref(),
    }
}

fn now(cell: &Cell) -> i64 {
    i64::try_from(cell.clock.wall_ms() / 1000).expect("a time of this age")
}

/// Percent-encodes everything that could mean something.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
