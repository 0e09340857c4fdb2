//! The command line (CONTRACT §6): one file a command.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 refused or found wrong,
//! 2 wrong usage, and for the clients of a server whatever failed without being refused.

mod backup;
mod copy;
mod demo;
mod descriptors;
mod export;
mod import;
mod interrupt;
mod keys;
mod migrate;
mod openapi;
mod output;
mod province;
mod remote;
pub mod serve;
mod table;
mod user;
mod verify_events;

use std::io::Write;

use clap::{
    CommandFactory, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

use crate::{
    config::{self, DEFAULT_DATABASE},
    db::{self, Conn, Tables, Target, migrate as bring_up_to_date},
    error::{ApiError, ProblemCode},
};

/// The result of a command; the error is a sentence for the operator.
pub type Done<T = ()> = Result<T, String>;

/// Why a command ends otherwise than with 0.
#[derive(Debug)]
pub struct Failure {
    /// For the operator.
    pub sentence: String,
    /// The exit code.
    pub exit: u8,
}

impl Failure {
    /// Wrong usage.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit: 2 }
    }

    fn broken(sentence: &str) -> Self {
        Self { sentence: sentence.to_owned(), exit: 2 }
    }

    const fn refused(sentence: String) -> Self {
        Self { sentence, exit: 1 }
    }
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::refused(sentence)
    }
}

/// The register and scoreboard of a province's neighbourhood-centred programme.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "DATABASE_URL names the database: sqlite:PATH or postgres://…; sqlite:./data/mahalleh.db where it is not set."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API; on an empty database make a province and its first user.
    #[command(after_help = "DATABASE_URL names the database, DATABASE_READ_URL a standby for reads, MAHALLEH_LOG what is logged \
        (info), MAHALLEH_LOG_FORMAT how (text).")]
    Serve(serve::Options),
    /// Serve the demo: the programme of Qom with real-looking data, on this machine alone.
    Demo(demo::Options),
    /// Bring the schema up to date and say what was done; `serve` does the same at start.
    Migrate,
    /// Provinces.
    #[command(subcommand)]
    Province(province::Command),
    /// Users.
    #[command(subcommand)]
    User(user::Command),
    /// Signing keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Export a list of a server into a file.
    Export(Box<export::Options>),
    /// Import a file into a server and show what became of its rows.
    Import(Box<import::Options>),
    /// Copy a SQLite database into a file, consistently, while a server runs.
    Backup(backup::Options),
    /// Copy a whole register from SQLite to PostgreSQL, or back, and compare the two.
    Copy(copy::Options),
    /// Walk the hash chain of the events and name the first that is wrong.
    VerifyEvents(verify_events::Options),
    /// Print the OpenAPI document.
    Openapi,
}

/// The environment's variable that gave what was refused, where the command line did not.
fn variable_of(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = argument.split_whitespace().next()?.strip_prefix("--")?;
    let command = Cli::command();
    let wanted = |argument: &&clap::Arg| argument.get_long() == Some(flag);
    let variable = command.get_subcommands().flat_map(clap::Command::get_arguments).find(wanted)?.get_env()?.to_str()?;
    let told =
        std::env::args_os().any(|word| word.to_string_lossy().strip_prefix("--").is_some_and(|word| word.split('=').next() == Some(flag)));
    (!told && std::env::var_os(variable).is_some()).then(|| variable.to_owned())
}

impl Cli {
    /// The command line as it was given; ends the program where it can't be understood, or asks for help.
    #[must_use]
    pub fn given() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            let variable = variable_of(&error);
            drop(error.print());
            if let Some(variable) = variable {
                drop(writeln!(std::io::stderr(), "The value comes from the variable {variable}."));
            }
            std::process::exit(error.exit_code())
        })
    }

    /// Does what was asked for.
    ///
    /// # Errors
    /// A sentence for the operator, and the exit code.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Export(options) => return options.run(),
            Command::Import(options) => return options.run(),
            Command::Backup(options) => return options.run(),
            Command::Copy(options) => return options.run(),
            Command::Serve(options) => options.run(),
            Command::Demo(options) => options.run(),
            Command::Migrate => migrate::run(),
            Command::Province(command) => command.run(),
            Command::User(command) => command.run(),
            Command::Keys(command) => command.run(),
            Command::VerifyEvents(options) => options.run(),
            Command::Openapi => openapi::run(),
        }
        .map_err(Failure::from)
    }
}

/// The database that `DATABASE_URL` names, or the default one.
fn target() -> Done<Target> {
    config::database(DEFAULT_DATABASE).map_err(|problem| format!("{problem}."))
}

/// Refuses a path at which there is no database; a connection would make one, and a wrong path must not become a register.
fn check_exists(target: &Target) -> Done {
    match target {
        Target::Sqlite(path) if !path.exists() => Err(format!("There is no database {}.", path.display())),
        Target::Sqlite(_) | Target::Postgres(_) => Ok(()),
    }
}

/// A connection to a register that exists and is current; a wrong path must neither pass for a sound register nor become one.
fn open_current(target: &Target) -> Done<Conn> {
    check_exists(target)?;
    let mut conn = target.connect(false).map_err(|error| sentence(&error))?;
    let is_current = match db::tables(&mut conn).map_err(|error| sentence(&error))? {
        Tables::None => false,
        Tables::Foreign => return Err("The database holds tables of another program, and no register.".into()),
        // One of a later version may hold what this one would leave out.
        Tables::Own => db::refuse_newer(&mut conn).and_then(|()| db::is_current(&mut conn)).map_err(|error| sentence(&error))?,
    };
    if is_current { Ok(conn) } else { Err("The database has no schema of this version; `mahalleh migrate` makes it.".into()) }
}

/// Why a province is not found.
fn no_province(error: &ApiError, code: &str, target: &Target) -> String {
    if error.code == ProblemCode::NotFound { format!("There is no province {code} in {target:?}.") } else { sentence(error) }
}

/// A connection that writes, to a database whose schema is current.
fn connect(target: &Target) -> Done<Conn> {
    bring_up_to_date(target).map_err(|error| sentence(&error))?;
    target.connect(true).map_err(|error| sentence(&error))
}

/// Tells on standard error what goes on; who does not listen misses it.
fn note(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Prints a result.
fn say(text: &str) -> Done {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| format!("The result can't be printed: {error}."))
}

/// An error as a sentence for the operator, who may know its cause.
fn sentence(error: &ApiError) -> String {
    let [_, (title, detail)] = error.code.texts();
    if let (ProblemCode::Internal | ProblemCode::Unavailable, Some(cause)) = (error.code, &error.cause) {
        // The operator needs the cause; the text that clients get does not tell it.
        let begin = if error.code == ProblemCode::Unavailable { "The database can't be used" } else { "It failed" };
        return format!("{begin}: {}.", cause.trim().trim_end_matches('.'));
    }
    let mut text = match error.code {
        ProblemCode::ValidationFailed | ProblemCode::AlreadyExists if !error.faults.is_empty() => format!("{title}:"),
        _ => detail.to_owned(),
    };
    for fault in &error.faults {
        text = format!("{text} {}: {}", fault.location().trim_start_matches('/'), fault.message(true));
    }
    if let Some(cause) = &error.cause {
        text = format!("{text} ({cause})");
    }
    text
}
