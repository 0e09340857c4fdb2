//! Which database, and its connections: how each is set up.

use std::{
    fmt::{self, Display},
    path::PathBuf,
};

use diesel::{
    PgConnection, SqliteConnection,
    connection::{Connection, SimpleConnection},
};

use super::{Conn, tally, url};
use crate::error::ApiError;

/// Which database, by the scheme of `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, as libpq takes it, several hosts included.
    Postgres(String),
}

impl fmt::Debug for Target {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

impl Target {
    /// Reads a database URL. An unknown scheme is refused, since SQLite would take any text for a path.
    ///
    /// # Errors
    /// A sentence that says which schemes there are; never the URL, which may hold a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // Each connection to a database in memory would have one of its own.
            return if path.is_empty() || path == ":memory:" {
                Err("sqlite: needs the path of a file, as in sqlite:./data/mahalleh.db".into())
            } else {
                Ok(Self::Sqlite(path.into()))
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return url::check(url).map(|()| Self::Postgres(url.to_owned()));
        }
        Err("it must begin with sqlite: or postgres://".into())
    }

    /// Opens a connection for an import, which writes much at once: it has more memory than others for what is not yet written or merged.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub fn connect_for_import(&self) -> Result<Conn, ApiError> {
        let mut conn = self.connect(true)?;
        match &mut conn {
            Conn::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA cache_size = -40960;").map_err(ApiError::unavailable)?,
            // A longer pending list of the search index is merged less often. Without sequential scans the parent of a foreign key is
            // found by an index; where its table is small the planner prefers to read it whole, and does so again for every row.
            Conn::Postgres(pg) => {
                pg.batch_execute("SET gin_pending_list_limit = '32MB'; SET work_mem = '32MB'; SET enable_seqscan = off;")
                    .map_err(ApiError::unavailable)?;
            }
        }
        Ok(conn)
    }

    /// `unavailable`, with the file that it is about; what PostgreSQL says names its server itself.
    pub(super) fn unusable(&self, error: impl Display) -> ApiError {
        match self {
            Self::Sqlite(path) => ApiError::unavailable(format!("{}: {error}", path.display())),
            Self::Postgres(_) => ApiError::unavailable(error),
        }
    }

    /// Opens a connection and sets it up; on SQLite one without `writes` refuses to write.
    ///
    /// # Errors
    /// `unavailable` where the database can't be reached.
    pub fn connect(&self, writes: bool) -> Result<Conn, ApiError> {
        match self {
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| self.unusable(error))?;
                set_up_sqlite(&mut conn).and_then(|()| tally::register(&mut conn)).map_err(|error| self.unusable(error))?;
                if !writes {
                    conn.batch_execute("PRAGMA query_only = ON;").map_err(|error| self.unusable(error))?;
                }
                Ok(Conn::Sqlite(conn))
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(&url::bounded(url)).map_err(ApiError::unavailable)?;
                conn.batch_execute(SESSION).map_err(ApiError::unavailable)?;
                Ok(Conn::Postgres(conn))
            }
        }
    }
}

/// What a session of PostgreSQL begins with. Compiling a statement (`jit`) takes longer than it saves, and is done anew at each use. The
/// last two lines free what a server held that froze or was cut off, so that others go on.
const SESSION: &str = "SET lock_timeout = '5s'; SET statement_timeout = '30s'; SET client_min_messages = warning; SET jit = off; \
    SET idle_in_transaction_session_timeout = '60s'; \
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '30s';";

/// Sets up a SQLite connection: the timeout first; `synchronous = FULL`, so that an acknowledged write survives a power cut. Nothing of it
/// stays in the file.
fn set_up_sqlite(conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -8000;",
    )
}
