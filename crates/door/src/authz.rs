//! authz/v1 at the door: decisions for services of their own, from the state that is visible here.

mod question;

use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use cluster::Seen;
use futures::FutureExt;
use http::HeaderMap;
use ops::authz::asked::Named;
use ops::authz::{Asked, Asker, Power, Who, check_batch};
use ops::faults;
use prost::Message;
use schema::authz::v1::{
    self as wire, BatchDecideRequest, BatchDecideResponse, DecideResponse, Question, Verdict,
};
use schema::{Fault, Kind};
use tokio::time::{Instant, timeout_at};

use crate::Peer;
use crate::answer::{Answer, Stop};
use crate::call::{self, Wishes};
use crate::dispatch::view;
use crate::door::Shared;
use crate::identify::{Found, Identified, OPERATOR_SERVICE, Signed, identify};
use question::Finder;

/// The methods of the service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    Decide,
    BatchDecide,
    Explain,
}

impl Method {
    const ALL: [Method; 3] = [Method::Decide, Method::BatchDecide, Method::Explain];

    /// The method at a path.
    pub(crate) fn of_path(path: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.path() == path)
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Method::Decide => "/bailiwick.authz.v1.Authorization/Decide",
            Method::BatchDecide => "/bailiwick.authz.v1.Authorization/BatchDecide",
            Method::Explain => "/bailiwick.authz.v1.Authorization/Explain",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Decide => "Decide",
            Method::BatchDecide => "BatchDecide",
            Method::Explain => "Explain",
        }
    }

    /// The signing names that are right here: the service's own, or the operator's.
    pub(crate) fn services(self) -> &'static [&'static str] {
        &["authz", OPERATOR_SERVICE]
    }
}

/// A call as gRPC has read it.
pub(crate) struct Asking<'a> {
    pub(crate) method: Method,
    pub(crate) signed: Signed<'a>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) peer: Peer,
    pub(crate) wishes: Wishes,
    pub(crate) deadline: Instant,
}

/// Answers a call. A panic fails the call, not the node.
pub(crate) async fn carry_out(door: &Shared, asked: Asking<'_>, message: &Bytes) -> Answer {
    let deadline = asked.deadline;
    let run = AssertUnwindSafe(run(door, asked, message)).catch_unwind();
    match timeout_at(deadline, run).await {
        Ok(Ok(Ok(answer))) => answer,
        Ok(Ok(Err(stop))) => stop.into(),
        Ok(Err(_)) => call::panicked(door),
        Err(_) => Answer::unavailable(&cluster::Unavailable::nothing_done("the deadline passed")),
    }
}

async fn run(door: &Shared, asked: Asking<'_>, message: &Bytes) -> Result<Answer, Stop> {
    let Asking { method, signed, headers, peer, wishes, deadline } = asked;
    let is_strong = wishes.is_strong(Kind::Read);
    let identified = identify(door, &signed, is_strong, deadline).await?;
    let Identified { caller, region, found } = identified;
    let consistency = wishes.consistency?;
    let context = call::context(headers, peer, region);
    let request = Request::read(method, message)?;
    let mut finder = Finder::new(door, is_strong, deadline);
    let people = request.find(&mut finder).await?;
    // A credential that was found in a newer view is judged by that one.
    let found = found.newer(finder.seen.map(Found::new));
    let seen = view::at(door, consistency, &found, deadline).await?;
    let now_ms = door.clock.wall_ms();
    let asker = Asker::new(&seen.state, &door.subjects, &caller, &context, now_ms);
    let outcome = asker.and_then(|asker| request.answer(&asker, people, &seen));
    Ok(Answer::of(outcome, &seen))
}

/// A request of one of the methods.
enum Request<'a> {
    Decide(Asked<'a>),
    BatchDecide(BatchDecideRequest),
    Explain(Asked<'a>),
}

/// Whom the questions are about, in their order: a fault is the question's own.
type People<'a> = Vec<Result<Who<'a>, Fault>>;

impl<'a> Request<'a> {
    fn read(method: Method, message: &'a Bytes) -> Result<Self, Fault> {
        let one = || {
            let question = Asked::read(message).map_err(|_| faults::malformed_request())?;
            question.ok_or_else(|| faults::validation("question must be given"))
        };
        Ok(match method {
            Method::Decide => Request::Decide(one()?),
            Method::Explain => Request::Explain(one()?),
            Method::BatchDecide => {
                let batch = BatchDecideRequest::decode(message.clone());
                let batch = batch.map_err(|_| faults::malformed_request())?;
                check_batch(&batch)?;
                Request::BatchDecide(batch)
            }
        })
    }

    /// One for each question; a batch's shared principal comes last.
    async fn find(&self, finder: &mut Finder<'_>) -> Result<People<'_>, Stop> {
        match self {
            Request::Decide(question) | Request::Explain(question) => {
                Ok(vec![finder.find(question.principal).await?])
            }
            Request::BatchDecide(batch) => {
                let mut people = Vec::with_capacity(batch.questions.len() + 1);
                for question in &batch.questions {
                    people.push(finder.find(Named::of(question.principal.as_ref())).await?);
                }
                people.push(finder.find(Named::of(batch.principal.as_ref())).await?);
                Ok(people)
            }
        }
    }

    fn answer(&self, asker: &Asker<'_>, people: People<'_>, seen: &Seen) -> Result<Bytes, Fault> {
        let served_by = seen.served_by.to_string();
        let (revision, age_ms) = (seen.revision, seen.age_ms);
        let who = || faults::validation("principal must be given");
        let encoded = match self {
            Request::Decide(question) => {
                let subject = people.into_iter().next().ok_or_else(who)??;
                let subject = asker.subject(&subject, Power::Decide)?;
                let Verdict { decision, decided_by, message, .. } = subject.decide(question)?;
                let answer =
                    DecideResponse { decision, decided_by, message, revision, age_ms, served_by };
                answer.encode_to_vec()
            }
            Request::Explain(question) => {
                let subject = people.into_iter().next().ok_or_else(who)??;
                let subject = asker.subject(&subject, Power::Explain)?;
                let mut answer = subject.explain(question)?;
                (answer.revision, answer.age_ms, answer.served_by) = (revision, age_ms, served_by);
                answer.encode_to_vec()
            }
            Request::BatchDecide(batch) => {
                let verdicts = batch_verdicts(asker, batch, &people);
                BatchDecideResponse { verdicts, revision, age_ms, served_by }.encode_to_vec()
            }
        };
        Ok(encoded.into())
    }
}

fn batch_verdicts(
    asker: &Asker<'_>,
    batch: &BatchDecideRequest,
    people: &People<'_>,
) -> Vec<Verdict> {
    let subject = |at: usize| match &people[at] {
        Ok(who) => asker.subject(who, Power::Decide),
        Err(fault) => Err(fault.clone()),
    };
    // Gathered once for all questions that share it.
    let shared = subject(batch.questions.len());
    let decide = |(at, question): (usize, &Question)| {
        let own = question.principal.is_some().then(|| subject(at));
        let subject = own.as_ref().unwrap_or(&shared).as_ref();
        let decided =
            subject.map_err(Clone::clone).and_then(|subject| subject.decide(&question.into()));
        decided.unwrap_or_else(|fault| {
            let (code, message) = (fault.code.into_owned(), fault.message);
            Verdict { fault: Some(wire::Fault { code, message }), ..Default::default() }
        })
    };
    batch.questions.iter().enumerate().map(decide).collect()
}
