//! `bailiwick iam …`, `bailiwick sts …`: any operation of the table, planned ones included.

use clap::{Args, CommandFactory, Parser};
use schema::{Kind, Service};
use serde_json::{Value, json};

use crate::connect::{Connect, Whose};
use crate::members;
use crate::output::{self, say};

/// An operation and its members.
#[derive(Args)]
pub struct CallArgs {
    /// The operation and its members as flags
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPERATION")]
    words: Vec<String>,
}

/// The flags of every call, wherever they stand among the members.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Flags {
    #[command(flatten)]
    connect: Connect,
    /// `strong`, `eventual`, `at-least=<token or revision>`, `max-age=<duration>`, `at=<token or revision>`
    #[arg(long)]
    consistency: Option<String>,
    /// What a write waits for: `committed`, `replicas=<n>`, `zone=<name>`, `all`
    #[arg(long)]
    ack: Option<String>,
}

/// Calls the operation and prints its answer as JSON with AWS's member names.
///
/// # Errors
/// What the caller mistyped, or the cell's fault.
pub async fn run(service: Service, arguments: CallArgs) -> Result<(), String> {
    let Some((name, rest)) = arguments.words.split_first().filter(|(name, _)| !is_help(name))
    else {
        list(service);
        return Ok(());
    };
    let info = members::find(service, name)?;
    if rest.iter().any(|word| is_help(word)) {
        explain(info);
        return Ok(());
    }
    let (flags, members) = split(info, rest);
    let flags = Flags::try_parse_from(flags).map_err(|error| error.to_string())?;
    let request = members::request(info, &members)?;
    let mut client = flags.connect.client(Whose::Account)?;
    if let Some(consistency) = &flags.consistency {
        client = client.with_consistency(consistency);
    }
    if let Some(level) = &flags.ack {
        client = client.with_ack(level);
    }
    let answer = client.call(info, request.into()).await.map_err(|error| error.to_string())?;
    let value = members::answer(info, &answer.message)?;
    if !value.as_object().is_some_and(serde_json::Map::is_empty) || flags.connect.json {
        output::json(&value);
    }
    eprintln!("{}", told(&answer));
    Ok(())
}

/// What an answer says besides its message.
fn told<T>(answer: &client::Answer<T>) -> Value {
    let mut told = json!({"revision": answer.revision, "age_ms": answer.age_ms, "served_by": answer.served_by,
        "request_id": answer.request_id});
    for (name, text) in [("token", &answer.token), ("propagation", &answer.propagation)] {
        if !text.is_empty() {
            told[name] = json!(text);
        }
    }
    if answer.is_stale {
        told["stale"] = json!(true);
    }
    told
}

fn is_help(word: &str) -> bool {
    matches!(word, "--help" | "-h" | "help")
}

/// Our own flags from the members: a member of the operation's own goes before a flag of that name.
fn split(info: &schema::OperationInfo, words: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut flags, mut members) = (Vec::new(), Vec::new());
    let own = Flags::command();
    let own = |flag: &str| {
        let name = flag.strip_prefix("--")?;
        own.get_arguments().find(|known| known.get_long() == Some(name))
    };
    let is_member = |flag: &str| {
        info.input.fields().any(|field| format!("--{}", members::kebab(field.json_name())) == flag)
    };
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let flag = word.split('=').next().unwrap_or(word);
        match own(flag) {
            Some(known) if !is_member(flag) || flag == "--endpoint" => {
                flags.push(word.clone());
                if known.get_action().takes_values() && !word.contains('=') {
                    flags.extend(words.next().cloned());
                }
            }
            _ => members.push(word.clone()),
        }
    }
    (flags, members)
}

fn list(service: Service) {
    say!(
        "Usage: bailiwick {} <operation> [--member value …] [--consistency MODE] [--ack LEVEL] \
         [--cell FILE] [--json]\n",
        service.signing_name()
    );
    say!(
        "Members are named as in the aws command line; lists and structures are JSON. Operations:\n"
    );
    let mut group = "";
    for info in schema::operations().iter().filter(|info| info.service == service) {
        if info.group != group {
            group = &info.group;
            say!("{group}");
        }
        let planned = if info.kind == Kind::Planned { " (planned)" } else { "" };
        say!("  {}{planned}", members::kebab(info.name));
    }
}

fn explain(info: &schema::OperationInfo) {
    say!("{}: {}\n", members::kebab(info.name), info.doc.trim());
    for field in &info.request.fields {
        let required = if field.rules.required { " (required)" } else { "" };
        say!("  --{}{required}", members::kebab(&field.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_members_are_told_apart() {
        let info = schema::operation(Service::Iam, "UpdateAccessKey").unwrap();
        let words = "--cell f --access-key-id AKIA --ack all --json --status Active --ca-file=c";
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let (flags, members) = split(info, &words);
        assert_eq!(flags, ["--cell", "f", "--ack", "all", "--json", "--ca-file=c"]);
        assert_eq!(members, ["--access-key-id", "AKIA", "--status", "Active"]);
    }
}
