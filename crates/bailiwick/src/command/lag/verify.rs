//! `bailiwick lag verify`: do writes become visible as late as the plan says?
//!
//! Nothing passes what came before it, so a short delay that was drawn behind a long one is measured longer than it was
//! drawn. Each write is therefore made only when nothing waits any more, and measured only if nothing else came
//! between: then what is measured is what the plan declares, and the samples do not depend on each other.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::Args;
use client::Client;
use lag::{Class, Distribution, Fit, Plan, PlanError, critical_distance, duration};
use rand::Rng;
use schema::iam::v1::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, DeleteUserResponse, Tag,
    TagUserRequest, TagUserResponse,
};
use schema::lag::v1::{StatusRequest, StatusResponse};
use serde_json::{Value, json};

use super::{At, ask, plot};
use crate::connect::{Connect, Whose};
use crate::node;
use crate::output::{self, say};

const QUANTILES: [f64; 5] = [0.1, 0.5, 0.9, 0.95, 0.99];
/// A write is asked for again when something else came between, but not for ever.
const TRIES_FOR_EACH: u64 = 3;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    at: At,
    /// Writes to measure, one after the other: each takes as long as its delay
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(10..=10_000))]
    writes: u64,
    /// A write measured this much later than declared counts as in time: timers and threads wake late
    #[arg(long, value_name = "TIME", default_value = "25ms", value_parser = slack)]
    slack: u64,
}

fn slack(text: &str) -> Result<u64, String> {
    duration::parse(text).ok_or_else(|| "write a number and us, ms or s, such as 25ms".to_owned())
}

/// What was measured.
struct Measured {
    delays_us: Vec<u64>,
    /// Writes that something else came between.
    left_out: u64,
    took: Duration,
}

/// Measures and compares.
pub(super) async fn run(connect: &Connect, arguments: VerifyArgs) -> Result<(), String> {
    if !connect.endpoint.is_empty() || connect.cell.is_none() {
        return Err("verify needs a cell file (--cell FILE), for the operator asks the replica and an account \
                    writes"
            .to_owned());
    }
    let (name, replica) = arguments.at.one(connect)?;
    let status = status(&replica, None).await?.status.unwrap_or_default();
    if status.paused {
        return Err(format!("{name} is paused: `bailiwick lag resume {name}` first"));
    }
    let plan: Plan = status.plan.parse().map_err(|error: PlanError| error.to_string())?;
    // Tags of a user.
    let law = plan.law(Class::Identity);
    let writes = arguments.writes;
    let about = Duration::from_micros(mean_us(law)) * u32::try_from(writes).unwrap_or(u32::MAX);
    eprintln!("{name} has the plan {plan}: {writes} writes take about {}.", rough(about));
    let scratch = Scratch::make(connect.client(Whose::Account)?).await?;
    let measured = tokio::select! {
        measured = measure(&replica, &scratch, &plan, writes) => measured,
        () = node::interrupted() => Err("interrupted".to_owned()),
    };
    scratch.remove().await?;
    report(&name, &plan, law, &measured?, &arguments, connect.json)
}

async fn status(replica: &Client, samples_after: Option<u64>) -> Result<StatusResponse, String> {
    ask(replica, "Status", &StatusRequest { samples_after }).await
}

/// A user of our own to write on.
struct Scratch {
    client: Client,
    user_name: String,
    /// The revision that made it.
    made: u64,
}

impl Scratch {
    async fn make(client: Client) -> Result<Self, String> {
        let user_name = format!("lag-verify-{:016x}", rand::rng().next_u64());
        let request = CreateUserRequest { user_name: user_name.clone(), ..Default::default() };
        let made = client.send::<_, CreateUserResponse>(
            "/bailiwick.iam.v1.Iam/CreateUser",
            &request,
            false,
        );
        let made = made.await.map_err(|error| error.to_string())?.revision;
        Ok(Scratch { client, user_name, made })
    }

    /// One write; gives its revision.
    async fn write(&self, number: u64) -> Result<u64, String> {
        let tags = vec![Tag { key: "write".to_owned(), value: number.to_string() }];
        let request = TagUserRequest { user_name: self.user_name.clone(), tags };
        let path = "/bailiwick.iam.v1.Iam/TagUser";
        let tagged = self.client.send::<_, TagUserResponse>(path, &request, false);
        tagged.await.map(|answer| answer.revision).map_err(|error| error.to_string())
    }

    async fn remove(&self) -> Result<(), String> {
        let request = DeleteUserRequest { user_name: self.user_name.clone() };
        let path = "/bailiwick.iam.v1.Iam/DeleteUser";
        let deleted = self.client.send::<_, DeleteUserResponse>(path, &request, false).await;
        deleted
            .map(|_| ())
            .map_err(|error| format!("user {} is left behind: {error}", self.user_name))
    }
}

async fn measure(
    replica: &Client,
    scratch: &Scratch,
    plan: &Plan,
    writes: u64,
) -> Result<Measured, String> {
    let began = Instant::now();
    let mut measured = Measured { delays_us: Vec::new(), left_out: 0, took: Duration::ZERO };
    let mut revision = scratch.made;
    for number in 1..=writes * TRIES_FOR_EACH {
        until_nothing_waits(replica, plan, revision).await?;
        revision = scratch.write(number).await?;
        match sample(replica, plan, revision).await? {
            Some(delay_us) => measured.delays_us.push(delay_us),
            None => measured.left_out += 1,
        }
        let done = measured.delays_us.len() as u64;
        progress(done, writes, began.elapsed());
        if done == writes {
            measured.took = began.elapsed();
            return Ok(measured);
        }
    }
    let left_out = measured.left_out;
    Err(format!("{left_out} writes had others come between: let less be written, and try again"))
}

