//! The service account of a command: id and secret, from a file or from the environment and never from its arguments.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::{Failure, user::read_all};

/// What a service account shows for a token.
#[derive(Clone, Deserialize)]
pub(super) struct Credentials {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// Where the credentials come from.
pub(super) enum Account {
    /// A file, read anew for each token, so that a long run follows a secret that was replaced.
    File(PathBuf),
    /// Standard input or the environment.
    Given(Credentials),
}

impl Account {
    /// The account of a file, or `-` for standard input.
    pub(super) fn of_file(path: &Path) -> Result<Self, Failure> {
        let read = read(path)?;
        Ok(if path == Path::new("-") { Self::Given(read) } else { Self::File(path.to_owned()) })
    }

    /// The account of `MAHALLEH_CLIENT_ID` and `MAHALLEH_CLIENT_SECRET`.
    pub(super) fn of_environment() -> Option<Self> {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (client_id, client_secret) = (text("MAHALLEH_CLIENT_ID")?, text("MAHALLEH_CLIENT_SECRET")?);
        Some(Self::Given(Credentials { client_id, client_secret }))
    }

    /// The credentials to send now.
    pub(super) fn credentials(&self) -> Result<Credentials, Failure> {
        match self {
            Self::File(path) => read(path),
            Self::Given(credentials) => Ok(credentials.clone()),
        }
    }
}

fn read(path: &Path) -> Result<Credentials, Failure> {
    let text = read_all(path, "The service account").map_err(Failure::usage)?;
    // The parser's error is left out: it may quote the secret.
    serde_json::from_str(&text).map_err(|_| {
        Failure::usage(format!("{} is no JSON with client_id and client_secret, as POST /clients answers it.", path.display()))
    })
}
