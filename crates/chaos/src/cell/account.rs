//! The account of a run: its clients' keys, and policies to attach.

use std::time::Duration;

use client::{Client, Credentials};
use prost::Message;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use schema::iam::v1::{
    AttachUserPolicyRequest, AttachUserPolicyResponse, CreateAccessKeyRequest,
    CreateAccessKeyResponse, CreatePolicyRequest, CreatePolicyResponse, CreateUserRequest,
    CreateUserResponse,
};
use tokio::time::{Instant, sleep};

use super::{Cell, VOTERS};

/// Policies that clients attach and detach.
pub(crate) const POLICIES: [&str; 3] = ["red", "green", "blue"];
/// What the clients themselves are allowed by.
const STAFF: &str = "staff";
/// Where principals are that the run needs, beside those that the clients make.
const STAFF_PATH: &str = "/staff/";
const PATIENCE: Duration = Duration::from_secs(30);

/// A key with its secret.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::new(&self.id, &self.secret)
    }
}

/// An account, and its root user as a client of all voters.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    root: Client,
}

impl Account {
    /// Makes an account with the policies that clients attach, and one that allows everything in IAM.
    pub(crate) async fn make(cell: &Cell) -> Result<Self, String> {
        let urls: Vec<String> = VOTERS.iter().map(|id| cell.endpoint(*id)).collect();
        let operator = Client::new(&urls, cell.operator.get().cloned());
        let operator = operator.map_err(|error| error.to_string())?.with_deadline(PATIENCE);
        let request = CreateAccountRequest {
            email: "root@chaos.example".to_owned(),
            root_access_key: true,
            ..CreateAccountRequest::default()
        };
        let path = "/bailiwick.admin.v1.Admin/CreateAccount";
        let made = operator.send::<_, CreateAccountResponse>(path, &request, false).await;
        let made = made.map_err(|error| format!("CreateAccount: {error}"))?.message;
        let root = Credentials::new(made.access_key_id(), made.secret_access_key());
        let account = Account {
            root: operator.with_credentials(root),
            id: made.account.unwrap_or_default().account_id,
        };
        for policy in POLICIES.into_iter().chain([STAFF]) {
            account.policy(policy).await?;
        }
        Ok(account)
    }

    async fn policy(&self, name: &str) -> Result<(), String> {
        let action = if name == STAFF { "*" } else { "s3:GetObject" };
        let request = CreatePolicyRequest {
            policy_name: name.to_owned(),
            policy_document: format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
            ),
            ..CreatePolicyRequest::default()
        };
        self.send::<_, CreatePolicyResponse>("CreatePolicy", &request).await.map(drop)
    }

    /// Makes a user with a key, who may do everything; gives the key and the revision from which it counts.
    pub(crate) async fn principal(&self, name: &str) -> Result<(Key, u64), String> {
        let (user_name, path) = (name.to_owned(), Some(STAFF_PATH.to_owned()));
        let request = CreateUserRequest { user_name, path, ..CreateUserRequest::default() };
        self.send::<_, CreateUserResponse>("CreateUser", &request).await?;
        self.attach(name).await?;
        let request = CreateAccessKeyRequest { user_name: Some(name.to_owned()) };
        let (made, revision) =
            self.send::<_, CreateAccessKeyResponse>("CreateAccessKey", &request).await?;
        let key = made.access_key.unwrap_or_default();
        Ok((Key { id: key.access_key_id, secret: key.secret_access_key }, revision))
    }

    /// Allows a user everything.
    async fn attach(&self, name: &str) -> Result<(), String> {
        let request =
            AttachUserPolicyRequest { user_name: name.to_owned(), policy_arn: self.staff_arn() };
        self.send::<_, AttachUserPolicyResponse>("AttachUserPolicy", &request).await.map(drop)
    }

    /// The ARN of the policy that allows everything.
    pub(crate) fn staff_arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/{STAFF}", self.id)
    }

    /// Waits until a node shows a revision.
    pub(crate) async fn wait_at(
        &self,
        cell: &Cell,
        node: u64,
        revision: u64,
    ) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let client = cell.operator(node, Duration::from_secs(2))?;
        loop {
            let path = "/bailiwick.cluster.v1.Cluster/Status";
            let request = schema::cluster::v1::StatusRequest {};
            let status =
                client.send::<_, schema::cluster::v1::StatusResponse>(path, &request, true).await;
            match status {
                Ok(status) if status.message.applied_revision >= revision => return Ok(()),
                status if Instant::now() >= deadline => {
                    return Err(format!("node {node} does not get to {revision}: {status:?}"));
                }
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn send<M: Message, R: Message + Default>(
        &self,
        operation: &str,
        request: &M,
    ) -> Result<(R, u64), String> {
        let path = format!("/bailiwick.iam.v1.Iam/{operation}");
        let answer = self.root.send::<M, R>(&path, request, false).await;
        let answer = answer.map_err(|error| format!("{operation}: {error}"))?;
        Ok((answer.message, answer.revision))
    }
}