/// Until a revision is visible, and nothing after it waits.
async fn until_nothing_waits(replica: &Client, plan: &Plan, revision: u64) -> Result<(), String> {
    loop {
        let now = unchanged(replica, plan, None).await?.status.unwrap_or_default();
        if now.waiting == 0 && now.visible_revision >= revision {
            return Ok(());
        }
        pause(now.next_due_us).await;
    }
}

/// The delay of a revision, once it is visible; `None` when something else had to do with it.
async fn sample(replica: &Client, plan: &Plan, revision: u64) -> Result<Option<u64>, String> {
    loop {
        let answer = unchanged(replica, plan, Some(revision - 1)).await?;
        let now = answer.status.unwrap_or_default();
        if let Some(sample) = answer.samples.iter().find(|sample| sample.revision == revision) {
            return Ok(sample.was_alone.then_some(sample.delay_us));
        }
        // It came with a snapshot, or somebody flushed.
        if now.visible_revision >= revision {
            return Ok(None);
        }
        pause(now.next_due_us).await;
    }
}

/// Asks for the status, which must be of the same plan throughout.
async fn unchanged(
    replica: &Client,
    plan: &Plan,
    after: Option<u64>,
) -> Result<StatusResponse, String> {
    let answer = status(replica, after).await?;
    match &answer.status {
        Some(now) if now.paused => Err("the replica was paused meanwhile".to_owned()),
        Some(now) if now.plan != plan.to_string() => {
            Err(format!("the plan was changed to {} meanwhile", now.plan))
        }
        _ => Ok(answer),
    }
}

/// Until about when something is due: what is asked earlier costs the replica more than it tells us.
async fn pause(next_due_us: Option<u64>) {
    let due = Duration::from_micros(next_due_us.unwrap_or(0));
    tokio::time::sleep(due.clamp(Duration::from_millis(5), Duration::from_secs(1))).await;
}

fn progress(done: u64, writes: u64, took: Duration) {
    if std::io::stderr().is_terminal() && done > 0 {
        let left = took.mul_f64((writes - done) as f64 / done as f64);
        let end = if done == writes { "\n" } else { "" };
        eprint!("\r{done} of {writes}, {} left      {end}", rough(left));
        let _ = std::io::stderr().flush();
    }
}

/// About the mean: that of the quantiles in the middle of each of a hundred equal shares.
fn mean_us(law: &Distribution) -> u64 {
    (0..100).map(|share| law.quantile((f64::from(share) + 0.5) / 100.0)).sum::<u64>() / 100
}

fn rough(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

fn report(
    name: &str,
    plan: &Plan,
    law: &Distribution,
    measured: &Measured,
    arguments: &VerifyArgs,
    json: bool,
) -> Result<(), String> {
    let fit = Fit::new(law, &measured.delays_us, arguments.slack);
    let critical = critical_distance(fit.measured_us.len());
    let follows = fit.distance <= critical;
    if json {
        output::json(&value(name, plan, law, measured, &fit, arguments.slack));
    } else {
        print(name, law, measured, &fit, arguments.slack);
    }
    match follows {
        true => Ok(()),
        false => Err(format!(
            "{name} does not follow its plan: the distance is {:.3}, chance gives more than {critical:.3} once in a \
             hundred times",
            fit.distance
        )),
    }
}

fn value(
    name: &str,
    plan: &Plan,
    law: &Distribution,
    measured: &Measured,
    fit: &Fit,
    slack_us: u64,
) -> Value {
    let millis = |time_us: u64| time_us as f64 / 1e3;
    let critical = critical_distance(fit.measured_us.len());
    let quantiles = QUANTILES.map(|p| {
        json!({"P": p, "DeclaredMs": millis(law.quantile(p)), "MeasuredMs": millis(fit.quantile(p))})
    });
    json!({
        "Replica": name,
        "Plan": plan.to_string(),
        "Distribution": law.to_string(),
        "Samples": fit.measured_us.len(),
        "LeftOut": measured.left_out,
        "TookMs": u64::try_from(measured.took.as_millis()).unwrap_or(u64::MAX),
        "SlackMs": millis(slack_us),
        "Distance": fit.distance,
        "CriticalDistance": critical,
        "Follows": fit.distance <= critical,
        "Quantiles": quantiles,
    })
}

fn print(name: &str, law: &Distribution, measured: &Measured, fit: &Fit, slack_us: u64) {
    let count = fit.measured_us.len();
    say!("{name}: {law}, {count} writes in {}", rough(measured.took));
    if measured.left_out > 0 {
        say!("{} more were left out: something else came between", measured.left_out);
    }
    let millis = |time_us: u64| format!("{:.1} ms", time_us as f64 / 1e3);
    let rows = QUANTILES.map(|p| {
        vec![format!("p{:.0}", p * 100.0), millis(law.quantile(p)), millis(fit.quantile(p))]
    });
    output::table(&["", "DECLARED", "MEASURED"], &rows);
    say!("{}", plot::curves(law, fit));
    let critical = critical_distance(count);
    let verdict =
        if fit.distance <= critical { "follows its plan" } else { "does not follow its plan" };
    say!(
        "distance {:.3}, at most {critical:.3} by chance (Kolmogorov-Smirnov, 1 in 100; slack {}): {verdict}",
        fit.distance,
        duration::format(slack_us)
    );
}
