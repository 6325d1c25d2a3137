//! The AWS Query API over HTTP, signed as an AWS SDK signs. The answers are read by a few lines of our own, so that the
//! product's encoder is not judged by its own decoder.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use schema::Kind;
use sim::world::{Question, Said};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Asking, Body, Heard, Outcome};
use crate::cell::Key;

/// A connection to each node, made when it is needed and given up at the first failure.
pub(crate) struct Query {
    key: Key,
    connections: BTreeMap<u64, SendRequest<Full<Bytes>>>,
    /// What drives the connections; ends with them.
    drivers: JoinSet<()>,
}

impl Query {
    pub(super) fn new(key: Key) -> Self {
        Query { key, connections: BTreeMap::new(), drivers: JoinSet::new() }
    }

    pub(super) async fn ask(&mut self, url: &str, node: u64, asking: Asking<'_>) -> Heard {
        let writes = asking.operation.kind == Kind::Write;
        let patience = asking.patience;
        let host = url.trim_start_matches("http://").to_owned();
        let request = match self.sign(&host, &asking) {
            Ok(request) => request,
            Err(why) => return Heard::nothing(Outcome::NothingDone(why)),
        };
        while self.drivers.try_join_next().is_some() {}
        let connection = match timeout(patience, self.connection(&host, node)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(why)) => return Heard::nothing(Outcome::NothingDone(why)),
            Err(_) => return Heard::nothing(Outcome::NothingDone("no connection".to_owned())),
        };
        let answer = async {
            let response = connection.send_request(request).await?;
            let (head, body) = response.into_parts();
            Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
        };
        let why = match timeout(patience, answer).await {
            Ok(Ok((head, body))) => return read(head.status, &head.headers, &body, writes),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", patience.as_millis()),
        };
        self.connections.remove(&node);
        Heard::nothing(if writes { Outcome::Unknown(why) } else { Outcome::NothingDone(why) })
    }

    async fn connection(
        &mut self,
        host: &str,
        node: u64,
    ) -> Result<&mut SendRequest<Full<Bytes>>, String> {
        let usable = match self.connections.get_mut(&node) {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream = TcpStream::connect(host).await.map_err(|error| error.to_string())?;
            let _ = stream.set_nodelay(true);
            let made = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
            let (connection, driver) = made;
            self.drivers.spawn(async move { drop(driver.await) });
            self.connections.insert(node, connection);
        }
        self.connections.get_mut(&node).ok_or_else(|| "no connection".to_owned())
    }

    fn sign(&self, host: &str, asking: &Asking<'_>) -> Result<Request<Full<Bytes>>, String> {
        let form = wire::encode_form(asking.operation, &asking.request);
        let body = Bytes::from(form.ok_or("the request has no form")?);
        let mut headers = vec![
            ("host", host),
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ];
        headers.extend(asking.header);
        let signed: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let added = sigv4::sign(
            &sigv4::HttpRequest {
                method: "POST",
                path: "/",
                query: "",
                headers: &signed,
                body_sha256: sigv4::sha256(&body),
            },
            &sigv4::Credentials {
                access_key_id: &self.key.id,
                secret_access_key: &self.key.secret,
                session_token: None,
            },
            sigv4::Scope { region: "us-east-1", service: asking.operation.service.signing_name() },
            i64::try_from(now_s).unwrap_or(i64::MAX),
        );
        let added = added.map_err(|refusal| format!("{refusal:?}"))?;
        let mut request = Request::post("/");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &added {
            request = request.header(*name, value);
        }
        request.body(Full::new(body)).map_err(|error| error.to_string())
    }
}

fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], writes: bool) -> Heard {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let text = String::from_utf8_lossy(body).into_owned();
    let outcome = if status.is_success() {
        Outcome::Response(Body::Xml(text))
    } else {
        let code = first(&text, "Code").unwrap_or_else(|| status.to_string());
        match code.as_str() {
            "ServiceUnavailable" if writes && header("x-bailiwick-applied") != "no" => {
                Outcome::Unknown(code)
            }
            "ServiceUnavailable" | "Throttling" => Outcome::NothingDone(code),
            _ => Outcome::Fault(code),
        }
    };
    Heard {
        outcome,
        revision: header("x-bailiwick-revision").parse().unwrap_or(0),
        age_ms: header("x-bailiwick-age-ms").parse().unwrap_or(u64::MAX),
        token: header("x-bailiwick-token"),
        request_id: header("x-amzn-requestid"),
        propagation: header("x-bailiwick-propagation"),
    }
}

/// What a user is told to be.
pub(super) fn user(xml: &str) -> Said {
    first(xml, "Path").map_or_else(|| nonsense(xml), Said::User)
}

/// What the answer to a question says.
pub(super) fn answer(xml: &str, question: &Question) -> Said {
    let pairs = |left: &str, right: &str| {
        let members = all(xml, "member").into_iter();
        let pairs = members.map(|member| Some((first(&member, left)?, first(&member, right)?)));
        pairs.collect::<Option<BTreeMap<String, String>>>()
    };
    let said = match question {
        Question::Get(_) => return user(xml),
        Question::List => pairs("UserName", "Path").map(Said::Users),
        Question::Tags(_) => pairs("Key", "Value").map(Said::Tags),
        Question::Attached(_) => Some(Said::Policies(all(xml, "PolicyName").into_iter().collect())),
        Question::Keys(_) => Some(Said::Count(all(xml, "AccessKeyId").len())),
    };
    said.unwrap_or_else(|| nonsense(xml))
}

pub(super) fn key_id(xml: &str) -> String {
    first(xml, "AccessKeyId").unwrap_or_default()
}

fn nonsense(xml: &str) -> Said {
    Said::Fault(format!(
        "(an answer that cannot be read: {})",
        xml.chars().take(80).collect::<String>()
    ))
}

fn first(xml: &str, name: &str) -> Option<String> {
    all(xml, name).into_iter().next()
}

/// What stands in all elements of a name. Enough for answers whose values need no escaping and whose elements do not
/// stand in others of their name.
fn all(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split(&close).next().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let list = "<ListUsersResult><Users><member><Path>/a/</Path><UserName>ann</UserName></member>\
                    <member><Path>/b/</Path><UserName>bob</UserName></member></Users></ListUsersResult>";
        let users = [("ann", "/a/"), ("bob", "/b/")];
        let users = users.map(|(name, path)| (name.to_owned(), path.to_owned()));
        assert_eq!(answer(list, &Question::List), Said::Users(users.into()));
        let tags = "<Tags><member><Key>k</Key><Value>v</Value></member></Tags>";
        let expected = Said::Tags([("k".to_owned(), "v".to_owned())].into());
        assert_eq!(answer(tags, &Question::Tags("ann".to_owned())), expected);
        assert_eq!(answer("<Users/>", &Question::List), Said::Users(BTreeMap::new()));
        assert!(matches!(answer("<html>", &Question::Get("ann".to_owned())), Said::Fault(_)));
    }

    #[test]
    fn a_refusal_says_what_was_done() {
        let text = b"<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>";
        let mut headers = HeaderMap::new();
        let outcome = |headers: &HeaderMap, writes| {
            read(StatusCode::SERVICE_UNAVAILABLE, headers, text, writes).outcome
        };
        assert!(matches!(outcome(&headers, true), Outcome::Unknown(_)));
        assert!(matches!(outcome(&headers, false), Outcome::NothingDone(_)));
        headers.insert("x-bailiwick-applied", hyper::header::HeaderValue::from_static("no"));
        assert!(matches!(outcome(&headers, true), Outcome::NothingDone(_)));
    }
}
