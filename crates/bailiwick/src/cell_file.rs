//! The cell file: where a cell is and the credentials for it, as `bailiwick dev` writes it and every client command
//! reads it.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Everything a script needs to talk to a cell. It holds secrets: the file's mode is 0600.
#[derive(Clone, Serialize, Deserialize)]
pub struct CellFile {
    /// The nodes that vote.
    pub voters: Vec<NodeEntry>,
    /// The nodes that follow.
    pub replicas: Vec<NodeEntry>,
    /// The first account.
    pub account: AccountEntry,
    /// The operator's credential.
    pub operator: OperatorEntry,
}

/// One node.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct NodeEntry {
    /// The voter's number or the replica's name.
    pub id: String,
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
}

/// An account and its root user's credentials.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountEntry {
    /// Twelve digits.
    pub account_id: String,
    /// Address of the root user.
    pub root_email: String,
    /// Password of the root user.
    pub root_password: String,
    /// Root access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

/// The operator's credential.
#[derive(Clone, Serialize, Deserialize)]
pub struct OperatorEntry {
    /// Operator key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

impl CellFile {
    /// Reads a cell file.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| {
            format!(
                "cell file {}: {error}; start a cell with `bailiwick dev --cell FILE`",
                path.display()
            )
        })?;
        serde_json::from_str(&text)
            .map_err(|error| format!("cell file {}: {error}", path.display()))
    }

    /// Writes the file so that a reader sees all of it or none, readable by its owner alone.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        write_private(path, format!("{text}\n").as_bytes())
    }
}

/// Writes a file that only its owner reads, in one step.
///
/// # Errors
/// It cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let written = private(Path::new(&temporary)).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cell.json");
        let cell = CellFile {
            voters: vec![NodeEntry {
                id: "1".to_owned(),
                endpoint: "http://127.0.0.1:1".to_owned(),
            }],
            replicas: Vec::new(),
            account: AccountEntry {
                account_id: "123456789012".to_owned(),
                root_email: "root@example.com".to_owned(),
                root_password: "p".to_owned(),
                access_key_id: "AKIA".to_owned(),
                secret_access_key: "s".to_owned(),
            },
            operator: OperatorEntry {
                access_key_id: "BWOP".to_owned(),
                secret_access_key: "o".to_owned(),
            },
        };
        cell.write(&path).unwrap();
        assert_eq!(CellFile::read(&path).unwrap().voters, cell.voters);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
