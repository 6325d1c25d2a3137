//! `bailiwick cluster init|status|set`: makes a cell of voters, looks at it, and changes its terms.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use client::Client;
use schema::cluster::v1::status_response::Role;
use schema::cluster::v1::{
    InitRequest, InitResponse, Member, SetTermsRequest, SetTermsResponse, StatusRequest,
    StatusResponse,
};
use serde_json::{Value, json};

use crate::config::{Overrides, ServerConfig};
use crate::connect::{Connect, Whose};
use crate::output::{self, say};
use crate::{duration, node};

/// Longer than a node takes to answer a change of terms.
const SET_DEADLINE: Duration = Duration::from_secs(15);

/// Make a cell of voters, look at it, change its terms.
#[derive(Args)]
pub struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Subcommand)]
enum ClusterCommand {
    /// Make a cell of voters that have never belonged to one; once, on the host of one of them
    Init {
        /// That voter's settings: the master key in them proves the right to do this
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// A voter as ID=PEER_HOST:PORT=URL; once for each
        #[arg(long = "member", required = true, value_name = "MEMBER", value_parser = member)]
        members: Vec<Member>,
        /// The longest that any node decides by a view it cannot renew
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration::parse)]
        max_staleness: Duration,
        /// How far any node's clock may drift at most, in parts per million
        #[arg(long, value_name = "PPM", default_value_t = 500)]
        clock_drift_ppm: u32,
    },
    /// Show every node: role, revisions, age, digest
    Status,
    /// Change the terms on which nodes decide; writes that wait for all nodes count on the longer of old and new until
    /// no node decides on the old
    #[command(group = clap::ArgGroup::new("terms").required(true).multiple(true))]
    Set {
        /// The longest that any node decides by a view it cannot renew
        #[arg(long, value_name = "DURATION", value_parser = duration::parse, group = "terms")]
        max_staleness: Option<Duration>,
        /// How far any node's clock may drift at most, in parts per million
        #[arg(long, value_name = "PPM", group = "terms")]
        clock_drift_ppm: Option<u32>,
    },
}

