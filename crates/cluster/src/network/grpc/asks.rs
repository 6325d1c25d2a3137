//! Questions to one peer: all on one stream, each waiting for its own answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::tonic::Streaming;
use schema::peer::v1::{AskReply, AskRequest};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;

use super::client::Line;
use super::link_error;
use crate::network::LinkError;
use crate::runtime::Context;

/// Questions written ahead of the one being sent.
const QUESTIONS_AHEAD: usize = 256;

/// The stream, when there is one.
#[derive(Default)]
pub(super) struct Asks {
    open: tokio::sync::Mutex<Option<Open>>,
}

#[derive(Clone)]
struct Open {
    questions: mpsc::Sender<AskRequest>,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    last_id: u64,
    /// Nothing once the stream is over.
    answers: Option<BTreeMap<u64, oneshot::Sender<AskReply>>>,
}

impl Open {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a question, and where its answer comes; nothing when the stream is over.
    fn enrol(&self) -> Option<(u64, oneshot::Receiver<AskReply>)> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting();
        waiting.last_id += 1;
        let id = waiting.last_id;
        waiting.answers.as_mut()?.insert(id, sender);
        Some((id, receiver))
    }

    fn strike(&self, id: u64) {
        if let Some(answers) = &mut self.waiting().answers {
            answers.remove(&id);
        }
    }
}

impl Asks {
    /// Asks and waits.
    ///
    /// INVARIANT: an error says [`LinkError::NotSent`] only when the question was never given to a
    /// stream.
    pub(super) async fn ask(
        &self,
        line: &Line,
        mut question: AskRequest,
        patience: Duration,
    ) -> Result<AskReply, LinkError> {
        let deadline = Instant::now() + patience;
        let late = || LinkError::NotSent("not connected in time".into());
        // A stream that turns out to be over took nothing: once more on a new one.
        for _ in 0..2 {
            let open = timeout_at(deadline, self.open(line)).await.map_err(|_| late())??;
            let Some((id, answer)) = open.enrol() else { continue };
            let _struck = Struck(&open, id);
            question.id = id;
            let sent = timeout_at(deadline, open.questions.reserve()).await.map_err(|_| late())?;
            let Ok(place) = sent else { continue };
            place.send(question);
            return match timeout_at(deadline, answer).await {
                Ok(Ok(reply)) => Ok(reply),
                Ok(Err(_)) => Err(LinkError::Lost("the connection broke".into())),
                Err(_) => Err(LinkError::Lost("no answer in time".into())),
            };
        }
        Err(LinkError::NotSent("the connection broke".into()))
    }

    async fn open(&self, line: &Line) -> Result<Open, LinkError> {
        let mut open = self.open.lock().await;
        if let Some(open) = open.as_ref().filter(|open| open.waiting().answers.is_some()) {
            return Ok(open.clone());
        }
        let (questions, receiver) = mpsc::channel(QUESTIONS_AHEAD);
        let replies = line.client().ask(line.signed(ReceiverStream::new(receiver))).await;
        // Whatever went wrong, no question was on this stream yet.
        let replies =
            replies.map_err(|status| LinkError::NotSent(link_error(&status).to_string()))?;
        let waiting = Waiting { answers: Some(BTreeMap::new()), ..Waiting::default() };
        let opened = Open { questions, waiting: Arc::new(Mutex::new(waiting)) };
        drop(Context::spawn_current(deliver(replies.into_inner(), Arc::clone(&opened.waiting))));
        *open = Some(opened.clone());
        Ok(opened)
    }
}

/// Takes a question off the list, whether it was answered, given up or dropped.
struct Struck<'a>(&'a Open, u64);

impl Drop for Struck<'_> {
    fn drop(&mut self) {
        self.0.strike(self.1);
    }
}

async fn deliver(mut replies: Streaming<AskReply>, waiting: Arc<Mutex<Waiting>>) {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    while let Ok(Some(reply)) = replies.message().await {
        let answer = lock().answers.as_mut().and_then(|answers| answers.remove(&reply.id));
        if let Some(answer) = answer {
            let _ = answer.send(reply);
        }
    }
    // Whoever waits learns that the stream is over by the end of its channel.
    lock().answers = None;
}
