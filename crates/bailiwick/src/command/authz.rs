//! `bailiwick authz decide`: may a principal do something, by the policies of a cell?

mod told;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use schema::authz::v1::{
    DecideRequest, DecideResponse, ExplainRequest, ExplainResponse, Principal, Question, principal,
};
use serde_json::json;

use crate::connect::{Connect, Whose};
use crate::output::{self, say};

/// Decisions of a cell for services of your own.
#[derive(Args)]
pub struct AuthzArgs {
    #[command(subcommand)]
    command: AuthzCommand,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Subcommand)]
enum AuthzCommand {
    /// Decide one question; ends with success whatever the decision
    Decide(Box<DecideArgs>),
}

#[derive(Args)]
struct DecideArgs {
    /// ARN of a user, role, role session or root user
    #[arg(long, value_name = "ARN")]
    principal: String,
    /// `service:Name`
    #[arg(long)]
    action: String,
    /// ARN of the resource, or *
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,
    /// Owner of a resource whose ARN names no account; the principal's account when left out
    #[arg(long, value_name = "ID")]
    resource_account: Option<String>,
    /// A condition key and its value; a key given several times has several values
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// The resource's own policy
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// Tell what led to the decision
    #[arg(long)]
    explain: bool,
    /// `strong`, `eventual`, `at-least=<revision>`, `max-age=<duration>`
    #[arg(long)]
    consistency: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// What the caller mistyped, or the cell's fault.
pub async fn run(arguments: AuthzArgs) -> Result<(), String> {
    let AuthzCommand::Decide(asked) = arguments.command;
    let mut client = arguments.connect.client(Whose::Account)?;
    if let Some(consistency) = &asked.consistency {
        client = client.with_consistency(consistency);
    }
    let question = Some(question(&asked)?);
    let told = if asked.explain {
        let path = "/bailiwick.authz.v1.Authorization/Explain";
        let answer = client.send(path, &ExplainRequest { question }, true).await;
        answer.map_err(|error| error.to_string())?.message
    } else {
        let path = "/bailiwick.authz.v1.Authorization/Decide";
        let answer = client.send(path, &DecideRequest { question }, true).await;
        let answer: DecideResponse = answer.map_err(|error| error.to_string())?.message;
        let DecideResponse { decision, decided_by, message, revision, age_ms, served_by } = answer;
        let bare = ExplainResponse::default();
        ExplainResponse { decision, decided_by, message, revision, age_ms, served_by, ..bare }
    };
    if arguments.connect.json {
        output::json(&told::value(&told, asked.explain));
    } else {
        for line in told::lines(&told) {
            say!("{line}");
        }
        let (revision, age_ms, served_by) = (told.revision, told.age_ms, &told.served_by);
        eprintln!("{}", json!({"revision": revision, "age_ms": age_ms, "served_by": served_by}));
    }
    Ok(())
}

fn question(asked: &DecideArgs) -> Result<Question, String> {
    let mut question = Question {
        principal: Some(Principal { who: Some(principal::Who::Arn(asked.principal.clone())) }),
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        resource_account: asked.resource_account.clone(),
        ..Default::default()
    };
    let account = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_owned();
    if question.resource_account.is_none() && account(&asked.resource).is_empty() {
        question.resource_account = Some(account(&asked.principal)).filter(|id| !id.is_empty());
    }
    for pair in &asked.context {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| format!("--context {pair}: KEY=VALUE"))?;
        question.context.entry(key.to_owned()).or_default().values.push(value.to_owned());
    }
    if let Some(file) = &asked.resource_policy {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
        question.resource_policy = Some(text);
    }
    Ok(question)
}
