//! `bailiwick authz decide`: may a principal do something, by the policies of a cell?

use std::path::PathBuf;

use clap::{Args, Subcommand};
use schema::authz::v1::{
    DecideRequest, DecideResponse, DecidedBy, Decision, ExplainRequest, ExplainResponse, Principal,
    Question, StatementPlace, principal,
};
use serde_json::{Value, json};

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
        output::json(&value(&told, asked.explain));
    } else {
        print(&told);
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

fn name(decision: Decision) -> &'static str {
    decision.as_str_name()
}

fn decided_by(by: &DecidedBy) -> Value {
    json!({"set": by.set().as_str_name(), "policy_arn": by.policy_arn,
        "policy_name": by.policy_name, "statement": by.statement, "sid": by.sid})
}

fn value(told: &ExplainResponse, explained: bool) -> Value {
    let mut value = json!({
        "decision": name(told.decision()),
        "decided_by": told.decided_by.as_ref().map(decided_by),
        "message": told.message,
        "revision": told.revision,
        "age_ms": told.age_ms,
        "served_by": told.served_by,
    });
    if explained {
        let layers = told.layers.iter().map(|layer| {
            json!({"set": layer.set().as_str_name(), "level": layer.level,
                "decision": name(layer.decision())})
        });
        let places = told.matched.iter().filter_map(|matched| matched.place.as_ref());
        let unmet = told.unmet.iter().map(|unmet| {
            let failed = unmet.failed.iter().map(|failed| {
                json!({"operator": failed.operator, "key": failed.key, "wanted": failed.wanted,
                    "got": failed.got.as_ref().map(|got| &got.values)})
            });
            json!({"place": unmet.place.as_ref().map(place), "failed": failed.collect::<Vec<_>>()})
        });
        value["layers"] = layers.collect();
        value["matched"] = places.map(place).collect();
        value["unmet"] = unmet.collect();
        value["missing_keys"] = json!(told.missing_keys);
        let context = told.context.iter().map(|(key, got)| (key.clone(), json!(got.values)));
        value["context"] = Value::Object(context.collect());
    }
    value
}

fn place(place: &StatementPlace) -> Value {
    json!({"set": place.set().as_str_name(), "policy_arn": place.policy_arn,
        "policy_name": place.policy_name, "statement": place.statement, "sid": place.sid,
        "effect": place.effect, "begin": place.begin, "end": place.end})
}

fn print(told: &ExplainResponse) {
    say!("{}", name(told.decision()));
    if let Some(message) = &told.message {
        say!("{message}");
    }
    if let Some(by) = &told.decided_by {
        let policy = by.policy_arn.as_deref().or(by.policy_name.as_deref()).unwrap_or("-");
        say!("decided by {} {policy}", by.set().as_str_name());
    }
    for matched in told.matched.iter().filter_map(|matched| matched.place.as_ref()) {
        say!("matched    {}", place(matched));
    }
    for unmet in &told.unmet {
        say!("unmet      {}", unmet.place.as_ref().map(place).unwrap_or_default());
        for failed in &unmet.failed {
            let got = failed.got.as_ref().map(|got| &got.values);
            say!("           {} {} {:?}: {got:?}", failed.operator, failed.key, failed.wanted);
        }
    }
    if !told.missing_keys.is_empty() {
        say!("missing    {}", told.missing_keys.join(", "));
    }
    let (revision, age_ms, served_by) = (told.revision, told.age_ms, &told.served_by);
    eprintln!("{}", json!({"revision": revision, "age_ms": age_ms, "served_by": served_by}));
}
