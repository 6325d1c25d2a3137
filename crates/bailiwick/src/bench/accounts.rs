//! Accounts made for a measurement, each with a user who may make, read and tag users, and removed after it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::{Client, Credentials, Error};
use prost::Message;
use schema::Service;
use schema::admin::v1::{
    CreateAccountRequest, CreateAccountResponse, DeleteAccountRequest, DeleteAccountResponse,
};
use schema::iam::v1::{
    CreateAccessKeyRequest, CreateAccessKeyResponse, CreateUserRequest, PutUserPolicyRequest,
};

/// How many users a measurement may make in one account: the quota but for the user who makes them.
pub const USERS: u64 = model::quota::USERS as u64 - 1;
const CREATE: &str = "/bailiwick.admin.v1.Admin/CreateAccount";
const DELETE: &str = "/bailiwick.admin.v1.Admin/DeleteAccount";
/// An account with thousands of users takes a while.
const DELETE_DEADLINE: Duration = Duration::from_secs(60);
const CALLER: &str = "caller";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["iam:CreateUser","iam:GetUser","iam:TagUser"],"Resource":"arn:aws:iam::*:user/*"}]}"#;

/// Makes accounts and remembers them.
#[derive(Debug)]
pub struct Accounts {
    operator: Client,
    run: String,
    made: Vec<String>,
}

impl Accounts {
    /// `operator`: a client of the whole cell with the operator's credential.
    pub fn new(operator: Client) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Accounts { operator, run: format!("{:x}", since.as_nanos()), made: Vec::new() }
    }

    /// A new account; gives the key of a user in it whom a policy allows to make, read and tag users.
    ///
    /// # Errors
    /// The cell does not make it.
    pub async fn make(&mut self) -> Result<Credentials, String> {
        let email = format!("bench-{}-{}@bailiwick.invalid", self.run, self.made.len());
        let request = CreateAccountRequest { email, root_access_key: true, ..Default::default() };
        let answer = self.operator.send::<_, CreateAccountResponse>(CREATE, &request, false).await;
        let account = answer.map_err(|error| format!("an account for the bench: {error}"))?.message;
        self.made.push(account.account.unwrap_or_default().account_id);
        let root = Credentials::new(
            account.access_key_id.unwrap_or_default(),
            account.secret_access_key.unwrap_or_default(),
        );
        let root = self.operator.clone().with_credentials(root);
        caller(&root).await.map_err(|error| format!("a user for the bench: {error}"))
    }

    /// Deletes all accounts made. Those that cannot be deleted are named.
    ///
    /// # Errors
    /// Which accounts are left and why.
    pub async fn delete(&mut self) -> Result<(), String> {
        let operator = self.operator.clone().with_deadline(DELETE_DEADLINE);
        let mut left = Vec::new();
        for account_id in std::mem::take(&mut self.made) {
            let request = DeleteAccountRequest { account_id };
            match operator.send::<_, DeleteAccountResponse>(DELETE, &request, true).await {
                Ok(_) => {}
                // An earlier try was carried out although its answer was lost.
                Err(Error::Fault { code, .. }) if code == "NoSuchEntity" => {}
                Err(error) => left.push(format!("{}: {error}", request.account_id)),
            }
        }
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("delete with `bailiwick account delete`: {}", left.join("; ")))
        }
    }
}

async fn caller(root: &Client) -> Result<Credentials, Error> {
    let user_name = CALLER.to_owned();
    let user = CreateUserRequest { user_name: user_name.clone(), ..Default::default() };
    iam(root, "CreateUser", &user).await?;
    let policy = PutUserPolicyRequest {
        user_name,
        policy_name: "bench".to_owned(),
        policy_document: POLICY.to_owned(),
    };
    iam(root, "PutUserPolicy", &policy).await?;
    let key = CreateAccessKeyRequest { user_name: Some(CALLER.to_owned()) };
    let answer = iam(root, "CreateAccessKey", &key).await?;
    let unread = |error| Error::Usage(format!("the answer of CreateAccessKey: {error}"));
    let key = CreateAccessKeyResponse::decode(answer.as_slice()).map_err(unread)?;
    let key = key.access_key.unwrap_or_default();
    Ok(Credentials::new(key.access_key_id, key.secret_access_key))
}

async fn iam<M: Message>(client: &Client, name: &str, request: &M) -> Result<Vec<u8>, Error> {
    let unknown = || Error::Usage(format!("no operation {name}"));
    let info = schema::operation(Service::Iam, name).ok_or_else(unknown)?;
    let answer = client.call(info, request.encode_to_vec().into()).await?;
    Ok(answer.message.into())
}
