//! Input that no client sends by accident: a clear answer to each, and a node that goes on.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use crate::cell;
use crate::http::{Ask, IAM, call, raw};
use crate::rpc;
use door::testing::{Cell, Served};

const LIMIT: usize = 10_000_000;

async fn is_well(cell: &Cell, served: &Served) {
    let reply = call(cell, served.address, &cell.root, "GetUser", &[]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

fn of_length(length: usize) -> Ask<'static> {
    let mut ask = Ask::form("GetUser", IAM, &[("Pad", "")]);
    ask.body.resize(length, b'x');
    ask
}

#[tokio::test]
async fn a_body_of_ten_million_bytes_and_one_more() {
    let (cell, served) = cell().await;
    let whole = of_length(LIMIT).send(&cell, served.address, &cell.root).await;
    assert_eq!(whole.status, 200, "{whole:?}");
    of_length(LIMIT + 1).send(&cell, served.address, &cell.root).await.is_bare(413);
    is_well(&cell, &served).await;
    served.close().await;
}

#[tokio::test]
async fn a_body_without_end() {
    let (cell, served) = cell().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [&b"10000\r\n"[..], &[b'x'; 0x10000], b"\r\n"].concat();
    let (mut reader, mut writer) = stream.split();
    let send = async {
        // Until the door has had enough.
        while writer.write_all(&chunk).await.is_ok() {}
    };
    let receive = async {
        let mut head = vec![0; 12];
        reader.read_exact(&mut head).await.map(|_| head)
    };
    tokio::select! {
        () = send => {}
        head = receive => assert_eq!(head.unwrap(), b"HTTP/1.1 413"),
    }
    is_well(&cell, &served).await;
    served.close().await;
}

#[tokio::test]
async fn ten_thousand_parameters() {
    let (cell, served) = cell().await;
    let mut ask = Ask::form("GetUser", IAM, &[]);
    ask.body.extend_from_slice("&a=1".repeat(10_000).as_bytes());
    let reply = ask.send(&cell, served.address, &cell.root).await;
    reply.is_fault(400, "ValidationError", "A request can have up to 4096 parameters");
    let members: Vec<(String, String)> =
        (1..1000).map(|n| (format!("Tags.member.{n}.Key"), format!("k{n}"))).collect();
    let members: Vec<(&str, &str)> =
        members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = call(&cell, served.address, &cell.root, "CreateUser", &members).await;
    reply.is_fault(400, "ValidationError", "Member must");
    served.close().await;
}

#[tokio::test]
async fn forms_that_are_none() {
    let (cell, served) = cell().await;
    for garbage in [
        &b"Action=GetUser&Version=2010-05-08&x=%"[..],
        b"Action=GetUser&Version=2010-05-08&x=%zz",
        b"\xff\xfe\x00=\x01",
    ] {
        let ask = Ask { body: garbage.to_vec(), ..Ask::default() };
        let reply = ask.send(&cell, served.address, &cell.root).await;
        reply.is_fault(400, "MalformedInput", "");
        let unsigned = raw(served.address, &ask.bytes(&cell, None)).await;
        unsigned.is_fault(403, "MissingAuthenticationToken", "");
    }
    let xml = Ask { body: b"<CreateUser><UserName>x".to_vec(), ..Ask::default() };
    let reply = xml.send(&cell, served.address, &cell.root).await;
    reply.is_fault(400, "MissingAction", "");
    for (name, value) in [("MaxItems", "many"), ("MaxItems", "99999999999"), ("MaxItems", "")] {
        let reply = call(&cell, served.address, &cell.root, "ListUsers", &[(name, value)]).await;
        reply.is_fault(400, "MalformedInput", "");
    }
    served.close().await;
}

#[tokio::test]
async fn policies_of_every_malformed_kind() {
    let (cell, served) = cell().await;
    call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "a")]).await;
    let deep = format!(r#"{{"Version":"2012-10-17","Statement":{}"#, "[".repeat(50_000));
    let wide = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, "{},".repeat(20_000));
    let twice = r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#;
    for document in ["", "{", "null", "[]", "{}", &deep, &wide, twice, "\u{1f4a3}", "<xml/>"] {
        let members = [("UserName", "a"), ("PolicyName", "p"), ("PolicyDocument", document)];
        let reply = call(&cell, served.address, &cell.root, "PutUserPolicy", &members).await;
        assert_eq!(reply.status, 400, "{document:.40}: {reply:?}");
        let code = reply.element("Code");
        assert!(["MalformedPolicyDocument", "ValidationError"].contains(&code), "{reply:?}");
    }
    is_well(&cell, &served).await;
    served.close().await;
}

#[tokio::test]
async fn bytes_that_are_no_http() {
    let (cell, served) = cell().await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        &[0; 10_000],
    ] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        // The door may hang up before it has heard it all.
        let _ = stream.write_all(garbage).await;
        let _ = stream.shutdown().await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        assert!(!reply.starts_with(b"HTTP/1.1 200"));
    }
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let reply = raw(served.address, format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await;
    assert_eq!(reply.status, 431);
    is_well(&cell, &served).await;
    served.close().await;
}

#[tokio::test]
async fn messages_that_are_no_protobuf() {
    let (cell, served) = cell().await;
    let path = "/bailiwick.iam.v1.Iam/CreateUser";
    let nested = [0x0b; 1000];
    for garbage in [&b"\xff"[..], b"\x0a\xff\xff\xff\xff\x0f", b"\x12\x05ab", &nested] {
        let message = Bytes::copy_from_slice(garbage);
        let status = rpc::bytes(&cell, served.address, &cell.root, path, message, &[]).await;
        let status = status.expect_err("garbage");
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert_eq!(rpc::error_info(&status).0, "MalformedInput");
    }
    let not_text = Bytes::from_static(b"\x12\x02\xff\xfe");
    let status = rpc::bytes(&cell, served.address, &cell.root, path, not_text, &[]).await;
    assert_eq!(status.expect_err("not UTF-8").code(), Code::InvalidArgument);
    let long = Bytes::from(vec![0; (4 << 20) + 1]);
    let status = rpc::bytes(&cell, served.address, &cell.root, path, long, &[]).await;
    let code = status.expect_err("too long").code();
    assert!([Code::OutOfRange, Code::ResourceExhausted].contains(&code), "{code:?}");
    is_well(&cell, &served).await;
    served.close().await;
}
