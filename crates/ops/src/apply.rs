//! Applying an entry: the one place where the state changes.

use bytes::Bytes;
use model::{Ack, State, v1};
use schema::Fault;

use crate::table::{self, Run};
use crate::{Principal, Txn, authorize, faults};

/// What applying an entry made.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The state at the entry's revision; equal to the one before in all but revision and time after a fault.
    pub state: State,
    /// The answer, encoded, or the fault.
    pub outcome: Result<Bytes, Fault>,
    /// What the feed and checkpoints carry; empty after a fault.
    pub changes: Vec<v1::Change>,
    /// What the caller's account waits for when a call asks for nothing itself, as it stood before the entry; `None`
    /// after a fault, for callers of no account and where the account says nothing.
    pub ack: Option<Ack>,
}

/// Applies an entry to the state before it. Total: whatever the bytes, every node answers the same.
///
/// The caller is resolved and authorized here, at the entry's own place in history: a change that was acknowledged
/// before this entry (a key deleted, a policy detached) binds it, whatever the front door had seen.
pub fn apply(state: State, entry: &v1::Entry, revision: u64) -> Applied {
    let default = v1::Stamp::default();
    let stamp = entry.stamp.as_ref().unwrap_or(&default);
    let (outcome, changes, ack) = match run(&state, entry, stamp, revision) {
        Ok((outcome, changes, ack)) => (Ok(outcome), changes, ack),
        Err(fault) => (Err(fault), Vec::new(), None),
    };
    // INVARIANT: operations make only changes that fit (see `Txn::put`).
    let state =
        state.changed(revision, stamp.time_ms, &changes).expect("an operation's changes fit");
    Applied { state, outcome, changes, ack }
}

type Done = (Bytes, Vec<v1::Change>, Option<Ack>);

fn run(state: &State, entry: &v1::Entry, stamp: &v1::Stamp, revision: u64) -> Result<Done, Fault> {
    let handler = u16::try_from(entry.operation).ok().and_then(table::handler);
    let handler = handler.ok_or_else(faults::malformed_request)?;
    let Run::Write(write) = &handler.run else { return Err(faults::malformed_request()) };
    let (no_context, nobody) = (v1::RequestContext::default(), v1::Caller::default());
    let context = entry.context.as_ref().unwrap_or(&no_context);
    let now_ms = stamp.time_ms.max(state.time_ms());
    let caller = entry.caller.as_ref().unwrap_or(&nobody);
    let principal = Principal::resolve(state, caller, now_ms)?;
    let mut txn = Txn::new(state, entry, stamp, context, &principal, revision);
    let request = (write.decode)(&entry.request)?;
    authorize::permit(handler, &txn.view(), || request.needs(&txn.view()))
        .map_err(|refusal| refusal.fault)?;
    let outcome = request.write(&mut txn)?;
    let ack = state.account(&principal.account_id).and_then(|account| account.ack().cloned());
    Ok((outcome, txn.finish(), ack))
}
