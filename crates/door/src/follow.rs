//! follow/v1 at the door: the policy data of chosen accounts, for programs that decide by themselves.

mod feed;

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::stream::{self, BoxStream};
use schema::follow::v1::follow_server::Follow;
use schema::follow::v1::{ConfirmRequest, ConfirmResponse, SubscribeRequest, SubscribeResponse};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::door::Shared;
use crate::services::Identity;

use feed::{Feed, Reader};

/// Accounts of one follower.
const ACCOUNTS_MAX: usize = 100;
/// Followers of one node: each holds, while it starts, a copy of what it is sent.
const FOLLOWERS_MAX: usize = 256;
/// How long the cell may take to confirm how far it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// The service, on whatever node stands behind the door.
pub(crate) struct FollowService {
    door: Weak<Shared>,
    room: Arc<Semaphore>,
}

impl FollowService {
    pub(crate) fn new(door: Weak<Shared>) -> Self {
        FollowService { door, room: Arc::new(Semaphore::new(FOLLOWERS_MAX)) }
    }

    fn door(&self) -> Result<Arc<Shared>, Status> {
        self.door.upgrade().ok_or_else(|| Status::unavailable("this node stops"))
    }
}

#[tonic::async_trait]
impl Follow for FollowService {
    type SubscribeStream = BoxStream<'static, Result<SubscribeResponse, Status>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let door = self.door()?;
        let identity = request.extensions().get::<Identity>().cloned();
        let identity = identity.ok_or_else(|| Status::internal("nobody knows who calls"))?;
        let SubscribeRequest { accounts, revision, digest } = request.into_inner();
        let accounts = names(accounts)?;
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| Status::resource_exhausted("too many follow this node"))?;
        let deadline = Instant::now() + PATIENCE;
        let away = |error: cluster::Unavailable| Status::unavailable(error.to_string());
        // Whether the caller may is judged by everything acknowledged so far; going back is never right.
        let mut seen = door.backend.strong(deadline).await.map_err(away)?;
        if seen.revision < revision {
            seen = door.backend.at_least(revision, deadline).await.map_err(away)?;
        }
        let reader = Reader { identity, accounts, subjects: Arc::clone(&door.subjects) };
        let clock = Arc::clone(&door.clock);
        let feed = Feed::new(Arc::clone(&door.backend), clock, reader, room);
        let feed = feed.start(seen, digest).await?;
        let items = stream::unfold(Some(feed), |feed| async move {
            let mut feed = feed?;
            match feed.next().await {
                Ok(item) => Some((Ok(item), Some(feed))),
                Err(status) => Some((Err(status), None)),
            }
        });
        Ok(Response::new(door.until_closing(items)))
    }

    async fn confirm(
        &self,
        _request: Request<ConfirmRequest>,
    ) -> Result<Response<ConfirmResponse>, Status> {
        let seen = self.door()?.backend.strong(Instant::now() + PATIENCE).await;
        let seen = seen.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(ConfirmResponse { revision: seen.revision }))
    }
}

fn names(accounts: Vec<String>) -> Result<BTreeSet<String>, Status> {
    let count = accounts.len();
    let accounts: BTreeSet<String> = accounts.into_iter().collect();
    let is_right = (1..=ACCOUNTS_MAX).contains(&count)
        && accounts.iter().all(|id| model::arn::is_account(id) && id != model::AWS_ACCOUNT);
    if !is_right {
        let message = format!("accounts must be 1 to {ACCOUNTS_MAX} ids of 12 digits");
        return Err(Status::invalid_argument(message));
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_named_by_their_digits() {
        let names = |ids: &[&str]| names(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(names(&["123456789012", "123456789012"]).unwrap().len(), 1);
        for bad in [&[][..], &["aws"], &["12345"], &["123456789012", ""]] {
            assert!(names(bad).is_err(), "{bad:?}");
        }
        assert!(names(&["123456789012"; 101]).is_err());
    }
}
