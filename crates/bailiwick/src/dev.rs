//! `bailiwick dev`: a whole cell on this machine, each node a process of its own.

mod child;
mod layout;
mod welcome;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use client::{Client, Credentials};
use lag::{Plan, PlanError};
use schema::admin::v1::CreateAccountRequest;
use schema::cluster::v1::{InitRequest, InitResponse, Member};
use tokio::time::Instant;

use crate::cell_file::{AccountEntry, CellFile, NodeEntry, OperatorEntry};
use crate::command::{account, cluster};
use crate::config::PeerAddress;
use crate::node;

use child::Child;
use layout::Layout;

const START_DEADLINE: Duration = Duration::from_secs(60);
const RESTART_AFTER: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);
const ROOT_EMAIL: &str = "root@dev.example";

/// Run a whole cell on this machine: three voters and some replicas.
#[derive(Args)]
pub struct DevArgs {
    /// Folder of the cell's data; it is made when it is not there, and the cell survives in it
    #[arg(long, value_name = "DIR", default_value = "bailiwick-data")]
    data: PathBuf,
    /// Once the cell serves, write endpoints and credentials to this file; all ports are then free ones
    #[arg(long, value_name = "FILE")]
    cell: Option<PathBuf>,
    /// Read replicas beside the three voters
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(..=64))]
    replicas: u8,
    /// Let all replicas but the first follow the first replica instead of the voters
    #[arg(long)]
    replica_tree: bool,
    /// Lag plan of the replicas, such as `aws-typical` or `fixed:400ms`; when left out, what each has in its settings
    #[arg(long, value_name = "PLAN")]
    lag: Option<String>,
    /// Leave a node that dies dead; otherwise it is started again after two seconds
    #[arg(long)]
    no_restart: bool,
}

/// Starts the cell, says what to do next, and keeps it running until Ctrl-C.
///
/// # Errors
/// A node cannot start; what the others did is undone by ending them.
pub async fn run(arguments: DevArgs) -> Result<(), String> {
    let plan: Option<Plan> = arguments
        .lag
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: PlanError| error.to_string())?;
    let layout = Layout::open(&arguments.data, arguments.cell.is_none(), arguments.replicas)?;
    let mut stop = Box::pin(node::interrupted());
    let mut nodes = tokio::select! {
        started = start(&layout, plan.as_ref(), arguments.replica_tree) => started?,
        () = &mut stop => return Ok(()),
    };
    let ready = tokio::select! {
        ready = ready(&layout, &nodes) => ready,
        () = &mut stop => {
            end(nodes).await;
            return Ok(());
        }
    };
    let cell = match ready {
        Ok(cell) => cell,
        Err(error) => {
            end(nodes).await;
            return Err(error);
        }
    };
    if let Some(file) = &arguments.cell {
        cell.write(file)?;
    }
    welcome::print(&layout, &cell, &nodes);
    keep(&mut nodes, !arguments.no_restart, stop).await;
    eprintln!("\nStopping the cell.");
    end(nodes).await;
    eprintln!("Stopped. The data stays in {}.", layout.data().display());
    Ok(())
}

async fn start(layout: &Layout, plan: Option<&Plan>, is_tree: bool) -> Result<Vec<Child>, String> {
    let replicas = layout.replicas();
    eprintln!("Starting 3 voters and {replicas} replicas; data in {}.", layout.data().display());
    let mut nodes = Vec::new();
    for id in 1..=layout::VOTERS {
        let (name, config) = (format!("voter-{id}"), layout.voter(id)?);
        let child = Child::start(&name, "server", &layout.node(&name), &config).await?;
        layout.remember_voter(id, child.endpoint(), child.peer().unwrap_or_default())?;
        nodes.push(child);
    }
    let voters: Vec<PeerAddress> = (1..)
        .zip(&nodes)
        .map(|(id, voter)| PeerAddress {
            id,
            peer_address: voter.peer().unwrap_or_default().to_owned(),
        })
        .collect();
    (1..=layout::VOTERS).try_for_each(|id| layout.remember_seeds(id, &voters))?;
    let mut follow = voters;
    for number in 1..=replicas {
        let name = format!("replica-{number}");
        let is_followed = is_tree && number == 1;
        let config = layout.replica(number, follow.clone(), is_followed, plan)?;
        let child = Child::start(&name, "replica", &layout.node(&name), &config).await?;
        layout.remember_replica(number, child.endpoint(), child.peer())?;
        if is_followed {
            follow = vec![Layout::followed(number, child.peer().unwrap_or_default())];
        }
        nodes.push(child);
    }
    Ok(nodes)
}

