//! The cell file that `bailiwick dev --cell FILE` writes, as far as the examples need it.

use std::error::Error;

use client::{Client, Credentials};
use serde_json::Value;

/// Where the cell is, and its first account.
pub struct CellFile {
    /// URLs of the nodes that vote.
    pub voters: Vec<String>,
    /// URLs of the nodes that follow.
    pub replicas: Vec<String>,
    /// The id of the account.
    pub account_id: String,
    credentials: Credentials,
}

impl CellFile {
    /// Reads the file that the variable `BAILIWICK_CELL` names.
    pub fn read() -> Result<CellFile, Box<dyn Error>> {
        let path =
            std::env::var("BAILIWICK_CELL").map_err(|_| "set BAILIWICK_CELL to a cell file")?;
        let file: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let urls = |nodes: &Value| {
            let nodes = nodes.as_array().into_iter().flatten();
            nodes.map(|node| text(&node["endpoint"])).collect()
        };
        let account = &file["account"];
        Ok(CellFile {
            voters: urls(&file["voters"]),
            replicas: urls(&file["replicas"]),
            account_id: text(&account["account_id"]),
            credentials: Credentials::new(
                text(&account["access_key_id"]),
                text(&account["secret_access_key"]),
            ),
        })
    }

    /// A client of some nodes, as the account's root user.
    pub fn client(&self, nodes: &[String]) -> Result<Client, Box<dyn Error>> {
        Ok(Client::new(nodes, Some(self.credentials.clone()))?)
    }
}
