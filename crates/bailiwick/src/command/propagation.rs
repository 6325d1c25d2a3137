//! `bailiwick wait` and `bailiwick propagation`: how far a write has come.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use schema::propagation::v1::{
    CompareRequest, CompareResponse, NodeStatus, StatusRequest, StatusResponse, WaitRequest,
    WaitResponse, WatchResponse, compare_response::Order,
};
use serde_json::{Value, json};

use crate::connect::{Connect, Whose};
use crate::duration;
use crate::output::{self, say};

/// What an answer may take beyond the wait that was asked for.
const SLACK: Duration = Duration::from_secs(5);

/// Wait until a write is visible everywhere, or where it is needed.
#[derive(Args)]
pub struct WaitArgs {
    /// Token of the write (`x-bailiwick-token` of its answer), or a revision
    token: String,
    #[command(flatten)]
    level: Level,
    /// How long to wait, such as `500ms`, `10s` or `2m`; at most five minutes
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration::parse)]
    timeout: Duration,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Args)]
#[group(multiple = false)]
struct Level {
    /// On every node that may decide (the default)
    #[arg(long)]
    all: bool,
    /// On this many replicas
    #[arg(long, value_name = "NUMBER")]
    replicas: Option<u16>,
    /// On every node of a zone that may decide
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,
}

impl Level {
    fn text(&self) -> String {
        match (self.replicas, &self.zone) {
            (Some(count), _) => format!("replicas={count}"),
            (None, Some(zone)) => format!("zone={zone}"),
            (None, None) => "all".to_owned(),
        }
    }
}

/// See how far writes have come.
#[derive(Args)]
pub struct PropagationArgs {
    #[command(subcommand)]
    command: PropagationCommand,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Subcommand)]
enum PropagationCommand {
    /// Show every node that the leader knows: what it shows, and for how long it may decide
    Status {
        /// Say of each node whether it shows this write, by its token or revision
        #[arg(value_name = "TOKEN")]
        token: Option<String>,
    },
    /// Tell of every revision as it becomes visible at a node, until interrupted; with `--json` a line of JSON each
    Watch {
        /// Begin after this token or revision, instead of now
        #[arg(long, value_name = "TOKEN")]
        after: Option<String>,
    },
    /// Tell which of two tokens is of the later write: prints `before`, `same` or `after`
    Compare {
        /// The token to compare
        left: String,
        /// The token to compare it with
        right: String,
    },
}

