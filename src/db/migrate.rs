//! Brings the schema up to date, under a lock, so that servers that start together all come up.

use std::{
    collections::HashSet,
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    thread,
    time::Duration,
};

use diesel::{
    QueryDsl, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, migration::MigrationSource,
    pg::Pg, sql_query, sql_types::BigInt,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Target, in_transaction};
use crate::error::ApiError;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

diesel::table! {
    /// Where `diesel_migrations` keeps what it has run.
    __diesel_schema_migrations (version) {
        /// The digits of the migration's name.
        version -> Text,
    }
}

/// A table that this program has had from its first migration on, and no other program has by chance.
const OURS: &str = "login_failures";

/// Whose tables a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// None, except perhaps the list of migrations that were run.
    None,
    /// This program's, of whichever version; other tables beside them do not count.
    Own,
    /// Somebody else's.
    Foreign,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    all: i64,
    #[diesel(sql_type = BigInt)]
    ours: i64,
}

/// Whose tables a database has; writes nothing. Tables of a PostgreSQL extension do not count.
///
/// # Errors
/// Those of the database.
pub fn tables(conn: &mut Conn) -> Result<Tables, ApiError> {
    let named = if conn.is_postgres() {
        "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p', 'v', 'm', 'f') \
         AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')"
    } else {
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"
    };
    let counted = format!(
        "SELECT COUNT(*) AS \"all\", COUNT(*) FILTER (WHERE name = '{OURS}') AS ours FROM ({named}) AS tables \
         WHERE name <> '__diesel_schema_migrations'"
    );
    let Counted { all, ours } = sql_query(counted).get_result(conn)?;
    Ok(match (all, ours) {
        (0, _) => Tables::None,
        (_, 0) => Tables::Foreign,
        _ => Tables::Own,
    })
}

/// The names of the migrations that were run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated(pub Vec<String>);

/// Runs what is pending, all in one transaction, unless the database is another program's.
///
/// # Errors
/// `unavailable` where the database can't be reached or is another program's; `internal` where a migration fails.
pub fn migrate(target: &Target) -> Result<Migrated, ApiError> {
    if let Target::Sqlite(path) = target {
        make_private(path).map_err(|error| target.unusable(error))?;
    }
    let mut conn = target.connect(true)?;
    if tables(&mut conn)? == Tables::Foreign {
        return Err(ApiError::unavailable("it holds tables of another program, and none of this one"));
    }
    if let Conn::Sqlite(sqlite) = &mut conn {
        switch_to_wal(sqlite).map_err(|error| target.unusable(error))?;
    }
    in_transaction(&mut conn, |conn| {
        lock_installation(conn)?;
        run_pending(conn)
    })
}

/// Lets a SQLite file be read while it is written, which stays so.
///
/// Where others switch a new file at the same time, SQLite does not wait as the timeout says, so this tries again.
fn switch_to_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    for _ in 0..50 {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error) if error.to_string().contains("database is locked") => thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
    conn.batch_execute("PRAGMA journal_mode = WAL")
}

fn run_pending(conn: &mut Conn) -> Result<Migrated, ApiError> {
    let done = match conn {
        Conn::Postgres(pg) => names(pg.run_pending_migrations(POSTGRES))?,
        Conn::Sqlite(sqlite) => names(sqlite.run_pending_migrations(SQLITE))?,
    };
    refuse_newer(conn)?;
    Ok(Migrated(done))
}

/// Refuses a schema that a later version of this program has made, and this one does not know.
///
/// # Errors
/// `unavailable`.
pub fn refuse_newer(conn: &mut Conn) -> Result<(), ApiError> {
    let known = known()?;
    match run(conn)?.into_iter().find(|version| !known.contains(version)) {
        Some(version) => Err(ApiError::unavailable(format!("its schema is of a later version of this program, which has run {version}"))),
        None => Ok(()),
    }
}

/// The versions of the migrations that this program has; both databases have migrations of the same names.
fn known() -> Result<HashSet<String>, ApiError> {
    let all = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(ApiError::internal)?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The versions that were run.
fn run(conn: &mut Conn) -> Result<HashSet<String>, ApiError> {
    use __diesel_schema_migrations::dsl;
    // Not by `has_pending_migration`: it makes this table where it is absent, which a standby refuses.
    Ok(dsl::__diesel_schema_migrations.select(dsl::version).load(conn).map_err(ApiError::unavailable)?.into_iter().collect())
}

/// Makes a file and its folders where they are absent, accessible to their owner alone, since the file will hold the hashes of
/// passwords. SQLite gives the files beside it the same permissions.
fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Locks what a database has only once (its schema, its provinces, its first key) until the transaction ends, so that servers
/// that start together make it one after the other; nothing on SQLite, which has one writer.
///
/// # Errors
/// `busy` where another server needs longer than a minute.
pub fn lock_installation(conn: &mut Conn) -> Result<(), ApiError> {
    if let Conn::Postgres(pg) = conn {
        // Any constant serves, so long as it stays; it is the ASCII of "mahalleh".
        pg.batch_execute(
            "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7881695590515238248)",
        )?;
    }
    Ok(())
}

/// Whether every migration has been run; asks without writing.
///
/// # Errors
/// `unavailable` where the database can't be reached.
pub fn is_current(conn: &mut Conn) -> Result<bool, ApiError> {
    Ok(known()?.is_subset(&run(conn)?))
}

fn names<T: std::fmt::Display>(run: Result<Vec<T>, impl std::fmt::Display>) -> Result<Vec<String>, ApiError> {
    let run = run.map_err(ApiError::internal)?;
    Ok(run.iter().map(ToString::to_string).collect())
}

/// Removes all that a database holds, and makes its schema anew, in one transaction.
///
/// # Errors
/// As [`migrate`].
pub fn empty(target: &Target) -> Result<Migrated, ApiError> {
    let mut conn = target.connect(true)?;
    in_transaction(&mut conn, |conn| {
        lock_installation(conn)?;
        match conn {
            Conn::Postgres(pg) => names(pg.revert_all_migrations(POSTGRES))?,
            Conn::Sqlite(sqlite) => names(sqlite.revert_all_migrations(SQLITE))?,
        };
        run_pending(conn)
    })
}
