//! A cell in memory with a door, and short words for what tests do with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::{Answer, Client, Clock, Credentials, FollowerOptions};
use cluster::SystemClock;
use door::Options;
use door::testing::{Cell, KeyPair, Served};
use prost::Message;
use schema::authz::v1::{Credential, Principal, Question, Values, principal};
use schema::iam::v1::{
    CreateAccessKeyRequest, CreateAccessKeyResponse, CreateUserRequest, CreateUserResponse,
    PutUserPolicyRequest, PutUserPolicyResponse,
};

pub const ACCOUNT: &str = "123456789012";
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Serving {
    pub cell: Cell,
    served: Served,
}

impl Serving {
    pub async fn new() -> Serving {
        let cell = Cell::new(Arc::new(SystemClock::new()));
        let served =
            cell.serve(Options { drain: Duration::from_millis(200), ..Options::default() }).await;
        Serving { cell, served }
    }

    pub fn client(&self, key: &KeyPair) -> Client {
        let urls = [format!("http://{}", self.served.address)];
        Client::new(&urls, Some(Credentials::new(&key.id, &key.secret))).unwrap()
    }

    pub fn root(&self) -> Client {
        self.client(&self.cell.root)
    }

    pub async fn iam<M: Message, R: Message + Default>(
        &self,
        name: &str,
        request: &M,
    ) -> Answer<R> {
        let path = format!("/bailiwick.iam.v1.Iam/{name}");
        self.root().send(&path, request, false).await.unwrap()
    }

    /// Makes a user with a key.
    pub async fn user(&self, name: &str) -> KeyPair {
        let user = CreateUserRequest { user_name: name.to_owned(), ..Default::default() };
        self.iam::<_, CreateUserResponse>("CreateUser", &user).await;
        let key = CreateAccessKeyRequest { user_name: Some(name.to_owned()) };
        let key = self.iam::<_, CreateAccessKeyResponse>("CreateAccessKey", &key).await;
        let key = key.message.access_key.unwrap();
        KeyPair { id: key.access_key_id, secret: key.secret_access_key, token: None }
    }

    /// Gives a user a policy of one statement.
    pub async fn policy(&self, user: &str, name: &str, statement: &str) {
        let put = PutUserPolicyRequest {
            user_name: user.to_owned(),
            policy_name: name.to_owned(),
            policy_document: policy(statement),
        };
        self.iam::<_, PutUserPolicyResponse>("PutUserPolicy", &put).await;
    }

    pub async fn close(self) {
        self.served.close().await;
    }
}

pub fn policy(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":{statement}}}}}"#)
}

pub fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

pub fn by_arn(arn: &str) -> Principal {
    Principal { who: Some(principal::Who::Arn(arn.to_owned())) }
}

pub fn by_key(id: &str) -> Principal {
    let shown = Credential { access_key_id: id.to_owned(), session_token: None };
    Principal { who: Some(principal::Who::Credential(shown)) }
}

pub fn by_session(id: &str) -> Principal {
    let shown = Credential { access_key_id: id.to_owned(), session_token: Some("t".to_owned()) };
    Principal { who: Some(principal::Who::Credential(shown)) }
}

pub fn question(who: Principal, action: &str, object: &str, source_ip: &str) -> Question {
    let values = Values { values: vec![source_ip.to_owned()] };
    Question {
        principal: Some(who),
        action: action.to_owned(),
        resource: format!("arn:aws:s3:::{object}"),
        resource_account: Some(ACCOUNT.to_owned()),
        context: [("aws:SourceIp".to_owned(), values)].into(),
        ..Default::default()
    }
}

/// A follower's clock that a test moves.
#[derive(Default)]
pub struct Hand(AtomicU64);

impl Hand {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn wall_ms(&self) -> u64 {
        1_767_323_045_000
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(100) + Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

pub fn by_hand() -> (FollowerOptions, Arc<Hand>) {
    let clock = Arc::<Hand>::default();
    let confirm_every = Duration::from_millis(5);
    let options = FollowerOptions {
        confirm_every,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..FollowerOptions::default()
    };
    (options, clock)
}
