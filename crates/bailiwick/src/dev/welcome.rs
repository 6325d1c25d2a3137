//! What a person reads once the cell runs: where it is, and what to try.

use crate::cell_file::CellFile;
use crate::output::say;

use super::child::Child;
use super::layout::Layout;

/// Says where the cell is and what to do next, with the real credentials.
pub fn print(layout: &Layout, cell: &CellFile, nodes: &[Child]) {
    let first = cell.voters.first().map(|voter| voter.endpoint.as_str()).unwrap_or_default();
    let replica = cell.replicas.first().map(|replica| {
        format!(
            "\n  AWS_ENDPOINT_URL={} aws iam list-users     # a replica: fast, and says how stale it is",
            replica.endpoint
        )
    });
    let killed = nodes.first().and_then(Child::pid).unwrap_or_default();
    let rows: Vec<String> = nodes
        .iter()
        .map(|node| {
            let pid = node.pid().unwrap_or_default();
            format!("  {:<10} {:<24} pid {pid}", node.name(), node.endpoint())
        })
        .collect();
    say!(
        "
The cell runs. Its data is in {data}; delete that folder to begin anew.

{nodes}

Account {account}, root user {email}, password {password}.

Talk to it with any AWS SDK or the aws command line:

  export AWS_ENDPOINT_URL={first}
  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={key}
  export AWS_SECRET_ACCESS_KEY={secret}

  aws sts get-caller-identity
  aws iam create-user --user-name alice
  aws iam list-users{replica}

Or with this program, which shows revision, age and origin of every answer:

  export BAILIWICK_CELL={cell}
  bailiwick iam get-user --user-name alice
  bailiwick cluster status
  bailiwick account create --email you@example.com

Break it: any one voter may go, nothing acknowledged is lost, and it comes back by itself.

  kill -9 {killed}

Ctrl-C stops the cell.",
        data = layout.data().display(),
        nodes = rows.join("\n"),
        replica = replica.unwrap_or_default(),
        account = cell.account.account_id,
        email = cell.account.root_email,
        password = cell.account.root_password,
        key = cell.account.access_key_id,
        secret = cell.account.secret_access_key,
        cell = layout.cell_file().display(),
    );
}
