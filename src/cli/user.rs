//! `mahalleh user`.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Done, check_exists, connect, no_province, say, sentence, target};
use crate::{
    agencies,
    auth::{Actor, password},
    clock::World,
    db::{Id, in_transaction},
    error::ApiError,
    fault::{Fault, FaultCode},
    http::fields::{self, Field, Line},
    policy::Role,
    provinces,
    tx::Tx,
    users::{self, UserFields},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a user; the password comes from a file or from standard input.
    Add(Add),
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The name for logging in.
    name: String,
    /// The province's code.
    #[arg(long)]
    province: String,
    /// `province`, `agency`, `neighborhood_manager` or `viewer`.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The agency's code; of a user of role `agency`, who must have one.
    #[arg(long, required_if_eq("role", "agency"))]
    agency: Option<String>,
    /// The name for people.
    #[arg(long)]
    display_name: String,
    /// The file with the password, or `-` for standard input.
    #[arg(long)]
    password_file: PathBuf,
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| format!("one of {}", Role::WORDS.join(", ")))
}

impl Command {
    pub(super) fn run(self) -> Done {
        let Self::Add(wanted) = self;
        if wanted.agency.is_some() && wanted.role != Role::Agency {
            return Err("Only a user of role agency belongs to an agency.".to_owned());
        }
        let world = World::real();
        let password = read_secret(&wanted.password_file)?;
        let password = password::from_operator(&password)?;
        let password_hash = password::hash(&password, &world).map_err(|error| sentence(&error))?;
        let target = target()?;
        check_exists(&target)?;
        let mut conn = connect(&target)?;
        let province = provinces::find(&mut conn, &wanted.province).map_err(|error| no_province(&error, &wanted.province, &target))?;
        let added = in_transaction(&mut conn, |conn| {
            let mut tx = Tx::new(conn, Arc::new(Actor::operator(province.id)), &world, None);
            let agency_id = wanted.agency.as_deref().map(|code| agency(&mut tx, code)).transpose()?;
            let fields = UserFields {
                username: wanted.name.clone(),
                display_name: wanted.display_name.clone(),
                role: wanted.role,
                agency_id,
                active: true,
            };
            insert(&mut tx, fields, password_hash)
        });
        added.map_err(|error| sentence(&error))?;
        say(&format!("Added the user {} of {}; the password is to be changed at the first login.", wanted.name, province.code))
    }
}

/// A password or a token in a file, or on standard input, without the end of its line.
pub(super) fn read_secret(path: &Path) -> Done<String> {
    let text = read_all(path, "The secret")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.to_owned())
}

/// A file, or standard input for `-`; `what` is told where it can't be read.
pub(super) fn read_all(path: &Path, what: &str) -> Done<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|all| text = all)
    };
    read.map_err(|error| format!("{what} can't be read from {}: {error}.", path.display()))?;
    Ok(text)
}

fn agency(tx: &mut Tx<'_>, code: &str) -> Result<Id, ApiError> {
    let found = agencies::queries::resolve(tx.conn, tx.province_id(), code)?;
    found.map(|agency| agency.id).ok_or_else(|| ApiError::at("/agency", FaultCode::UnknownReference))
}

/// Adds a user whose password somebody else chose.
pub(super) fn insert(tx: &mut Tx<'_>, fields: UserFields, password_hash: String) -> Result<(), ApiError> {
    let refused = |at: &str, refusal| ApiError::invalid(vec![Fault::of(at, refusal)]);
    let username = fields::Code::from_text(&fields.username).map_err(|refusal| refused("/username", refusal))?.0;
    let display_name = Line::<200>::from_text(&fields.display_name).map_err(|refusal| refused("/display_name", refusal))?.0;
    users::write::create(tx, UserFields { username, display_name, ..fields }, Some(password_hash), true)?;
    Ok(())
}
