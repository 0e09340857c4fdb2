//! `mahalleh province`.

use super::{Done, connect, say, sentence, target};
use crate::{clock::World, db::in_transaction, provinces};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a province, with the built-in domains.
    Add {
        /// What tokens and logins call it, as `qom`.
        code: String,
        /// Its name in Persian.
        #[arg(long)]
        name: String,
        /// Its name in English.
        #[arg(long)]
        name_en: String,
    },
}

impl Command {
    pub(super) fn run(self) -> Done {
        let Self::Add { code, name, name_en } = self;
        let mut conn = connect(&target()?)?;
        let added = in_transaction(&mut conn, |conn| provinces::add(conn, &World::real(), &code, &name, &name_en));
        added.map_err(|error| sentence(&error))?;
        say(&format!("Added the province {code}. It needs a user: mahalleh user add NAME --province {code} --role province …"))
    }
}
