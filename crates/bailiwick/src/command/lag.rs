//! `bailiwick lag`: the lag of replicas, shown, set, held and measured.

mod plan;
mod plot;
mod verify;

use clap::{Args, Subcommand};
use client::Client;
use prost::Message;
use schema::lag::v1::{
    FlushRequest, FlushResponse, LagStatus, PauseRequest, PauseResponse, ResumeRequest,
    ResumeResponse, SetRequest, SetResponse, StatusRequest, StatusResponse, StepRequest,
    StepResponse,
};
use serde_json::{Value, json};

use crate::connect::{Connect, Whose};
use crate::output;

use plan::PlanArgs;
use verify::VerifyArgs;

/// See and steer by how much replicas show later on purpose (docs/consistency.md, "Lag as a model").
#[derive(Args)]
pub struct LagArgs {
    #[command(subcommand)]
    command: LagCommand,
    #[command(flatten)]
    connect: Connect,
}

/// Which replica.
#[derive(Args, Clone, Debug)]
struct At {
    /// A replica of the cell file, such as `replica-2`; may be left out when there is one, or with --endpoint
    #[arg(value_name = "REPLICA")]
    replica: Option<String>,
}

#[derive(Subcommand)]
enum LagCommand {
    /// Show the plan and what waits, of one replica or of all
    Status(At),
    /// Put another plan in force, for what is received from now on; what waits keeps its time
    Set {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        plan: Box<PlanArgs>,
        /// Also write it into the replica's settings, so that it is in force after a restart
        #[arg(long)]
        persist: bool,
    },
    /// Let nothing more become visible until `resume`; the age of what is visible grows
    Pause(At),
    /// End a pause: what became due in it becomes visible at once
    Resume(At),
    /// Make the next revisions that wait visible now, due or not
    Step {
        #[command(flatten)]
        at: At,
        /// How many revisions
        #[arg(long, short = 'n', default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
        revisions: u64,
    },
    /// Make everything that waits visible now
    Flush(At),
    /// Write, measure how late each write becomes visible, and compare with the plan
    ///
    /// Ends with success when the measured delays follow the declared distribution: when the
    /// distance of Kolmogorov and Smirnov stays below what chance exceeds once in a hundred times.
    Verify(VerifyArgs),
}

/// Runs the command.
///
/// # Errors
/// The replica's fault, that nobody answered, or measured delays that do not follow the plan.
pub async fn run(arguments: LagArgs) -> Result<(), String> {
    let LagArgs { command, connect } = arguments;
    let status = match command {
        LagCommand::Status(at) => return show(&connect, &at).await,
        LagCommand::Verify(arguments) => return verify::run(&connect, arguments).await,
        LagCommand::Set { at, plan, persist } => {
            let request = SetRequest { plan: plan.plan()?.to_string(), persist };
            let set: SetResponse = ask(&at.one(&connect)?.1, "Set", &request).await?;
            set.status
        }
        LagCommand::Pause(at) => {
            let paused: PauseResponse =
                ask(&at.one(&connect)?.1, "Pause", &PauseRequest {}).await?;
            paused.status
        }
        LagCommand::Resume(at) => {
            let client = at.one(&connect)?.1;
            let resumed: ResumeResponse = ask(&client, "Resume", &ResumeRequest {}).await?;
            resumed.status
        }
        LagCommand::Step { at, revisions } => {
            let client = at.one(&connect)?.1;
            let stepped: StepResponse = ask(&client, "Step", &StepRequest { revisions }).await?;
            stepped.status
        }
        LagCommand::Flush(at) => {
            let flushed: FlushResponse =
                ask(&at.one(&connect)?.1, "Flush", &FlushRequest {}).await?;
            flushed.status
        }
    };
    let status = status.unwrap_or_default();
    match connect.json {
        true => output::json(&value(&status)),
        false => table(&[status]),
    }
    Ok(())
}

impl At {
    /// The replicas that are meant: all when none is named.
    fn all(&self, connect: &Connect) -> Result<Vec<(String, Client)>, String> {
        let named = match &self.replica {
            _ if !connect.endpoint.is_empty() => {
                if self.replica.is_some() {
                    return Err("name a replica or give --endpoint, not both".to_owned());
                }
                connect.endpoint.iter().map(|url| (url.clone(), url.clone())).collect()
            }
            wanted => replicas(connect, wanted.as_deref())?,
        };
        named
            .into_iter()
            .map(|(name, url)| {
                let alone = Connect { endpoint: vec![url], ..connect.clone() };
                Ok((name, alone.client(Whose::Operator)?))
            })
            .collect()
    }

