//! Too many, too slow, and the end.

use std::sync::Arc;
use std::time::Duration;

use cluster::Unavailable;
use door::Options;
use door::testing::{Cell, ManualClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use crate::http::{Ask, IAM, call, raw};
use crate::rpc;

fn new_cell() -> Cell {
    Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)))
}

/// Waits, within a test's patience, until the other side has closed.
async fn closes(mut stream: TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut heard));
    // A reset is an end as well.
    let _ = closed.await.expect("the door closes the connection");
    heard
}

#[tokio::test]
async fn more_calls_than_may_be_under_way() {
    let cell = new_cell();
    let served = cell.serve(Options { calls: 0, ..Options::default() }).await;
    let reply = call(&cell, served.address, &cell.root, "GetUser", &[]).await;
    reply.is_fault(400, "Throttling", "Rate exceeded");
    let path = "/bailiwick.iam.v1.Iam/GetUser";
    let status =
        rpc::bytes(&cell, served.address, &cell.root, path, bytes::Bytes::new(), &[]).await;
    let status = status.expect_err("too many");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(rpc::error_info(&status).0, "Throttling");
    let alive = Ask { method: "GET", path: "/livez", ..Ask::default() };
    assert_eq!(raw(served.address, &alive.bytes(&cell, None)).await.status, 200);
    served.close().await;
}

#[tokio::test]
async fn clients_that_say_nothing_or_not_all() {
    let cell = new_cell();
    let read_timeout = Duration::from_millis(100);
    let served = cell.serve(Options { read_timeout, ..Options::default() }).await;
    let silent = TcpStream::connect(served.address).await.unwrap();
    let mut half = TcpStream::connect(served.address).await.unwrap();
    half.write_all(b"POST / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut preface = TcpStream::connect(served.address).await.unwrap();
    preface.write_all(b"PRI * HT").await.unwrap();
    let mut body = TcpStream::connect(served.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nconnection: close\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\nAction=";
    body.write_all(head.as_bytes()).await.unwrap();
    for stream in [silent, half, preface] {
        assert!(closes(stream).await.is_empty());
    }
    assert!(closes(body).await.starts_with(b"HTTP/1.1 408"));
    served.close().await;
}

#[tokio::test]
async fn a_connection_with_nothing_to_do_is_closed() {
    let cell = new_cell();
    let idle = Duration::from_millis(50);
    let read_timeout = Duration::from_millis(200);
    let served = cell.serve(Options { idle, read_timeout, ..Options::default() }).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(closes(stream).await.starts_with(b"HTTP/1.1 200"));
    served.close().await;
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let cell = new_cell();
    let served = cell.serve(Options { connections_per_address: 1, ..Options::default() }).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    first.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    let second = TcpStream::connect(served.address).await.unwrap();
    assert!(closes(second).await.is_empty());
    served.close().await;
}

#[tokio::test]
async fn calls_under_way_finish_when_the_door_closes() {
    let cell = new_cell();
    let deadline = Duration::from_millis(300);
    let served = cell.serve(Options { deadline, ..Options::default() }).await;
    cell.node.hang();
    let (address, door) = (served.address, served.door.clone());
    let bytes = Ask::form("GetUser", IAM, &[]).bytes(&cell, Some(&cell.root));
    let asked = tokio::spawn(async move { raw(address, &bytes).await });
    until(|| async { figures(&door).await.contains("calls_in_flight 1") }).await;
    let closed = served.close().await;
    assert_eq!(closed.cut, 0);
    asked.await.unwrap().is_fault(503, "ServiceUnavailable", "nothing was done");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_connection_kept_alive_does_not_keep_the_door_open() {
    let cell = new_cell();
    let served = cell.serve(Options::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    let channel = rpc::channel(served.address).await;
    assert_eq!(served.close().await.cut, 0);
    closes(stream).await;
    drop(channel);
}

#[tokio::test]
async fn calls_that_do_not_finish_are_cut() {
    let cell = new_cell();
    let drain = Duration::from_millis(50);
    let served = cell.serve(Options { drain, ..Options::default() }).await;
    cell.node.hang();
    let (address, door) = (served.address, served.door.clone());
    let bytes = Ask::form("GetUser", IAM, &[]).bytes(&cell, Some(&cell.root));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    until(|| async { figures(&door).await.contains("calls_in_flight 1") }).await;
    assert_eq!(served.close().await.cut, 1);
    assert!(closes(stream).await.is_empty());
    cell.node.fail(Unavailable::nothing_done("over"));
}

/// The page of figures, asked for without a socket.
async fn figures(door: &door::Door) -> String {
    use http_body_util::BodyExt;
    let request = http::Request::get("/metrics").body(tonic::body::Body::empty()).expect("a page");
    let peer = door::Peer { address: [127, 0, 0, 1].into(), secure: false };
    let body = door.answer(request, peer).await.into_body().collect().await.expect("a page");
    String::from_utf8(body.to_bytes().to_vec()).expect("a page")
}

/// Waits until something holds.
async fn until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let wait = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it comes to hold");
}
