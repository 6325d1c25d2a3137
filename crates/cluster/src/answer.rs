//! Answering many who have waited for one thing.

/// How many are answered in one go.
const PORTION: usize = 16;

/// Answers everyone in order, and lets those already answered do their work in between: then the first answers are on
/// their way to clients while the last are made, and clients and nodes do not wait for each other in turns.
pub(crate) async fn in_portions<T>(
    waiting: impl IntoIterator<Item = T>,
    mut answer: impl FnMut(T),
) {
    for (at, waiter) in waiting.into_iter().enumerate() {
        if at > 0 && at % PORTION == 0 {
            tokio::task::yield_now().await;
        }
        answer(waiter);
    }
}
