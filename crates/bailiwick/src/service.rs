//! cluster/v1 as a node serves it: the operator's view of the cell and its controls.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Backend, ChangeError, Committed, Node, Proposal, Role, Terms, Unavailable, terms};
use door::{Caller, Entropy, MasterKey, SystemEntropy};
use prost::Message;
use schema::cluster::v1::cluster_server::Cluster;
use schema::cluster::v1::{self as wire, status_response};
use schema::internal::v1::{ChangeTermsRequest, InitializeCellRequest, InitializeCellResponse};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

const DEADLINE: Duration = Duration::from_secs(10);
/// How long before that a change of terms is answered that is not settled yet.
const ANSWER_IN_TIME: Duration = Duration::from_millis(500);
const KEY_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The service of one node.
pub struct ClusterService {
    name: Arc<str>,
    backend: Arc<dyn Backend>,
    /// The voter behind it; replicas have none.
    voter: Option<Node>,
    keys: Arc<MasterKey>,
}

impl ClusterService {
    /// The service of a voter.
    pub fn voter(name: Arc<str>, node: Node, keys: Arc<MasterKey>) -> Self {
        ClusterService { name, backend: Arc::new(node.clone()), voter: Some(node), keys }
    }

    /// The service of a replica.
    pub fn replica(name: Arc<str>, backend: Arc<dyn Backend>, keys: Arc<MasterKey>) -> Self {
        ClusterService { name, backend, voter: None, keys }
    }

    fn node(&self) -> Result<&Node, Status> {
        self.voter
            .as_ref()
            .ok_or_else(|| Status::failed_precondition("this is a replica: ask a voter"))
    }

    async fn initialize_cell(
        &self,
        max_staleness_ms: Option<u64>,
        clock_drift_ppm: Option<u32>,
    ) -> Result<wire::InitResponse, Status> {
        let operator_key_id = operator_key_id();
        let secret = door::keys::new_secret(&SystemEntropy);
        let request = InitializeCellRequest {
            operator_key_id: operator_key_id.clone(),
            max_staleness_ms,
            clock_drift_ppm,
        };
        let sealed = self.keys.seal(&secret, &operator_key_id, &SystemEntropy);
        let sealed = Some(sealed);
        let proposal = Proposal { sealed, ..Proposal::of_cell(&request, String::new()) };
        let committed = self.propose_when_led(proposal).await?;
        let response = committed.outcome.map_err(|fault| match &*fault.code {
            schema::code::VALIDATION_ERROR => Status::invalid_argument(fault.message),
            _ => Status::already_exists(fault.message),
        })?;
        let made = InitializeCellResponse::decode(response);
        let made = made.map_err(|error| Status::internal(error.to_string()))?;
        Ok(wire::InitResponse {
            cell_id: made.cell_id,
            operator_access_key_id: operator_key_id,
            operator_secret_access_key: secret.to_string(),
        })
    }

    /// A young cell has no leader yet: waits for one. Only what was certainly not made is proposed again.
    async fn propose_when_led(&self, proposal: Proposal) -> Result<Committed, Status> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let unavailable = match self.backend.propose(proposal.clone(), deadline).await {
                Ok(committed) => return Ok(committed),
                Err(unavailable) => unavailable,
            };
            if unavailable.maybe_applied || Instant::now() >= deadline {
                return Err(Status::unavailable(unavailable.to_string()));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tonic::async_trait]
impl Cluster for ClusterService {
    async fn status(
        &self,
        _: Request<wire::StatusRequest>,
    ) -> Result<Response<wire::StatusResponse>, Status> {
        let status = self.backend.status();
        let members = status.members.into_iter().map(|known| wire::MemberStatus {
            id: known.member.id,
            peer_address: known.member.peer_address,
            endpoint: known.member.endpoint,
            voter: known.voter,
            last_seen_ms: known.last_seen_ms,
            held_revision: known.held_revision,
        });
        Ok(Response::new(wire::StatusResponse {
            id: status.id,
            role: role(status.role).into(),
            term: status.term,
            leader: status.leader,
            commit_revision: status.commit_revision,
            applied_revision: status.applied_revision,
            checkpoint_revision: status.checkpoint_revision,
            log_start_revision: status.log_start_revision,
            digest: status.digest,
            age_ms: status.age_ms,
            members: members.collect(),
            name: self.name.to_string(),
        }))
    }

