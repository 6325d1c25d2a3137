//! Between openraft's types and the messages of `peer/v1`: what is sent to peers and written to
//! disk.

mod append;
mod election;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openraft::EntryPayload;
use openraft::entry::RaftEntry;
use openraft::vote::RaftLeaderId;
use schema::peer::v1 as peer;

use crate::raft::{
    Command, CommittedLeaderId, Entry, LogId, Membership, Place, SnapshotMeta, StoredMembership,
    Vote,
};

pub(crate) use append::{append_reply, append_request, read_append_reply, read_append_request};
pub(crate) use election::{
    read_transfer_reply, read_transfer_request, read_vote_reply, read_vote_request, transfer_reply,
    transfer_request, vote_reply, vote_request,
};
pub(crate) use standing::{level, read_level, read_report, read_standings, report, standings};

/// A message that lacks what it must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Garbled(pub &'static str);

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "garbled message: {}", self.0)
    }
}

impl std::error::Error for Garbled {}

pub(crate) fn log_id(id: &LogId) -> peer::LogId {
    let leader = id.leader_id;
    peer::LogId { term: leader.term, node: leader.node_id, index: id.index }
}

pub(crate) fn read_log_id(id: &peer::LogId) -> LogId {
    LogId { leader_id: CommittedLeaderId::new(id.term, id.node), index: id.index }
}

pub(crate) fn ballot(vote: &Vote) -> peer::Ballot {
    let leader = vote.leader_id;
    peer::Ballot { term: leader.term, node: leader.node_id, committed: vote.committed }
}

pub(crate) fn read_ballot(ballot: Option<peer::Ballot>) -> Result<Vote, Garbled> {
    let ballot = ballot.ok_or(Garbled("no ballot"))?;
    let vote = Vote::new(ballot.term, ballot.node);
    Ok(Vote { committed: ballot.committed, ..vote })
}

pub(crate) fn entry(entry: &Entry) -> peer::LogEntry {
    let payload = match &entry.payload {
        EntryPayload::Blank => None,
        EntryPayload::Normal(Command(bytes)) => {
            Some(peer::log_entry::Payload::Entry(bytes.clone()))
        }
        EntryPayload::Membership(m) => Some(peer::log_entry::Payload::Membership(members(m))),
    };
    peer::LogEntry { id: Some(log_id(&entry.log_id)), payload }
}

pub(crate) fn read_entry(entry: peer::LogEntry) -> Result<Entry, Garbled> {
    let id = read_log_id(&entry.id.ok_or(Garbled("an entry without id"))?);
    let payload = match entry.payload {
        None => EntryPayload::Blank,
        Some(peer::log_entry::Payload::Entry(bytes)) => EntryPayload::Normal(Command(bytes)),
        Some(peer::log_entry::Payload::Membership(m)) => {
            EntryPayload::Membership(read_membership(m)?)
        }
    };
    Ok(Entry::new(id, payload))
}

pub(crate) fn members(membership: &Membership) -> peer::Membership {
    let sets = membership.get_joint_config().iter();
    let members = membership.nodes().map(|(id, place)| peer::Member {
        id: *id,
        peer_address: place.peer_address.clone(),
        endpoint: place.endpoint.clone(),
    });
    peer::Membership {
        voter_sets: sets.map(|set| peer::VoterSet { ids: set.iter().copied().collect() }).collect(),
        members: members.collect(),
    }
}

pub(crate) fn read_membership(membership: peer::Membership) -> Result<Membership, Garbled> {
    let sets = membership.voter_sets.into_iter();
    let sets: Vec<BTreeSet<u64>> = sets.map(|set| set.ids.into_iter().collect()).collect();
    let members = membership.members.into_iter();
    let members: BTreeMap<u64, Place> = members
        .map(|m| (m.id, Place { peer_address: m.peer_address, endpoint: m.endpoint }))
        .collect();
    if sets.is_empty() {
        return Ok(Membership::default());
    }
    Membership::new(sets, members).map_err(|_| Garbled("a voter that is no member"))
}

/// Where a state stands in the log, as it is kept with checkpoints and sent with snapshots.
pub(crate) fn mark(meta: &SnapshotMeta) -> peer::SnapshotMark {
    let stored = &meta.last_membership;
    peer::SnapshotMark {
        last: meta.last_log_id.as_ref().map(log_id),
        membership: Some(peer::StoredMembership {
            id: stored.log_id().as_ref().map(log_id),
            membership: Some(members(stored.membership())),
        }),
    }
}

pub(crate) fn read_mark(mark: peer::SnapshotMark) -> Result<SnapshotMeta, Garbled> {
    let stored = mark.membership.ok_or(Garbled("no membership"))?;
    let membership = read_membership(stored.membership.ok_or(Garbled("no membership"))?)?;
    Ok(SnapshotMeta {
        last_log_id: mark.last.as_ref().map(read_log_id),
        last_membership: StoredMembership::new(stored.id.as_ref().map(read_log_id), membership),
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn id(index: u64) -> LogId {
        LogId { leader_id: CommittedLeaderId::new(3, 2), index }
    }

    fn three() -> Membership {
        let place = |n: u64| Place { peer_address: format!("h{n}:1"), endpoint: format!("e{n}") };
        let members = BTreeMap::from([1, 2, 3].map(|n| (n, place(n))));
        Membership::new(vec![BTreeSet::from([1, 2, 3]), BTreeSet::from([2, 3])], members).unwrap()
    }

    #[test]
    fn entries_of_every_kind_come_back() {
        let payloads = [
            EntryPayload::Blank,
            EntryPayload::Normal(Command(Bytes::from_static(b"x"))),
            EntryPayload::Membership(three()),
        ];
        for payload in payloads {
            let sent = Entry::new(id(7), payload);
            assert_eq!(read_entry(entry(&sent)), Ok(sent));
        }
        assert!(read_entry(peer::LogEntry::default()).is_err());
    }

    #[test]
    fn marks_and_ballots_come_back() {
        let meta = SnapshotMeta {
            last_log_id: Some(id(9)),
            last_membership: StoredMembership::new(Some(id(4)), three()),
        };
        assert_eq!(read_mark(mark(&meta)), Ok(meta));
        assert_eq!(read_mark(mark(&SnapshotMeta::default())), Ok(SnapshotMeta::default()));
        let vote = Vote::new_committed(5, 1);
        assert_eq!(read_ballot(Some(ballot(&vote))), Ok(vote));
    }

    #[test]
    fn a_voter_that_is_no_member_is_garbled() {
        let mut sent = members(&three());
        sent.members.pop();
        assert!(read_membership(sent).is_err());
    }
}
