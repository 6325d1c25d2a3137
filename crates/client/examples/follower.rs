//! Decisions in this process: permitted, revoked, and how fast.
//!
//! ```sh
//! bailiwick dev --data /tmp/cell --cell /tmp/cell.json &
//! BAILIWICK_CELL=/tmp/cell.json cargo run --release -p bailiwick-client --example follower
//! ```

#![allow(clippy::print_stdout, reason = "this is what an example says")]

#[path = "shared/cell_file.rs"]
mod cell_file;

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cell_file::CellFile;
use client::{Follower, FollowerOptions};
use schema::authz::v1::{Principal, Question, Values, principal};
use schema::iam::v1::{
    CreateUserRequest, CreateUserResponse, DeleteUserPolicyRequest, DeleteUserPolicyResponse,
    DeleteUserRequest, DeleteUserResponse, PutUserPolicyRequest, PutUserPolicyResponse,
};

const NAME: &str = "example-follower";
const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject",
    "Resource":"arn:aws:s3:::photos/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;
const ROUNDS: u32 = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cell = CellFile::read()?;
    let nodes = [&cell.voters[..], &cell.replicas[..]].concat();
    let client = cell.client(&nodes)?;
    let follower = Follower::start(&client, [&cell.account_id], FollowerOptions::default());
    let patience = Duration::from_secs(10);
    follower.ready(patience).await?;
    println!("{:?}", follower.status());

    let iam = |name: &str| format!("/bailiwick.iam.v1.Iam/{name}");
    let session = client.session();
    let create = CreateUserRequest { user_name: NAME.to_owned(), ..Default::default() };
    session.send::<_, CreateUserResponse>(&iam("CreateUser"), &create, false).await?;
    let put = PutUserPolicyRequest {
        user_name: NAME.to_owned(),
        policy_name: "photos".to_owned(),
        policy_document: DOCUMENT.to_owned(),
    };
    session.send::<_, PutUserPolicyResponse>(&iam("PutUserPolicy"), &put, false).await?;
    follower.wait_for(&session.token().unwrap_or_default(), patience).await?;

    let arn = format!("arn:aws:iam::{}:user/{NAME}", cell.account_id);
    let source_ip = Values { values: vec!["10.1.2.3".to_owned()] };
    let question = Question {
        principal: Some(Principal { who: Some(principal::Who::Arn(arn)) }),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::photos/a.jpg".to_owned(),
        resource_account: Some(cell.account_id.clone()),
        context: [("aws:SourceIp".to_owned(), source_ip)].into(),
        ..Default::default()
    };
    let decided = follower.decide(&question)?;
    println!(
        "allowed: {}, by revision {}, at most {:?} old",
        decided.is_allowed(),
        decided.revision,
        decided.age
    );
    let began = Instant::now();
    for _ in 0..ROUNDS {
        black_box(follower.decide(black_box(&question))?);
    }
    println!("{} ns per decision, one thread", (began.elapsed() / ROUNDS).as_nanos());

    let (user_name, policy_name) = (NAME.to_owned(), "photos".to_owned());
    let delete = DeleteUserPolicyRequest { user_name, policy_name };
    let began = Instant::now();
    session.send::<_, DeleteUserPolicyResponse>(&iam("DeleteUserPolicy"), &delete, false).await?;
    follower.wait_for(&session.token().unwrap_or_default(), patience).await?;
    let decided = follower.decide(&question)?;
    println!(
        "revoked, and allowed: {} ({} ms from the call to here)",
        decided.is_allowed(),
        began.elapsed().as_millis()
    );
    let delete = DeleteUserRequest { user_name: NAME.to_owned() };
    session.send::<_, DeleteUserResponse>(&iam("DeleteUser"), &delete, false).await?;
    Ok(())
}
