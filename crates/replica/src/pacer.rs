//! Lets what waits become visible when it is due.

use std::future;
use std::sync::Arc;

use tokio::time::sleep;

use crate::views::Views;

/// Runs until it is aborted.
pub(crate) async fn run(views: Arc<Views>) {
    loop {
        let due = views.advance();
        let due = async {
            match due {
                Some(after) => sleep(after).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = due => {}
            () = views.queued.notified() => {}
        }
    }
}
