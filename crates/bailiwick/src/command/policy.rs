//! `bailiwick policy`: AWS-named managed policies from files, and the policy language without a cell.

mod validate;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use schema::admin::v1::{PutNamedPolicyRequest, PutNamedPolicyResponse};
use serde_json::{Value, json};

use crate::connect::{Connect, Whose};
use crate::output;

/// AWS-named managed policies.
#[derive(Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Put policies from JSON files: NAME.json becomes arn:aws:iam::aws:policy/NAME; one that is there gets a version
    Load {
        /// Files, or folders of files
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Path of the new policies, such as /service-role/
        #[arg(long, default_value = "/")]
        path: String,
    },
    /// Say what is wrong with a policy, without a cell; ends with 1 when there are errors
    Validate(validate::ValidateArgs),
}

/// Runs the command.
///
/// # Errors
/// A file that cannot be read, or the cell's fault; files before it are loaded.
pub async fn run(arguments: PolicyArgs) -> Result<(), String> {
    let (paths, path) = match arguments.command {
        PolicyCommand::Load { paths, path } => (paths, path),
        PolicyCommand::Validate(what) => return validate::run(&what, arguments.connect.json),
    };
    let client = arguments.connect.client(Whose::Operator)?;
    let mut loaded = Vec::new();
    for file in files(&paths)? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let policy_document = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let request = PutNamedPolicyRequest {
            policy_name: name,
            path: Some(path.clone()),
            policy_document,
            ..Default::default()
        };
        let rpc = "/bailiwick.admin.v1.Admin/PutNamedPolicy";
        let sent = client.send::<_, PutNamedPolicyResponse>(rpc, &request, false).await;
        let made = sent.map_err(|error| format!("{}: {error}", file.display()))?.message;
        if !arguments.connect.json {
            println!("{} {}", made.arn, made.version_id);
        }
        loaded.push(json!({"Arn": made.arn, "VersionId": made.version_id}));
    }
    if arguments.connect.json {
        output::json(&json!({"Policies": Value::Array(loaded)}));
    }
    Ok(())
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries =
            std::fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let is_json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
        files.extend(
            entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| is_json(path)),
        );
    }
    files.sort();
    Ok(files)
}
