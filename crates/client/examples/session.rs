//! A write at a voter, and reads at replicas that must see it: a session carries the tokens.
//!
//! ```sh
//! bailiwick dev --data /tmp/cell --cell /tmp/cell.json --lag fixed:400ms &
//! BAILIWICK_CELL=/tmp/cell.json cargo run -p bailiwick-client --example session
//! ```

#![allow(clippy::print_stdout, reason = "this is what an example says")]

#[path = "shared/cell_file.rs"]
mod cell_file;

use std::error::Error;
use std::time::Instant;

use cell_file::CellFile;
use schema::iam::v1::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, DeleteUserResponse, GetUserRequest,
    GetUserResponse,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cell = CellFile::read()?;
    println!("account {}: the user `example-session` comes and goes", cell.account_id);
    let writer = cell.client(&cell.voters)?.session();
    let create =
        CreateUserRequest { user_name: "example-session".to_owned(), ..Default::default() };
    let path = "/bailiwick.iam.v1.Iam/CreateUser";
    let made = writer.send::<_, CreateUserResponse>(path, &create, false).await?;
    let token = writer.token().ok_or("a write has a token")?;
    println!("written at {}: revision {}, token {token}", made.served_by, made.revision);

    // As another process would, with nothing but the token.
    let get = GetUserRequest { user_name: Some("example-session".to_owned()) };
    let path = "/bailiwick.iam.v1.Iam/GetUser";
    let replicas = cell.replicas.iter().map(|replica| cell.client(std::slice::from_ref(replica)));
    let replicas = replicas.collect::<Result<Vec<_>, _>>()?;
    for (client, replica) in replicas.iter().zip(&cell.replicas) {
        let plain = client.send::<_, GetUserResponse>(path, &get, true).await;
        println!(
            "{replica} without the session: {}",
            if plain.is_ok() { "there" } else { "not yet" }
        );
    }
    for client in &replicas {
        let reader = client.session_from(&token)?;
        let began = Instant::now();
        let found = reader.send::<_, GetUserResponse>(path, &get, true).await?;
        println!(
            "{} within the session: there, at revision {}, after {} ms",
            found.served_by,
            found.revision,
            began.elapsed().as_millis()
        );
    }
    let delete = DeleteUserRequest { user_name: "example-session".to_owned() };
    let path = "/bailiwick.iam.v1.Iam/DeleteUser";
    let gone = writer.client().clone().with_ack("all");
    let gone = gone.send::<_, DeleteUserResponse>(path, &delete, false).await?;
    println!("deleted, and on every node: {}", gone.propagation);
    Ok(())
}
