//! The lines of a history: what was asked and answered, what was broken, what the nodes said of themselves.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A call begins.
    Invoke,
    /// It was answered.
    Ok,
    /// It was certainly not carried out.
    Fail,
    /// It is not known what became of it.
    Info,
    /// The run and its settings: the first line.
    Meta,
    /// Something is broken.
    Fault,
    /// It is mended.
    Heal,
    /// The nemesis saw that its fault did something.
    Evidence,
    /// A fault cannot be made on this machine, and why.
    Skip,
    /// A node started, died or said something of itself.
    Node,
    /// An entry of the log, and the call it was matched with.
    Entry,
    /// Where a node stood at the end.
    State,
    /// Everything is mended: the time for recovery begins or has ended.
    Phase,
}

/// One line. What does not apply is left out.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct Event {
    /// Microseconds since the run began.
    pub t: u64,
    /// Who speaks: `c3` for a client, `nemesis`, `cell`.
    pub proc: String,
    /// The node it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<u64>,
    /// Which life of the node, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<u64>,
    /// What the line tells.
    pub kind: Kind,
    /// The operation, or what the nemesis did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub op: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub args: Value,
    /// The answer, or why there is none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub out: Value,
    /// The revision in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// The age in the answer, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// The revision that an at-least read asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<u64>,
    /// The term that a node is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<u64>,
    /// `write`, `strong`, `at-least` or `eventual`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// The call, as the client numbers it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The id that the cell gave the call.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub req_id: String,
}

impl Event {
    /// A line with nothing in it; the recorder dates it.
    pub fn new(proc: impl Into<String>, kind: Kind) -> Self {
        Event {
            t: 0,
            proc: proc.into(),
            node: None,
            life: None,
            kind,
            op: String::new(),
            args: Value::Null,
            out: Value::Null,
            index: None,
            age_ms: None,
            token: None,
            term: None,
            mode: String::new(),
            id: String::new(),
            req_id: String::new(),
        }
    }

    /// The same about a node.
    #[must_use]
    pub fn at(mut self, node: u64) -> Self {
        self.node = Some(node);
        self
    }

    /// The same with an operation and its arguments.
    #[must_use]
    pub fn op(mut self, op: impl Into<String>, args: Value) -> Self {
        self.op = op.into();
        self.args = args;
        self
    }
}
