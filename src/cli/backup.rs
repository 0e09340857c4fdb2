//! `mahalleh backup`: a consistent copy of a SQLite database, while a server writes to it.

use std::path::PathBuf;

use diesel::{RunQueryDsl, sql_query, sql_types::Text};

use super::{Failure, check_exists, interrupt::Interrupt, output::AtomicFile, say, sentence, target};
use crate::db::Conn;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The file to write, which must not be there.
    file: PathBuf,
}

impl Options {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let target = target()?;
        check_exists(&target)?;
        if self.file.exists() {
            return Err(Failure::refused(format!("{} is there already.", self.file.display())));
        }
        let Conn::Sqlite(mut database) = target.connect(true).map_err(|error| Failure::refused(sentence(&error)))? else {
            return Err(Failure::refused("A PostgreSQL database is copied by pg_dump (docs/operating.md).".to_owned()));
        };
        Interrupt::end_at_once()?;
        let copy = AtomicFile::begin_private(&self.file)?;
        // One read transaction, so a single state; writers go on meanwhile.
        sql_query("VACUUM INTO ?")
            .bind::<Text, _>(copy.place().to_string_lossy())
            .execute(&mut database)
            .map_err(|error| Failure::refused(format!("The database can't be copied: {error}.")))?;
        copy.finish()?;
        Ok(say(&format!("Wrote {}. The secret file is not in it.", self.file.display()))?)
    }
}
