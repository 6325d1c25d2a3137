//! `bailiwick policy validate`: what is wrong with a policy, without a cell.

mod human;
mod json;
mod sarif;

use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::process::exit;

use clap::{Args, ValueEnum};
use policy::check::{Finding, FindingType, PolicyType, check};

/// What is validated, and how it is told.
#[derive(Args)]
pub struct ValidateArgs {
    /// A file with a policy; - for standard input
    file: String,
    /// What the policy is attached to
    #[arg(long = "type", value_enum, default_value_t = Type::Identity)]
    policy_type: Type,
    /// How findings are told; --json is short for --format json
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Type {
    /// A user, group or role; also a permissions boundary or session policy
    Identity,
    /// A resource other than a role
    Resource,
    /// An account, as a service control policy
    Scp,
    /// An account's resources, as a resource control policy
    Rcp,
    /// A role, as its trust policy
    Trust,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: each finding with the line it is about
    Human,
    /// As ValidatePolicy answers
    Json,
    /// SARIF 2.1.0, for editors and code hosts
    Sarif,
}

impl From<Type> for PolicyType {
    fn from(name: Type) -> Self {
        match name {
            Type::Identity => PolicyType::Identity,
            Type::Resource => PolicyType::Resource,
            Type::Scp => PolicyType::ServiceControl,
            Type::Rcp => PolicyType::ResourceControl,
            Type::Trust => PolicyType::Trust,
        }
    }
}

/// A policy and what was found in it.
struct Checked<'a> {
    /// The file's name as it was typed.
    name: &'a str,
    text: &'a str,
    findings: &'a [Finding],
}

/// Runs the command. Ends the program with 1 when there are errors in the policy, with 2 when there
/// is no policy to look at.
///
/// # Errors
/// Standard output takes nothing.
pub fn run(arguments: &ValidateArgs, is_json: bool) -> Result<(), String> {
    let name = arguments.file.as_str();
    let text = read(name).unwrap_or_else(|error| {
        eprintln!("error: {name}: {error}");
        exit(2);
    });
    let findings = check(&text, arguments.policy_type.into());
    let checked = Checked { name, text: &text, findings: &findings };
    let format = arguments.format.unwrap_or(if is_json { Format::Json } else { Format::Human });
    let shown = match format {
        Format::Human => human::shown(&checked, has_colour()),
        Format::Json => json::shown(&checked),
        Format::Sarif => sarif::shown(&checked),
    };
    let mut out = std::io::stdout();
    match out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
        // Whoever read the findings has enough of them; whether there are errors still counts.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(format!("standard output: {error}"));
        }
        _ => {}
    }
    if findings.iter().any(|finding| finding.issue.finding_type == FindingType::Error) {
        exit(1);
    }
    Ok(())
}

fn read(name: &str) -> std::io::Result<String> {
    if name != "-" {
        return std::fs::read_to_string(name);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

/// Colour is for terminals, and for nobody who has set NO_COLOR (no-color.org).
fn has_colour() -> bool {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_unwanted && std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests;
