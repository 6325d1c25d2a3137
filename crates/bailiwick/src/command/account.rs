//! `bailiwick account create|list|set|delete`: accounts of a cell, with the operator's credential.

use clap::{Args, Subcommand};
use client::Client;
use schema::admin::v1::{
    Account, CreateAccountRequest, CreateAccountResponse, DeleteAccountRequest,
    DeleteAccountResponse, ListAccountsRequest, ListAccountsResponse, UpdateAccountRequest,
    UpdateAccountResponse,
};
use serde_json::json;

use crate::connect::{Connect, Whose};
use crate::output::{self, say};

/// Make, list, set and delete accounts.
#[derive(Args)]
pub struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
    #[command(flatten)]
    connect: Connect,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Make an account with its root user and a root access key
    Create {
        /// Address of the root user; unique in the cell
        #[arg(long)]
        email: String,
        /// A name for people
        #[arg(long)]
        name: Option<String>,
        /// Twelve digits; chosen by the cell when left out
        #[arg(long, value_name = "ID")]
        account_id: Option<String>,
        /// Read the root user's password from standard input; root has none otherwise
        #[arg(long)]
        password_stdin: bool,
        /// Make no root access key
        #[arg(long)]
        no_access_key: bool,
        /// What its writes wait for that do not say: all, replicas=N, zone=NAME or committed; what the node says when
        /// left out
        #[arg(long, value_name = "LEVEL")]
        ack: Option<String>,
    },
    /// List accounts
    List,
    /// Change what holds for an account
    Set {
        /// Twelve digits
        #[arg(long, value_name = "ID")]
        account_id: String,
        /// What its writes wait for that do not say: all, replicas=N, zone=NAME or committed; default: what the node
        /// says
        #[arg(long, value_name = "LEVEL")]
        ack: String,
    },
    /// Delete an account with everything in it
    Delete {
        /// Twelve digits
        #[arg(long, value_name = "ID")]
        account_id: String,
    },
}

/// Runs the command.
///
/// # Errors
/// The cell's fault, or that nobody answered.
pub async fn run(arguments: AccountArgs) -> Result<(), String> {
    let client = arguments.connect.client(Whose::Operator)?;
    let json = arguments.connect.json;
    match arguments.command {
        AccountCommand::Create { email, name, account_id, password_stdin, no_access_key, ack } => {
            let password = if password_stdin { Some(read_password()?) } else { None };
            let request = CreateAccountRequest {
                email,
                name,
                account_id,
                root_password_hash: password.as_deref().map(hash).transpose()?,
                root_access_key: !no_access_key,
                ack,
            };
            created(&create(&client, &request).await?, json);
            Ok(())
        }
        AccountCommand::List => list(&client, json).await,
        AccountCommand::Set { account_id, ack } => {
            let ack = if ack == "default" { String::new() } else { ack };
            let request = UpdateAccountRequest { account_id, ack: Some(ack) };
            let path = "/bailiwick.admin.v1.Admin/UpdateAccount";
            let sent = client.send::<_, UpdateAccountResponse>(path, &request, false).await;
            let updated = sent.map_err(|error| error.to_string())?.message;
            listed(&updated.account.into_iter().collect::<Vec<_>>(), json);
            Ok(())
        }
        AccountCommand::Delete { account_id } => {
            let request = DeleteAccountRequest { account_id };
            let path = "/bailiwick.admin.v1.Admin/DeleteAccount";
            let sent = client.send::<_, DeleteAccountResponse>(path, &request, false).await;
            sent.map_err(|error| error.to_string())?;
            if json {
                output::json(&json!({"Account": request.account_id, "Deleted": true}));
            } else {
                say!("deleted account {}", request.account_id);
            }
            Ok(())
        }
    }
}

/// Makes an account.
///
/// # Errors
/// The cell's fault, or that nobody answered.
pub async fn create(
    client: &Client,
    request: &CreateAccountRequest,
) -> Result<CreateAccountResponse, String> {
    let path = "/bailiwick.admin.v1.Admin/CreateAccount";
    let answer = client.send(path, request, false).await.map_err(|error| error.to_string())?;
    Ok(answer.message)
}

/// A password as the cell keeps it: Argon2id with the library's defaults (19 MiB, two passes), PHC string format.
///
/// # Errors
/// The password is longer than Argon2 takes.
pub fn hash(password: &str) -> Result<String, String> {
    use argon2::password_hash::PasswordHasher;
    let hashed = argon2::Argon2::default().hash_password(password.as_bytes());
    hashed
        .map(|hash| hash.to_string())
        .map_err(|error| format!("the password cannot be hashed: {error}"))
}

fn read_password() -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| format!("standard input: {error}"))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 8 {
        return Err("a root password needs 8 characters or more".to_owned());
    }
    Ok(password.to_owned())
}

fn created(made: &CreateAccountResponse, json: bool) {
    let account = made.account.clone().unwrap_or_default();
    let value = json!({
        "Account": account.account_id,
        "RootArn": made.root_arn,
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
    });
    if json {
        output::json(&value);
        return;
    }
    say!("account     {}", account.account_id);
    say!("root        {} ({})", made.root_arn, account.email);
    if let (Some(id), Some(secret)) = (&made.access_key_id, &made.secret_access_key) {
        say!("access key  {id}\nsecret      {secret}   (shown this once)");
    }
}

async fn list(client: &Client, json: bool) -> Result<(), String> {
    let mut accounts = Vec::new();
    let mut marker = None;
    loop {
        let request = ListAccountsRequest { marker, max_items: Some(1000) };
        let path = "/bailiwick.admin.v1.Admin/ListAccounts";
        let answer = client.send::<_, ListAccountsResponse>(path, &request, true).await;
        let page = answer.map_err(|error| error.to_string())?.message;
        accounts.extend(page.accounts);
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    listed(&accounts, json);
    Ok(())
}

fn listed(accounts: &[Account], json: bool) {
    if json {
        let account = |account: &Account| {
            json!({"AccountId": account.account_id, "Email": account.email, "Name": account.name,
                "Alias": account.alias, "Ack": account.ack})
        };
        output::json(&json!({"Accounts": accounts.iter().map(account).collect::<Vec<_>>()}));
        return;
    }
    let row = |account: &Account| {
        let account = account.clone();
        vec![
            account.account_id,
            account.email,
            account.name.unwrap_or_default(),
            account.alias.unwrap_or_default(),
            account.ack.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = accounts.iter().map(row).collect();
    output::table(&["ACCOUNT", "ROOT", "NAME", "ALIAS", "ACK"], &rows);
}
