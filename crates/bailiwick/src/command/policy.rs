//! `bailiwick policy`: AWS-named managed policies from files, and the policy language without a cell.

mod eval;
mod validate;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use schema::admin::v1::{PutNamedPolicyRequest, PutNamedPolicyResponse};
use serde_json::{Value, json};

use crate::connect::{Connect, Whose};
use crate::output::{self, say};

/// AWS-named managed policies, and the policy language without a cell.
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
    /// Decide requests: JSON lines on standard input, one decision a line on standard output
    ///
    /// A line is one object. principal, action, resource and resourceAccount must be there; context and the policies
    /// that apply (identityPolicies, resourcePolicy, boundary, sessionPolicies, scps, rcps) may be left out. Other
    /// members are passed over: a boundary whose name is misspelt bounds nothing. The answer is Allowed,
    /// ExplicitlyDenied or ImplicitlyDenied. The context is complete: nothing is derived or defaulted.
    ///
    /// For example {"principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject",
    /// "resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{"aws:TagKeys":["a","b"]},
    /// "identityPolicies":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]},
    /// all in one line, is answered with Allowed.
    ///
    /// With --json an answer is an object: id, decision, policyKind (what decided: identity, boundary, session,
    /// resource, trust, scp, rcp, root, always), the level, policy and statement by index, sid, and in AWS's words
    /// the reason of a denial.
    ///
    /// Blank lines are passed over. A line that cannot be decided is answered with Error (with --json by an object
    /// with its line and error), so that answers stay in step with lines, and told on standard error; all others are
    /// decided, and the command fails at the end.
    Eval,
    /// Say what is wrong with a policy, without a cell; ends with 1 when there are errors
    Validate(validate::ValidateArgs),
}

/// Runs the command.
///
/// # Errors
/// A file that cannot be read, or the cell's fault; files before it are loaded. A line that cannot be decided.
pub async fn run(arguments: PolicyArgs) -> Result<(), String> {
    let (paths, path) = match arguments.command {
        PolicyCommand::Load { paths, path } => (paths, path),
        PolicyCommand::Eval => return eval::run(arguments.connect.json),
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
            say!("{} {}", made.arn, made.version_id);
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