/// Runs the command.
///
/// # Errors
/// The cell's fault, or that nobody answered.
pub async fn run(arguments: ClusterArgs) -> Result<(), String> {
    match arguments.command {
        ClusterCommand::Init { config, members, max_staleness, clock_drift_ppm } => {
            let cell = InitRequest {
                voters: members,
                max_staleness_ms: Some(millis(max_staleness)),
                clock_drift_ppm: Some(clock_drift_ppm),
            };
            init(&config, cell, &arguments.connect).await
        }
        ClusterCommand::Status => status(&arguments.connect).await,
        ClusterCommand::Set { max_staleness, clock_drift_ppm } => {
            let max_staleness_ms = max_staleness.map(millis);
            let terms = SetTermsRequest { max_staleness_ms, clock_drift_ppm };
            set(&arguments.connect, &terms).await
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

async fn set(connect: &Connect, terms: &SetTermsRequest) -> Result<(), String> {
    let client = connect.client(Whose::Operator)?.with_deadline(SET_DEADLINE);
    let path = "/bailiwick.cluster.v1.Cluster/SetTerms";
    let answer = client.send::<_, SetTermsResponse>(path, terms, true).await;
    let set = answer.map_err(|error| error.to_string())?.message;
    if connect.json {
        output::json(&json!({
            "Revision": set.revision,
            "MaxStalenessMs": set.max_staleness_ms,
            "ClockDriftPpm": set.clock_drift_ppm,
            "Settled": set.settled,
            "CountedMaxStalenessMs": set.counted_max_staleness_ms,
        }));
        return Ok(());
    }
    say!("max staleness  {} ms", set.max_staleness_ms);
    say!("clock drift    {} ppm", set.clock_drift_ppm);
    if !set.settled {
        let counted_ms = set.counted_max_staleness_ms;
        say!(
            "some node may still decide on earlier terms: until none does, writes count on {counted_ms} ms"
        );
    }
    Ok(())
}

fn member(text: &str) -> Result<Member, String> {
    let mut parts = text.splitn(3, '=');
    let (id, peer, endpoint) = (parts.next(), parts.next(), parts.next());
    match (id.and_then(|id| id.parse().ok()), peer, endpoint) {
        (Some(id), Some(peer), Some(endpoint)) => {
            Ok(Member { id, peer_address: peer.to_owned(), endpoint: endpoint.to_owned() })
        }
        _ => {
            Err("write ID=PEER_HOST:PORT=URL, such as 1=voter-1:7401=http://voter-1:7400"
                .to_owned())
        }
    }
}

async fn init(
    config: &std::path::Path,
    cell: InitRequest,
    connect: &Connect,
) -> Result<(), String> {
    let config = ServerConfig::load(config, &Overrides::default())?;
    let keys = node::master_key(&config.master_key_file)?;
    let endpoint = cell
        .voters
        .iter()
        .find(|member| member.id == config.id)
        .map(|member| member.endpoint.clone());
    let endpoint = endpoint.ok_or(format!("voter {} is not among the members", config.id))?;
    let made = node::initialize(&endpoint, connect.trusted()?, &keys, cell).await?;
    if connect.json {
        output::json(&json!({
            "CellId": made.cell_id,
            "Operator": {
                "AccessKeyId": made.operator_access_key_id,
                "SecretAccessKey": made.operator_secret_access_key,
            },
        }));
    } else {
        print_made(&made);
    }
    Ok(())
}

fn print_made(made: &InitResponse) {
    say!("cell        {}", made.cell_id);
    say!("operator    {}", made.operator_access_key_id);
    say!("secret      {}   (shown this once: keep it)", made.operator_secret_access_key);
}

/// The status of one node.
///
/// # Errors
/// It does not answer.
pub async fn ask(client: &Client) -> Result<StatusResponse, String> {
    let path = "/bailiwick.cluster.v1.Cluster/Status";
    let answer =
        client.send(path, &StatusRequest {}, true).await.map_err(|error| error.to_string())?;
    Ok(answer.message)
}

async fn status(connect: &Connect) -> Result<(), String> {
    let file = connect.file()?;
    let mut client = connect.client(Whose::Operator)?;
    if let Some(file) = file.filter(|_| connect.endpoint.is_empty()) {
        let urls: Vec<String> =
            file.voters.iter().chain(&file.replicas).map(|node| node.endpoint.clone()).collect();
        let all = Connect { endpoint: urls, ..connect.clone() };
        client = all.client(Whose::Operator)?;
    }
    let client = client.with_deadline(Duration::from_secs(3));
    let asked =
        client.each().map(|(url, alone)| async move { (url.to_owned(), ask(&alone).await) });
    let nodes = futures::future::join_all(asked).await;
    if connect.json {
        let nodes: Vec<Value> = nodes.iter().map(|(url, status)| node_json(url, status)).collect();
        output::json(&json!({"Nodes": nodes}));
    } else {
        let header = ["NODE", "ENDPOINT", "ROLE", "TERM", "LEADER", "REVISION", "AGE", "DIGEST"];
        let rows: Vec<Vec<String>> =
            nodes.iter().map(|(url, status)| node_row(url, status)).collect();
        output::table(&header, &rows);
    }
    if nodes.iter().all(|(_, status)| status.is_err()) {
        Err("no node answers".to_owned())
    } else {
        Ok(())
    }
}

fn role(status: &StatusResponse) -> &'static str {
    match status.role() {
        Role::Learner => "learner",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
        Role::Stopped => "stopped",
        Role::Replica => "replica",
        Role::Unspecified => "unknown",
    }
}

fn node_json(url: &str, status: &Result<StatusResponse, String>) -> Value {
    match status {
        Ok(status) => json!({
            "Id": status.id,
            "Name": status.name,
            "Endpoint": url,
            "Role": role(status),
            "Term": status.term,
            "Leader": status.leader,
            "CommitRevision": status.commit_revision,
            "Revision": status.applied_revision,
            "CheckpointRevision": status.checkpoint_revision,
            "LogStartRevision": status.log_start_revision,
            "AgeMs": status.age_ms,
            "Digest": status.digest,
        }),
        Err(error) => json!({"Endpoint": url, "Error": error}),
    }
}

fn node_row(url: &str, status: &Result<StatusResponse, String>) -> Vec<String> {
    match status {
        Ok(status) => vec![
            status.name.clone(),
            url.to_owned(),
            role(status).to_owned(),
            status.term.to_string(),
            status.leader.map(|id| id.to_string()).unwrap_or_default(),
            status.applied_revision.to_string(),
            status.age_ms.map_or_else(|| "unknown".to_owned(), |age| format!("{age} ms")),
            status.digest.chars().take(12).collect(),
        ],
        Err(error) => vec!["?".to_owned(), url.to_owned(), error.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::member;

    #[test]
    fn members_are_read() {
        let read = member("2=h:7401=http://h:7400").unwrap();
        assert_eq!(
            (read.id, read.peer_address.as_str(), read.endpoint.as_str()),
            (2, "h:7401", "http://h:7400")
        );
        for wrong in ["", "x=h=u", "1=h"] {
            assert!(member(wrong).is_err(), "{wrong}");
        }
    }
}