/// Runs `bailiwick wait`; fails with status 2 when the time passed first.
///
/// # Errors
/// The cell's fault, or that nobody answered.
pub async fn wait(arguments: WaitArgs) -> Result<ExitCode, String> {
    let WaitArgs { token, level, timeout, connect } = arguments;
    // A call that may be made again is given half of the time at each node.
    let client = connect.client(Whose::Account)?.with_deadline((timeout + SLACK) * 2);
    let timeout_ms = u64::try_from(timeout.as_millis()).ok();
    let request = WaitRequest { token, level: Some(level.text()), timeout_ms };
    let path = "/bailiwick.propagation.v1.Propagation/Wait";
    let answer = client.send(path, &request, true).await.map_err(|error| error.to_string())?;
    let WaitResponse { reached, revision, waited_ms } = answer.message;
    let level = level.text();
    if connect.json {
        output::json(
            &json!({"Reached": reached, "Level": level, "Revision": revision, "WaitedMs": waited_ms}),
        );
    } else if reached {
        say!("revision {revision} is visible: {level} ({waited_ms} ms)");
    } else {
        say!(
            "revision {revision} is not visible yet: {level} ({waited_ms} ms); \
             `bailiwick propagation status {revision}` shows where"
        );
    }
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Runs `bailiwick propagation`.
///
/// # Errors
/// The cell's fault, or that nobody answered.
pub async fn run(arguments: PropagationArgs) -> Result<(), String> {
    match arguments.command {
        PropagationCommand::Status { token } => status(&arguments.connect, token).await,
        PropagationCommand::Watch { after } => watch(&arguments.connect, after.as_deref()).await,
        PropagationCommand::Compare { left, right } => {
            compare(&arguments.connect, CompareRequest { left, right }).await
        }
    }
}

async fn watch(connect: &Connect, after: Option<&str>) -> Result<(), String> {
    let mut watch = connect.client(Whose::Account)?.watch(after);
    let mut told = None;
    loop {
        let WatchResponse { revision, token, age_ms, served_by } =
            watch.next().await.map_err(|error| error.to_string())?;
        // The same again is a sign of life, and no news.
        if told.replace(revision) == Some(revision) {
            continue;
        }
        if connect.json {
            say!(
                "{}",
                json!({"Revision": revision, "Token": token, "AgeMs": age_ms, "ServedBy": served_by})
            );
        } else {
            let age = age_ms.map_or("unknown".to_owned(), |age_ms| format!("{age_ms} ms"));
            say!("revision {revision} (token {token}) is visible at {served_by}, age {age}");
        }
    }
}

async fn compare(connect: &Connect, request: CompareRequest) -> Result<(), String> {
    let client = connect.client(Whose::Account)?;
    let path = "/bailiwick.propagation.v1.Propagation/Compare";
    let answer = client.send(path, &request, true).await.map_err(|error| error.to_string())?;
    let answer: CompareResponse = answer.message;
    let order = match answer.order() {
        Order::Before => "before",
        Order::Same => "same",
        Order::After => "after",
        Order::Unspecified => {
            return Err("the cell answered with an order that is not known".into());
        }
    };
    if connect.json {
        output::json(&json!({"Order": order}));
    } else {
        say!("{order}");
    }
    Ok(())
}

async fn status(connect: &Connect, token: Option<String>) -> Result<(), String> {
    let client = connect.client(Whose::Account)?;
    let path = "/bailiwick.propagation.v1.Propagation/Status";
    let answer = client.send(path, &StatusRequest { token }, true).await;
    let status: StatusResponse = answer.map_err(|error| error.to_string())?.message;
    if connect.json {
        output::json(&json!({
            "Revision": status.revision,
            "Token": status.token,
            "MaxStalenessMs": status.max_staleness_ms,
            "Nodes": status.nodes.iter().map(value).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    say!(
        "revision {} (token {}); a view is decided by for {} ms",
        status.revision,
        status.token,
        status.max_staleness_ms
    );
    let header = ["NODE", "ROLE", "ZONE", "RECEIVED", "VISIBLE", "SHOWS", "HEARD", "LEASE"];
    output::table(&header, &status.nodes.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

fn role(node: &NodeStatus) -> &'static str {
    if node.votes { "voter" } else { "replica" }
}

fn value(node: &NodeStatus) -> Value {
    json!({
        "Id": node.id,
        "Name": node.name,
        "Role": role(node),
        "Zone": node.zone,
        "Received": node.received,
        "Visible": node.visible,
        "Shows": node.shows,
        "HeardAgoMs": node.heard_ago_ms,
        "LeaseMs": node.lease_ms,
        "ServesStale": node.serves_stale,
    })
}

fn row(node: &NodeStatus) -> Vec<String> {
    let shows = node.shows.map_or("-", |shows| if shows { "yes" } else { "no" });
    let lease = match node.serves_stale {
        true => "serves stale".to_owned(),
        false if node.lease_ms == 0 => "run out".to_owned(),
        false => format!("{} ms", node.lease_ms),
    };
    vec![
        node.name.clone(),
        role(node).to_owned(),
        if node.zone.is_empty() { "-".to_owned() } else { node.zone.clone() },
        node.received.to_string(),
        node.visible.to_string(),
        shows.to_owned(),
        format!("{} ms ago", node.heard_ago_ms),
        lease,
    ]
}