    /// The one replica that is meant.
    fn one(&self, connect: &Connect) -> Result<(String, Client), String> {
        let mut all = self.all(connect)?;
        match (all.pop(), all.len()) {
            (Some(one), 0) => Ok(one),
            (None, _) => Err("the cell has no replica".to_owned()),
            (Some((last, _)), _) => {
                let names = all.iter().map(|(name, _)| name.as_str()).chain([last.as_str()]);
                Err(format!("which replica? {}", names.collect::<Vec<_>>().join(", ")))
            }
        }
    }
}

/// Names and URLs of the cell file's replicas.
fn replicas(connect: &Connect, wanted: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let file = connect
        .file()?
        .ok_or("which cell? give --cell FILE (or BAILIWICK_CELL), or --endpoint URL")?;
    let is_wanted = |id: &str| wanted.is_none_or(|wanted| wanted == id);
    let found = file.replicas.iter().filter(|node| is_wanted(&node.id));
    let found: Vec<_> = found.map(|node| (node.id.clone(), node.endpoint.clone())).collect();
    match (found.is_empty(), wanted) {
        (true, Some(wanted)) => {
            let known: Vec<&str> = file.replicas.iter().map(|node| node.id.as_str()).collect();
            Err(format!("the cell file has no replica `{wanted}`; it has {}", known.join(", ")))
        }
        _ => Ok(found),
    }
}

/// Calls a method of the service. Every one may be carried out twice but a step, which is not tried again.
async fn ask<M: Message, R: Message + Default>(
    client: &Client,
    method: &str,
    request: &M,
) -> Result<R, String> {
    let path = format!("/bailiwick.lag.v1.Lag/{method}");
    let answer = client.send(&path, request, method != "Step").await;
    answer.map(|answer| answer.message).map_err(|error| error.to_string())
}

async fn show(connect: &Connect, at: &At) -> Result<(), String> {
    let replicas = at.all(connect)?;
    let asked = replicas.iter().map(|(name, client)| async move {
        let asked = ask(client, "Status", &StatusRequest::default()).await;
        let answer: StatusResponse = asked.map_err(|error| format!("{name}: {error}"))?;
        Ok::<_, String>(answer.status.unwrap_or_default())
    });
    let asked: Vec<_> = futures::future::join_all(asked).await;
    let (answered, failed): (Vec<_>, Vec<_>) = asked.into_iter().partition(Result::is_ok);
    let statuses: Vec<LagStatus> = answered.into_iter().flatten().collect();
    match connect.json {
        true => output::json(&json!({"Replicas": statuses.iter().map(value).collect::<Vec<_>>()})),
        false if statuses.is_empty() => {}
        false => table(&statuses),
    }
    let failed: Vec<String> = failed.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

fn value(status: &LagStatus) -> Value {
    json!({
        "Name": status.name,
        "Plan": status.plan,
        "Paused": status.paused,
        "ReceivedRevision": status.received_revision,
        "VisibleRevision": status.visible_revision,
        "ReachesRevision": status.reaches_revision,
        "Waiting": status.waiting,
        "Full": status.full,
        "NextDueMs": status.next_due_us.map(|due_us| due_us.div_ceil(1000)),
        "AgeMs": status.age_ms,
    })
}

fn table(statuses: &[LagStatus]) {
    let header = ["REPLICA", "RECEIVED", "VISIBLE", "WAITING", "NEXT DUE", "AGE", "PLAN"];
    let row = |status: &LagStatus| {
        let visible = match status.reaches_revision {
            Some(reaches) => format!("{} (some to {reaches})", status.visible_revision),
            None => status.visible_revision.to_string(),
        };
        let next_due = match status.next_due_us {
            _ if status.paused => "paused".to_owned(),
            Some(due_us) => format!("{} ms", due_us.div_ceil(1000)),
            None => "-".to_owned(),
        };
        let full = if status.full { " (full)" } else { "" };
        vec![
            status.name.clone(),
            status.received_revision.to_string(),
            visible,
            format!("{}{full}", status.waiting),
            next_due,
            status.age_ms.map_or_else(|| "unknown".to_owned(), |age| format!("{age} ms")),
            status.plan.clone(),
        ]
    };
    output::table(&header, &statuses.iter().map(row).collect::<Vec<_>>());
}
