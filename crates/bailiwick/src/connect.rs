//! How client commands find a cell and a credential.

use std::path::PathBuf;

use clap::Args;
use client::{Client, Credentials};

use crate::cell_file::CellFile;

/// Where the cell is and who asks: a cell file, or endpoints and a key.
#[derive(Args, Clone, Default, Debug)]
pub struct Connect {
    /// Cell file, as `bailiwick dev --cell FILE` writes it
    #[arg(long, env = "BAILIWICK_CELL", value_name = "FILE", global = true)]
    pub cell: Option<PathBuf>,
    /// URL of a node; give it several times to have others to go to
    #[arg(
        long,
        env = "BAILIWICK_ENDPOINT",
        value_name = "URL",
        value_delimiter = ',',
        global = true
    )]
    pub endpoint: Vec<String>,
    /// Access key id, instead of the cell file's
    #[arg(long, env = "BAILIWICK_ACCESS_KEY_ID", value_name = "ID", global = true)]
    pub access_key_id: Option<String>,
    /// The key's secret
    #[arg(
        long,
        env = "BAILIWICK_SECRET_ACCESS_KEY",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub secret_access_key: Option<String>,
    /// Token of temporary credentials
    #[arg(
        long,
        env = "BAILIWICK_SESSION_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub session_token: Option<String>,
    /// Certificates (PEM) that those of https nodes must be, or be signed by
    #[arg(long, env = "BAILIWICK_CA_FILE", value_name = "FILE", global = true)]
    pub ca_file: Option<PathBuf>,
    /// Answers as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// Whose credential of the cell file a command takes when none is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// The operator's.
    Operator,
    /// That of the first account's root.
    Account,
}

impl Connect {
    /// The cell file, when one is named.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn file(&self) -> Result<Option<CellFile>, String> {
        self.cell.as_deref().map(CellFile::read).transpose()
    }

    /// A client for the cell.
    ///
    /// # Errors
    /// Neither a cell file nor endpoints, or no credential.
    pub fn client(&self, whose: Whose) -> Result<Client, String> {
        let file = self.file()?;
        let credentials = self.credentials(whose, file.as_ref())?;
        let endpoints = self.endpoints(file.as_ref())?;
        let client = match self.trusted()? {
            Some(trusted) => Client::trusting(&endpoints, Some(credentials), &trusted),
            None => Client::new(&endpoints, Some(credentials)),
        };
        client.map_err(|error| error.to_string())
    }

    /// The certificates that nodes are known by, when they are named.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn trusted(&self) -> Result<Option<Vec<u8>>, String> {
        let read = |file: &PathBuf| {
            std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
        };
        self.ca_file.as_ref().map(read).transpose()
    }

    /// The URLs of the nodes to talk to: those given, otherwise the cell's voters.
    ///
    /// # Errors
    /// Neither a cell file nor endpoints.
    pub fn endpoints(&self, file: Option<&CellFile>) -> Result<Vec<String>, String> {
        match file {
            _ if !self.endpoint.is_empty() => Ok(self.endpoint.clone()),
            Some(file) => Ok(file.voters.iter().map(|node| node.endpoint.clone()).collect()),
            None => {
                Err("which cell? give --cell FILE (or BAILIWICK_CELL), or --endpoint URL"
                    .to_owned())
            }
        }
    }

    fn credentials(&self, whose: Whose, file: Option<&CellFile>) -> Result<Credentials, String> {
        if let (Some(id), Some(secret)) = (&self.access_key_id, &self.secret_access_key) {
            let credentials = Credentials::new(id, secret);
            return Ok(match &self.session_token {
                Some(token) => credentials.with_session_token(token),
                None => credentials,
            });
        }
        if self.access_key_id.is_some() || self.secret_access_key.is_some() {
            return Err("--access-key-id and --secret-access-key go together".to_owned());
        }
        match (file, whose) {
            (Some(file), Whose::Operator) => {
                Ok(Credentials::new(&file.operator.access_key_id, &file.operator.secret_access_key))
            }
            (Some(file), Whose::Account) => {
                Ok(Credentials::new(&file.account.access_key_id, &file.account.secret_access_key))
            }
            (None, _) => Err(
                "whose credential? give --access-key-id and --secret-access-key, or --cell FILE"
                    .to_owned(),
            ),
        }
    }
}
