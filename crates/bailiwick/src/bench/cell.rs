//! The cell as a target: durable `CreateUser`, and `GetUser` at a consistency, signed and authorized.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client::{Client, Credentials};
use prost::Message;
use schema::iam::v1::{CreateUserRequest, GetUserRequest};
use schema::{OperationInfo, Service};

use super::accounts::{Accounts, USERS};
use super::load::{Load, Target};

/// No cell on this earth makes more users a second; it bounds the accounts made ahead of a round.
const USERS_PER_S_MAX: f64 = 60_000.0;
const USERS_PER_S_AND_CALLER: f64 = 5_000.0;
/// How many users reads choose from.
pub const READ_USERS: u64 = 1_000;

/// What reads ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Debug)]
pub enum Mode {
    /// Everything acknowledged before the call; the peer: linearizable ranges
    Strong,
    /// A write that the node shows already, so that nothing is waited for; the peer: serializable ranges
    AtLeast,
    /// What the node has; the peer: serializable ranges
    Eventual,
}

impl Mode {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Strong => "strong",
            Mode::AtLeast => "at-least",
            Mode::Eventual => "eventual",
        }
    }

    /// As a call asks for it; `token`: of a write that is there.
    fn text(self, token: &str) -> String {
        match self {
            Mode::AtLeast => format!("at-least={token}"),
            _ => self.name().to_owned(),
        }
    }
}

/// Creates users that no other call creates.
pub struct Creates {
    info: &'static OperationInfo,
    /// By account, then by connection.
    clients: Vec<Vec<Client>>,
    next: AtomicU64,
}

impl Creates {
    /// With accounts of its own, enough for a load.
    ///
    /// # Errors
    /// An account cannot be made.
    pub async fn new(
        connections: &[Client],
        accounts: &mut Accounts,
        load: Load,
    ) -> Result<Arc<Self>, String> {
        let seconds = (load.warmup + load.duration).as_secs_f64();
        let rate = (USERS_PER_S_AND_CALLER * load.concurrency as f64).min(USERS_PER_S_MAX);
        let wanted = (rate * seconds / USERS as f64).ceil() as usize;
        let mut clients = Vec::with_capacity(wanted);
        for _ in 0..wanted {
            clients.push(with(connections, &accounts.make().await?));
        }
        Ok(Arc::new(Creates { info: operation("CreateUser")?, clients, next: AtomicU64::new(0) }))
    }

    /// Gives the token.
    async fn create(&self, client: &Client, number: u64) -> Result<String, String> {
        let request = CreateUserRequest { user_name: user_name(number), ..Default::default() };
        let call = client.call(self.info, request.encode_to_vec().into());
        call.await.map(|answer| answer.token).map_err(|error| format!("CreateUser: {error}"))
    }
}

impl Target for Creates {
    async fn call(&self, caller: usize) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let account = usize::try_from(number / USERS).unwrap_or(usize::MAX);
        let clients = self.clients.get(account).ok_or("the bench ran out of accounts")?;
        self.create(&clients[caller % clients.len()], number % USERS).await.map(drop)
    }
}

/// Reads users one after the other.
pub struct Gets {
    info: &'static OperationInfo,
    /// By connection.
    clients: Vec<Client>,
    next: AtomicU64,
}

impl Gets {
    /// With an account of its own and users in it, which every node shows that is read.
    ///
    /// # Errors
    /// They cannot be made, or do not become visible.
    pub async fn new(
        connections: &[Client],
        accounts: &mut Accounts,
        mode: Mode,
    ) -> Result<Arc<Self>, String> {
        let clients = with(connections, &accounts.make().await?);
        let creates = Creates {
            info: operation("CreateUser")?,
            clients: vec![clients.clone()],
            next: AtomicU64::new(0),
        };
        let mut token = String::new();
        for number in 0..READ_USERS {
            token = creates.create(&clients[0], number).await?;
        }
        let asking = |mode: Mode| {
            let clients = clients.iter().cloned();
            clients.map(|client| client.with_consistency(&mode.text(&token))).collect()
        };
        let info = operation("GetUser")?;
        let caught_up = Gets { info, clients: asking(Mode::AtLeast), next: AtomicU64::new(0) };
        for connection in 0..clients.len() {
            caught_up.call(connection).await?;
        }
        Ok(Arc::new(Gets { info, clients: asking(mode), next: AtomicU64::new(0) }))
    }
}

impl Target for Gets {
    async fn call(&self, caller: usize) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % READ_USERS;
        let request = GetUserRequest { user_name: Some(user_name(number)) };
        let client = &self.clients[caller % self.clients.len()];
        let answer = client.call(self.info, request.encode_to_vec().into()).await;
        let answer = answer.map_err(|error| format!("GetUser: {error}"))?;
        if answer.message.is_empty() { Err("GetUser: no user".to_owned()) } else { Ok(()) }
    }
}

fn user_name(number: u64) -> String {
    format!("user-{number:04}")
}

fn with(connections: &[Client], credentials: &Credentials) -> Vec<Client> {
    connections.iter().map(|client| client.clone().with_credentials(credentials.clone())).collect()
}

fn operation(name: &str) -> Result<&'static OperationInfo, String> {
    schema::operation(Service::Iam, name).ok_or_else(|| format!("no operation {name}"))
}