    async fn init(
        &self,
        request: Request<wire::InitRequest>,
    ) -> Result<Response<wire::InitResponse>, Status> {
        let is_peer = request
            .extensions()
            .get::<Caller>()
            .is_some_and(|caller| caller.access_key_id.is_empty());
        if !is_peer {
            return Err(Status::permission_denied(
                "only who has the cell's master key may initialize it",
            ));
        }
        let node = self.node()?;
        let wire::InitRequest { voters, max_staleness_ms, clock_drift_ppm } = request.into_inner();
        let voters: Vec<cluster::Member> = voters.into_iter().map(member).collect();
        match node.init(&voters).await {
            Ok(()) => {}
            // A first try may have come as far as this and no further.
            Err(ChangeError::AlreadyInitialized) if self.backend.seen().state.cell().is_none() => {}
            Err(error) => return Err(refused(&error)),
        }
        self.initialize_cell(max_staleness_ms, clock_drift_ppm).await.map(Response::new)
    }

    async fn set_terms(
        &self,
        request: Request<wire::SetTermsRequest>,
    ) -> Result<Response<wire::SetTermsResponse>, Status> {
        let wire::SetTermsRequest { max_staleness_ms, clock_drift_ppm } = request.into_inner();
        let request = ChangeTermsRequest { max_staleness_ms, clock_drift_ppm };
        let (backend, deadline) = (&*self.backend, Instant::now() + DEADLINE);
        let unavailable = |error: Unavailable| Status::unavailable(error.to_string());
        let changed = terms::change(backend, &request, deadline).await.map_err(unavailable)?;
        changed.outcome.map_err(|fault| Status::invalid_argument(fault.message))?;
        // It is changed, whatever becomes of the rest: the leader sees to it.
        let until = deadline - ANSWER_IN_TIME;
        let settled = terms::settle(backend, until).await.unwrap_or(false);
        let seen = backend.strong(deadline).await.map_err(unavailable)?;
        let (of, counted) = (Terms::of(&seen.state), Terms::counted(&seen.state));
        Ok(Response::new(wire::SetTermsResponse {
            revision: changed.revision,
            max_staleness_ms: of.max_staleness_us / 1_000,
            clock_drift_ppm: of.drift_ppm,
            settled,
            counted_max_staleness_ms: counted.max_staleness_us / 1_000,
        }))
    }

    async fn add_learner(
        &self,
        request: Request<wire::AddLearnerRequest>,
    ) -> Result<Response<wire::AddLearnerResponse>, Status> {
        let learner = request.into_inner().member;
        let learner = learner.ok_or_else(|| Status::invalid_argument("which member?"))?;
        let added = self.node()?.add_learner(&member(learner)).await;
        let revision = added.map_err(|error| refused(&error))?;
        Ok(Response::new(wire::AddLearnerResponse { revision }))
    }

    async fn change_voters(
        &self,
        request: Request<wire::ChangeVotersRequest>,
    ) -> Result<Response<wire::ChangeVotersResponse>, Status> {
        let changed = self.node()?.change_voters(&request.into_inner().ids).await;
        let revision = changed.map_err(|error| refused(&error))?;
        Ok(Response::new(wire::ChangeVotersResponse { revision }))
    }

    async fn transfer_leader(
        &self,
        request: Request<wire::TransferLeaderRequest>,
    ) -> Result<Response<wire::TransferLeaderResponse>, Status> {
        let asked = self.node()?.transfer_leader(request.into_inner().to).await;
        asked.map_err(|error| refused(&error))?;
        Ok(Response::new(wire::TransferLeaderResponse {}))
    }
}

fn member(member: wire::Member) -> cluster::Member {
    cluster::Member { id: member.id, peer_address: member.peer_address, endpoint: member.endpoint }
}

fn role(role: Role) -> status_response::Role {
    match role {
        Role::Learner => status_response::Role::Learner,
        Role::Follower => status_response::Role::Follower,
        Role::Candidate => status_response::Role::Candidate,
        Role::Leader => status_response::Role::Leader,
        Role::Replica => status_response::Role::Replica,
        Role::Stopped => status_response::Role::Stopped,
    }
}

fn refused(error: &ChangeError) -> Status {
    let text = error.to_string();
    match error {
        ChangeError::NotLeader(_) => Status::failed_precondition(text),
        ChangeError::AlreadyInitialized => Status::already_exists(text),
        ChangeError::Refused(_) => Status::invalid_argument(text),
        ChangeError::Failed(_) => Status::unavailable(text),
    }
}

/// `BWOP` and 16 random characters, as long as AWS's ids.
fn operator_key_id() -> String {
    let mut chance = [0; 16];
    SystemEntropy.fill(&mut chance);
    let tail = chance.map(|byte| KEY_ALPHABET[usize::from(byte & 31)] as char);
    format!("BWOP{}", tail.iter().collect::<String>())
}