/// Waits until every node serves; makes the cell and its first account when the data is new.
async fn ready(layout: &Layout, nodes: &[Child]) -> Result<CellFile, String> {
    let entry =
        |node: &Child| NodeEntry { id: node.id().to_owned(), endpoint: node.endpoint().to_owned() };
    let (voters, replicas) = nodes.split_at(usize::from(layout::VOTERS));
    let mut cell = match layout.cell()? {
        Some(cell) => cell,
        None => first(layout, voters).await?,
    };
    cell.voters = voters.iter().map(entry).collect();
    cell.replicas = replicas.iter().map(entry).collect();
    layout.remember_cell(&cell)?;
    for node in nodes {
        serving(node, &cell.operator).await?;
    }
    Ok(cell)
}

async fn first(layout: &Layout, voters: &[Child]) -> Result<CellFile, String> {
    let members = voters.iter().enumerate().map(|(position, voter)| Member {
        id: position as u64 + 1,
        peer_address: voter.peer().unwrap_or_default().to_owned(),
        endpoint: voter.endpoint().to_owned(),
    });
    let first = voters.first().map(Child::endpoint).unwrap_or_default();
    let keys = node::master_key(&layout.master_key())?;
    let cell = InitRequest { voters: members.collect(), ..InitRequest::default() };
    let made = node::initialize(first, None, &keys, cell).await?;
    let account = first_account(voters, &made).await?;
    let operator = OperatorEntry {
        access_key_id: made.operator_access_key_id,
        secret_access_key: made.operator_secret_access_key,
    };
    let cell = CellFile { voters: Vec::new(), replicas: Vec::new(), account, operator };
    layout.remember_cell(&cell)?;
    Ok(cell)
}

async fn first_account(voters: &[Child], made: &InitResponse) -> Result<AccountEntry, String> {
    let urls: Vec<String> = voters.iter().map(|voter| voter.endpoint().to_owned()).collect();
    let operator = Credentials::new(&made.operator_access_key_id, &made.operator_secret_access_key);
    let client = Client::new(&urls, Some(operator)).map_err(|error| error.to_string())?;
    let root_password =
        door::keys::new_secret(&door::SystemEntropy).chars().take(20).collect::<String>();
    let request = CreateAccountRequest {
        email: ROOT_EMAIL.to_owned(),
        name: Some("dev".to_owned()),
        root_password_hash: Some(account::hash(&root_password)?),
        root_access_key: true,
        ..Default::default()
    };
    let made = account::create(&client, &request).await?;
    Ok(AccountEntry {
        account_id: made.account.unwrap_or_default().account_id,
        root_email: ROOT_EMAIL.to_owned(),
        root_password,
        access_key_id: made.access_key_id.unwrap_or_default(),
        secret_access_key: made.secret_access_key.unwrap_or_default(),
    })
}

/// Waits until a node knows of the cell, and how old its view is.
async fn serving(node: &Child, operator: &OperatorEntry) -> Result<(), String> {
    let credentials = Credentials::new(&operator.access_key_id, &operator.secret_access_key);
    let client = Client::new(&[node.endpoint().to_owned()], Some(credentials))
        .map_err(|error| error.to_string())?;
    let client = client.with_deadline(Duration::from_secs(2));
    let deadline = Instant::now() + START_DEADLINE;
    loop {
        let status = cluster::ask(&client).await;
        if status.as_ref().is_ok_and(|status| status.age_ms.is_some()) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let why = status.err().unwrap_or_else(|| "it does not know the cell".to_owned());
            return Err(format!(
                "{} does not serve: {why}; its log is {}",
                node.name(),
                node.log().display()
            ));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Looks after the nodes until it is told to stop.
async fn keep(
    nodes: &mut [Child],
    restart: bool,
    mut stop: std::pin::Pin<Box<impl Future<Output = ()>>>,
) {
    loop {
        let dead = {
            let ends: Vec<_> = nodes.iter_mut().map(|node| Box::pin(node.ended())).collect();
            tokio::select! {
                (status, position, _) = futures::future::select_all(ends) => (position, status),
                () = &mut stop => return,
            }
        };
        let (position, status) = dead;
        let node = &mut nodes[position];
        eprintln!("{} ended ({status}); its log is {}", node.name(), node.log().display());
        if !restart {
            node.leave();
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(RESTART_AFTER) => {}
            () = &mut stop => return,
        }
        match node.restart().await {
            Ok(()) => eprintln!("{} runs again", node.name()),
            Err(error) => eprintln!("{} cannot start again: {error}", node.name()),
        }
    }
}

async fn end(nodes: Vec<Child>) {
    futures::future::join_all(nodes.into_iter().map(Child::end)).await;
}
