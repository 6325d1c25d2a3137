//! The ways to a node's door: the AWS Query API over HTTP, and gRPC.

mod grpc;
mod query;

use std::time::Duration;

use bytes::Bytes;
use schema::OperationInfo;
use sim::words;
use sim::world::{Question, Said, Write};

pub(crate) use grpc::Grpc;
pub(crate) use query::Query;

use crate::cell::{Cell, Key};

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) outcome: Outcome,
    /// The revision in the answer; 0 when it had none.
    pub(crate) revision: u64,
    pub(crate) age_ms: u64,
    /// Given to a write that is in the log.
    pub(crate) token: String,
    pub(crate) request_id: String,
    /// Of a write that waits for replicas: `reached` or `pending`. The Query API's door alone reads it.
    pub(crate) propagation: String,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A response, in the protocol's own form.
    Response(Body),
    /// A fault's code.
    Fault(String),
    /// Certainly nothing was done.
    NothingDone(String),
    /// Something may have been.
    Unknown(String),
}

/// A response as it came.
#[derive(Debug)]
pub(crate) enum Body {
    Xml(String),
    Message(Bytes),
}

/// One call.
pub(crate) struct Asking<'a> {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) request: Bytes,
    /// Header and value: what a read asks for, or what a write waits for.
    pub(crate) header: Option<(&'static str, &'a str)>,
    pub(crate) patience: Duration,
}

/// A way to every node's door with one key.
pub(crate) enum Door {
    Query(Query),
    Grpc(Grpc),
}

impl Door {
    pub(crate) fn query(key: Key) -> Self {
        Door::Query(Query::new(key))
    }

    pub(crate) fn grpc(key: &Key) -> Self {
        Door::Grpc(Grpc::new(key.credentials()))
    }

    /// Asks a node, once.
    pub(crate) async fn ask(&mut self, cell: &Cell, node: u64, asking: Asking<'_>) -> Heard {
        match self {
            Door::Query(door) => door.ask(&cell.endpoint(node), node, asking).await,
            Door::Grpc(door) => door.ask(&cell.endpoint(node), node, asking).await,
        }
    }
}

impl Heard {
    pub(crate) fn nothing(outcome: Outcome) -> Self {
        let (token, request_id, propagation) = Default::default();
        Heard { outcome, revision: 0, age_ms: u64::MAX, token, request_id, propagation }
    }
}

impl Body {
    /// What it says to a write.
    pub(crate) fn said_to_write(self, write: &Write) -> Said {
        match (self, write) {
            (Body::Message(bytes), write) => words::said_to_write(write, Ok(bytes)),
            (Body::Xml(text), Write::Create { .. }) => query::user(&text),
            (Body::Xml(_), _) => Said::Done,
        }
    }

    /// What it says to a question.
    pub(crate) fn said_to_question(self, question: &Question) -> Said {
        match self {
            Body::Message(bytes) => words::said_to_question(question, Ok(bytes)),
            Body::Xml(text) => query::answer(&text, question),
        }
    }

    /// The id of the key that a CreateAccessKey made.
    pub(crate) fn key_id(&self) -> String {
        match self {
            Body::Message(bytes) => grpc::key_id(bytes),
            Body::Xml(text) => query::key_id(text),
        }
    }
}
