//! One connection: HTTP/1.1 or HTTP/2, whichever the client speaks, within limits.

use std::convert::Infallible;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::activity::{Activity, Tracked};
use crate::{Door, Options, Peer};

/// How often a quiet HTTP/2 client is asked whether it is still there, and how long it may take to
/// say so.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);

/// Streams a client may have reset before anybody looked at them, and errors of its own that it may
/// provoke (CVE-2023-44487, CVE-2025-8671).
const PENDING_RESETS: usize = 20;
const LOCAL_RESETS: usize = 1024;

/// How long a connection that was asked to end may take for it when nothing is under way.
const PARTING: Duration = Duration::from_secs(5);

/// Serves a connection to its end.
pub(super) async fn serve<S>(door: Door, stream: S, peer: Peer, mut closed: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new();
    let options = door.0.options.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let (door, underway) = (door.clone(), activity.begin());
        async move {
            let response = door.answer(request, peer).await;
            Ok::<_, Infallible>(response.map(|body| Tracked { body, _underway: underway }))
        }
    });
    let builder = builder(&options);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut parting = None;
    let mut look_at = Instant::now() + options.read_timeout;
    loop {
        tokio::select! {
            end = &mut connection => {
                if let Err(error) = end {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            _ = closed.changed(), if parting.is_none() => {
                connection.as_mut().graceful_shutdown();
                // Whoever closes the door cuts what is left after the drain time, and counts it.
                parting = Some(Instant::now() + options.drain * 2 + PARTING);
            }
            () = sleep_until(parting.unwrap_or(look_at)) => match verdict(&activity, &options) {
                _ if parting.is_some() => return,
                Verdict::Silent => return,
                Verdict::Idle => {
                    connection.as_mut().graceful_shutdown();
                    parting = Some(Instant::now() + PARTING);
                }
                Verdict::LookAgain(after) => look_at = Instant::now() + after,
            },
        }
    }
}

/// What is to be done about a connection.
enum Verdict {
    /// Nothing ever came: no good-bye is owed.
    Silent,
    /// Nothing has come for long.
    Idle,
    /// All is well for so long.
    LookAgain(Duration),
}

fn verdict(activity: &Activity, options: &Options) -> Verdict {
    match activity.idle() {
        None => Verdict::LookAgain(options.idle),
        Some((false, idle)) if idle >= options.read_timeout => Verdict::Silent,
        Some((false, idle)) => Verdict::LookAgain(options.read_timeout.saturating_sub(idle)),
        Some((true, idle)) if idle >= options.idle => Verdict::Idle,
        Some((true, idle)) => Verdict::LookAgain(options.idle.saturating_sub(idle)),
    }
}

fn builder(options: &Options) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.keep_alive)
        .max_headers(options.headers)
        .max_buf_size(usize::try_from(options.header_bytes).unwrap_or(usize::MAX).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .max_concurrent_streams(options.streams)
        .max_header_list_size(options.header_bytes)
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .max_local_error_reset_streams(LOCAL_RESETS);
    builder
}
