//! `mahalleh keys`.

use std::{path::PathBuf, sync::Arc};

use super::{Done, check_exists, connect, say, sentence, target};
use crate::{
    auth::{
        Actor,
        keys::{self, Secret},
    },
    clock::World,
    config,
    db::{Conn, in_transaction},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    provinces,
    tx::Tx,
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a signing key; it signs once every server knows it, and old tokens stay good until they expire.
    Rotate {
        /// The file with the key that encrypts the signing keys.
        #[arg(long, env = "MAHALLEH_SECRET_FILE")]
        secret_file: Option<PathBuf>,
    },
}

impl Command {
    pub(super) fn run(self) -> Done {
        let Self::Rotate { secret_file } = self;
        let (target, world) = (target()?, World::real());
        let path = config::secret_path(secret_file.as_deref(), &target);
        check_exists(&target)?;
        let mut conn = connect(&target)?;
        let kid = in_transaction(&mut conn, |conn| {
            let secret = Secret::find(conn, &path, &world)?;
            rotate(conn, &secret, &world)
        })
        .map_err(|error| sentence(&error))?;
        say(&format!("Added the signing key {kid}."))
    }
}

fn rotate(conn: &mut Conn, secret: &Secret, world: &World) -> Result<String, ApiError> {
    let kid = keys::rotate(conn, secret, world)?;
    let changes = Changes::one("kid", serde_json::Value::Null, kid.as_str());
    for province in provinces::all(conn)? {
        let mut tx = Tx::new(conn, Arc::new(Actor::operator(province.id)), world, None);
        events::record(&mut tx, EventAction::KeyRotated, &Subject::kind("signing_key"), &changes, None)?;
    }
    Ok(kid)
}
