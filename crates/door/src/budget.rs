//! Bodies of requests, read whole within a budget of memory and time.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Bytes a body may have before it is charged to the budget: most requests never are.
const FREE: usize = 16 << 10;

/// What one permit stands for.
const UNIT: usize = 4 << 10;

/// Memory for all bodies held at once.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Semaphore>);

/// A body with its share of the budget, given back when it is dropped.
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    _shares: Vec<OwnedSemaphorePermit>,
}

/// Why a body was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLong,
    /// Too many bodies are held already.
    NoRoom,
    /// It did not come in time, or broke off.
    Lost,
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Budget(Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))))
    }

    /// Reads a body of at most `most` bytes. Of a longer one as much again is read and dropped, so
    /// that a client that sends before it listens hears the answer.
    pub(crate) async fn read<B: Body<Data = Bytes>>(
        &self,
        body: B,
        most: usize,
        within: Duration,
    ) -> Result<Held, Unread> {
        timeout(within, self.collect(body, most)).await.unwrap_or(Err(Unread::Lost))
    }

    async fn collect<B: Body<Data = Bytes>>(&self, body: B, most: usize) -> Result<Held, Unread> {
        let mut body = std::pin::pin!(body);
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        let mut shares = Vec::new();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Unread::Lost)?.into_data() else { continue };
            length += data.len();
            if length > most {
                whole.clear();
                shares.clear();
                if length > most.saturating_mul(2) {
                    return Err(Unread::TooLong);
                }
                continue;
            }
            self.charge(&mut shares, length)?;
            if first.is_empty() && whole.is_empty() {
                first = data;
                continue;
            }
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
        if length > most {
            return Err(Unread::TooLong);
        }
        let bytes = if whole.is_empty() { first } else { whole.freeze() };
        Ok(Held { bytes, _shares: shares })
    }

    fn charge(&self, shares: &mut Vec<OwnedSemaphorePermit>, length: usize) -> Result<(), Unread> {
        let units = length.saturating_sub(FREE).div_ceil(UNIT);
        let held: usize = shares.iter().map(OwnedSemaphorePermit::num_permits).sum();
        if units > held {
            let more = u32::try_from(units - held).map_err(|_| Unread::TooLong)?;
            let share = Arc::clone(&self.0).try_acquire_many_owned(more);
            shares.push(share.map_err(|_| Unread::NoRoom)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    fn pieces(
        count: usize,
        length: usize,
    ) -> StreamBody<impl futures::Stream<Item = Result<Frame<Bytes>, Infallible>>> {
        let piece = move |_| Ok(Frame::data(Bytes::from(vec![b'x'; length])));
        StreamBody::new(stream::iter((0..count).map(piece)))
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let budget = Budget::new(1 << 20);
        let held = budget.read(pieces(4, 250), 1000, WITHIN).await.ok().unwrap();
        assert_eq!(held.bytes.len(), 1000);
        let longer = budget.read(pieces(4, 251), 1000, WITHIN).await;
        assert_eq!(longer.err(), Some(Unread::TooLong));
        let much_longer = budget.read(pieces(1000, 1000), 1000, WITHIN).await;
        assert_eq!(much_longer.err(), Some(Unread::TooLong));
    }

    #[tokio::test]
    async fn bodies_share_a_budget_and_give_it_back() {
        let budget = Budget::new(100 << 10);
        let held = budget.read(pieces(10, 10 << 10), 1 << 20, WITHIN).await.ok().unwrap();
        let second = budget.read(pieces(10, 10 << 10), 1 << 20, WITHIN).await;
        assert_eq!(second.err(), Some(Unread::NoRoom));
        let small = budget.read(pieces(1, 10), 1 << 20, WITHIN).await;
        assert!(small.is_ok(), "a small body needs no room");
        drop(held);
        assert!(budget.read(pieces(10, 10 << 10), 1 << 20, WITHIN).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let read = Budget::new(1024).read(never, 10, WITHIN).await;
        assert_eq!(read.err(), Some(Unread::Lost));
    }
}
