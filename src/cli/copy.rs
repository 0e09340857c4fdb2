//! `mahalleh copy`: a whole register from SQLite to PostgreSQL, or back.

use super::{Done, Failure, check_exists, interrupt::Interrupt, open_current, say, sentence};
use crate::{
    db::{self, Conn, Stopped, Tables, Target, copy, migrate},
    error::ApiError,
    events::{self, ChainState},
    provinces,
};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The database to copy, whose schema is current; nobody should write to it meanwhile.
    #[arg(long, value_name = "URL")]
    from: String,
    /// An empty database of the other kind; a SQLite file is made.
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Why nothing was copied, as a sentence.
struct Refusal(String);

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self(sentence(&error))
    }
}

impl From<Stopped> for Refusal {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Failed(error) => error.into(),
            Stopped::NotEmpty(table) => Self(not_empty(table)),
            Stopped::Differs(table) => Self(format!("What was written to {table} is not what was read; nothing was kept.")),
        }
    }
}

fn not_empty(table: &str) -> String {
    format!("The new database is not empty: it has {table}.")
}

impl Options {
    pub(super) fn run(&self) -> Result<(), Failure> {
        // Not parsed by clap, which would print what it can't read, and that may hold a password.
        let target = |name, url| Target::parse(url).map_err(|problem| Failure::usage(format!("{name}: {problem}.")));
        let (from, to) = (target("--from", &self.from)?, target("--to", &self.to)?);
        if matches!((&from, &to), (Target::Sqlite(_), Target::Sqlite(_)) | (Target::Postgres(_), Target::Postgres(_))) {
            return Err(Failure::usage("--from and --to are of one kind: `mahalleh backup` and pg_dump copy those (docs/operating.md)."));
        }
        let mut from = open_current(&from)?;
        refuse_used(&to)?;
        migrate(&to).map_err(|error| format!("The new database: {}", sentence(&error)))?;
        let mut to = to.connect(true).map_err(|error| sentence(&error))?;
        Interrupt::end_at_once()?;
        let mut chains = Vec::new();
        let counted = copy(&mut from, &mut to, |to| verified(to).map(|sound| chains = sound)).map_err(|Refusal(why)| why)?;
        for (table, rows) in &counted {
            say(&format!("{table}: {rows}"))?;
        }
        for (province, events) in chains {
            say(&format!("{province}: {events} events follow one from another."))?;
        }
        let rows: u64 = counted.iter().map(|(_, rows)| rows).sum();
        Ok(say(&format!(
            "Copied {rows} rows and found the same in both. The secret file is not copied: the new server needs the old one's."
        ))?)
    }
}

/// Refuses a database that holds tables already, before a schema is made in it.
fn refuse_used(to: &Target) -> Done {
    if check_exists(to).is_err() {
        return Ok(());
    }
    let holds = to.connect(false).and_then(|mut conn| {
        Ok(match db::tables(&mut conn)? {
            Tables::None => None,
            Tables::Foreign => Some("tables of another program"),
            Tables::Own => (!provinces::all(&mut conn)?.is_empty()).then_some("provinces"),
        })
    });
    holds.map_err(|error| sentence(&error))?.map_or(Ok(()), |what| Err(not_empty(what)))
}

/// The provinces of the copy, with the number of their sealed events.
fn verified(to: &mut Conn) -> Result<Vec<(String, i64)>, Refusal> {
    let mut sound = Vec::new();
    for province in provinces::all(to)? {
        match events::verify(to, province.id)? {
            ChainState::Sound { events, .. } => sound.push((province.code, events)),
            ChainState::Broken { seq } => {
                return Err(Refusal(format!("{}: the events are broken at seq {seq}; nothing was kept.", province.code)));
            }
        }
    }
    Ok(sound)
}
