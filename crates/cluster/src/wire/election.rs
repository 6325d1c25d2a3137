//! Votes and the handing over of leadership.

use openraft::raft::{
    TransferLeaderError, TransferLeaderRequest, TransferLeaderResponse, VoteRequest, VoteResponse,
};
use schema::peer::v1 as peer;
use schema::peer::v1::transfer_reply::{Accepted, Behind, Result as Reply};

use super::{Garbled, ballot, log_id, read_ballot, read_log_id};
use crate::raft::TypeConfig;

pub(crate) fn vote_request(
    request: &VoteRequest<TypeConfig>,
    rehearsal: bool,
) -> peer::VoteRequest {
    peer::VoteRequest {
        ballot: Some(ballot(&request.vote)),
        last: request.last_log_id.as_ref().map(log_id),
        rehearsal,
        transfer: request.leadership_transfer,
    }
}

pub(crate) fn read_vote_request(
    request: peer::VoteRequest,
) -> Result<VoteRequest<TypeConfig>, Garbled> {
    let last = request.last.as_ref().map(read_log_id);
    let mut read = VoteRequest::new(read_ballot(request.ballot)?, last);
    read.leadership_transfer = request.transfer;
    Ok(read)
}

pub(crate) fn vote_reply(reply: &VoteResponse<TypeConfig>) -> peer::VoteReply {
    peer::VoteReply {
        ballot: Some(ballot(&reply.vote)),
        last: reply.last_log_id.as_ref().map(log_id),
        granted: reply.vote_granted,
    }
}

pub(crate) fn read_vote_reply(reply: peer::VoteReply) -> Result<VoteResponse<TypeConfig>, Garbled> {
    let last = reply.last.as_ref().map(read_log_id);
    Ok(VoteResponse::new(read_ballot(reply.ballot)?, last, reply.granted))
}

pub(crate) fn transfer_request(
    request: &TransferLeaderRequest<TypeConfig>,
) -> peer::TransferRequest {
    peer::TransferRequest {
        from: Some(ballot(request.from_leader())),
        to: *request.to_node_id(),
        last: request.last_log_id().map(log_id),
    }
}

pub(crate) fn read_transfer_request(
    request: peer::TransferRequest,
) -> Result<TransferLeaderRequest<TypeConfig>, Garbled> {
    let last = request.last.as_ref().map(read_log_id);
    Ok(TransferLeaderRequest::new(read_ballot(request.from)?, request.to, last))
}

pub(crate) fn transfer_reply(reply: &TransferLeaderResponse<TypeConfig>) -> peer::TransferReply {
    let result = match reply {
        Ok(()) => Reply::Accepted(Accepted {}),
        Err(TransferLeaderError::VoteChanged { actual, .. }) => Reply::Outvoted(ballot(actual)),
        Err(TransferLeaderError::LogNotFlushed { actual, .. }) => {
            Reply::Behind(Behind { last: actual.as_ref().map(log_id) })
        }
    };
    peer::TransferReply { result: Some(result) }
}

/// The answer does not repeat what was asked, so the request gives the expected side of a refusal.
pub(crate) fn read_transfer_reply(
    request: &TransferLeaderRequest<TypeConfig>,
    reply: peer::TransferReply,
) -> Result<TransferLeaderResponse<TypeConfig>, Garbled> {
    Ok(match reply.result.ok_or(Garbled("an empty answer"))? {
        Reply::Accepted(_) => Ok(()),
        Reply::Outvoted(actual) => Err(TransferLeaderError::VoteChanged {
            expected: *request.from_leader(),
            actual: read_ballot(Some(actual))?,
        }),
        Reply::Behind(behind) => Err(TransferLeaderError::LogNotFlushed {
            expected: request.last_log_id().copied(),
            actual: behind.last.as_ref().map(read_log_id),
        }),
    })
}
