//! Log entries and heartbeats, and their answers.

use bytes::Bytes;
use openraft::raft::{AppendEntriesRequest, StreamAppendError, StreamAppendResult};
use schema::peer::v1 as peer;
use schema::peer::v1::append_reply::Result as Reply;

use super::{Garbled, ballot, entry, log_id, read_ballot, read_entry, read_log_id};
use crate::raft::{Entry, TypeConfig};

pub(crate) fn append_request(request: &AppendEntriesRequest<TypeConfig>) -> peer::AppendRequest {
    peer::AppendRequest {
        ballot: Some(ballot(&request.vote)),
        previous: request.prev_log_id.as_ref().map(log_id),
        entries: request.entries.iter().map(entry).collect(),
        commit: request.leader_commit.as_ref().map(log_id),
    }
}

pub(crate) fn read_append_request(
    request: peer::AppendRequest,
) -> Result<AppendEntriesRequest<TypeConfig>, Garbled> {
    Ok(AppendEntriesRequest {
        vote: read_ballot(request.ballot)?,
        prev_log_id: request.previous.as_ref().map(read_log_id),
        entries: request.entries.into_iter().map(read_arrived).collect::<Result<_, _>>()?,
        leader_commit: request.commit.as_ref().map(read_log_id),
    })
}

pub(crate) fn append_reply(result: &StreamAppendResult<TypeConfig>) -> peer::AppendReply {
    let result = match result {
        Ok(id) => Reply::Matched(peer::Matched { id: id.as_ref().map(log_id) }),
        Err(StreamAppendError::Conflict(id)) => Reply::Conflict(log_id(id)),
        Err(StreamAppendError::HigherVote(vote)) => Reply::Outvoted(ballot(vote)),
    };
    peer::AppendReply { result: Some(result) }
}

pub(crate) fn read_append_reply(
    reply: peer::AppendReply,
) -> Result<StreamAppendResult<TypeConfig>, Garbled> {
    Ok(match reply.result.ok_or(Garbled("an empty answer"))? {
        Reply::Matched(matched) => Ok(matched.id.as_ref().map(read_log_id)),
        Reply::Conflict(id) => Err(StreamAppendError::Conflict(read_log_id(&id))),
        Reply::Outvoted(vote) => Err(StreamAppendError::HigherVote(read_ballot(Some(vote))?)),
    })
}

/// Payloads up to this size are copied out of the buffer they arrived in, which they would
/// otherwise keep in memory.
const COPY_MAX: usize = 64 * 1024;

fn read_arrived(mut entry: peer::LogEntry) -> Result<Entry, Garbled> {
    if let Some(peer::log_entry::Payload::Entry(bytes)) = &mut entry.payload
        && bytes.len() <= COPY_MAX
    {
        *bytes = Bytes::copy_from_slice(bytes);
    }
    read_entry(entry)
}
