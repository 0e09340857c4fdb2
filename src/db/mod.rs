//! The two databases behind one connection type. Requests come to them by [`Db::read`] and [`Db::write`], and their kin for a standby;
//! an import and a command have a connection of their own by [`Target::connect`].

mod among;
mod bulk;
mod checkpoint;
mod condition;
mod conn;
mod copy;
mod errors;
pub mod large;
mod limited;
mod locks;
mod migrate;
pub mod names;
mod pool;
mod queue;
pub mod schema;
pub mod search;
pub mod tally;
mod text_enum;
mod totalled;
pub mod types;
mod url;
mod versioned;
mod within;
mod writer;

use std::{
    fmt::{self, Display},
    path::PathBuf,
    time::Duration,
};

use diesel::{
    PgConnection, SqliteConnection,
    connection::{Connection, Instrumentation, SimpleConnection},
};

pub use among::{Among, among};
pub(crate) use bulk::{in_chunks, insert_all, update_all};
pub use checkpoint::move_all;
pub use conn::{Conn, MultiBackend, MultiRawValue};
pub use copy::{Counted, Stopped, TABLES, copy};
pub use limited::limited;
pub use locks::{Held, Referred, Root, Roots, lock, lock_all, lock_imports, lock_referred, lock_user};
pub use migrate::{Migrated, Tables, empty, is_current, lock_installation, migrate, refuse_newer, tables};
pub use text_enum::TextEnum;
pub(crate) use text_enum::text_enum;
pub use totalled::totalled;
pub use types::{Id, JsonDoc, Timestamp};
pub(crate) use versioned::{insert_row, update_row};
pub use within::within;
pub use writer::{in_snapshot, in_transaction};

use crate::error::ApiError;

impl Conn {
    /// Whether this is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

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
    fn unusable(&self, error: impl Display) -> ApiError {
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

/// How many connections, and how long work may wait for one.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Connections that read.
    pub readers: usize,
    /// Connections that write; SQLite has one whatever this says.
    pub writers: usize,
    /// How long work waits for a connection before it is refused as busy.
    pub patience: Duration,
}

impl Default for PoolSize {
    /// Four readers a core and at least eight, so that slow reads leave room for quick ones. As many writers, but at most sixteen:
    /// PostgreSQL commits many writes with one flush, and more of its processes would only wait for a core. Five seconds of patience.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let readers = cores.saturating_mul(4).max(8);
        Self { readers, writers: readers.min(16), patience: Duration::from_secs(5) }
    }
}

/// The database: readers and writers.
#[derive(Clone)]
pub struct Db {
    target: Target,
    readers: pool::Pool,
    writers: pool::Pool,
    /// Whether the readers ask a standby, which lags behind what was written.
    lags: bool,
}

impl Db {
    /// Starts the pools. Connections are opened when first needed.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn start(target: &Target, replica: Option<&Target>, size: PoolSize) -> std::io::Result<Self> {
        let (writers, worker): (usize, pool::Worker) = match target {
            Target::Sqlite(_) => (1, writer::in_groups),
            Target::Postgres(_) => (size.writers, writer::one_by_one),
        };
        Ok(Self {
            target: target.clone(),
            readers: pool::Pool::start("db-read", replica.unwrap_or(target), size.readers, size.patience, pool::read_worker)?,
            writers: pool::Pool::start("db-write", target, writers, size.patience, worker)?,
            lags: replica.is_some(),
        })
    }

    /// Which database this is.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Reads, perhaps from a standby that lags behind what was written.
    ///
    /// # Errors
    /// What `work` gives; `busy` where no connection was free in time.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.readers.run(Box::new(work)).await
    }

    /// Hands work to a reader, if there is room in the queue; its result is dropped.
    pub fn also_read(&self, work: impl FnOnce(&mut Conn) -> Result<(), ApiError> + Send + 'static) {
        self.readers.hand(Box::new(work));
    }

    /// Reads what must be as it is now: who is calling, the signing keys, what waits to be sealed. Never from a standby.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        if self.lags { self.write(work).await } else { self.read(work).await }
    }

    /// Writes, in one transaction that is committed when this returns `Ok`, and leaves nothing behind otherwise.
    ///
    /// # Errors
    /// What `work` gives; `busy` where no connection was free in time.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.writers.run(Box::new(work)).await
    }

    /// Waits until the writes in the queue have had their turn. Whoever writes in transactions of its own, beside the pool, calls this
    /// between two of them: SQLite gives its lock to whoever asks while it is free, and a waiting writer asks only now and then.
    /// PostgreSQL needs no such thing.
    pub fn let_others_write(&self) {
        if matches!(self.target, Target::Sqlite(_)) {
            self.writers.wait_for_turn();
        }
    }

    /// Makes a reader report its statements to `watch`; for tests that count them, on a database with one reader.
    ///
    /// # Errors
    /// `unavailable` where the database can't be reached.
    pub async fn instrument_reads<I: Instrumentation + Clone + Sync>(&self, watch: I) -> Result<(), ApiError> {
        self.read(move |conn| {
            conn.set_instrumentation(watch);
            Ok(())
        })
        .await
    }
}
