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
mod target;
mod text_enum;
mod totalled;
pub mod types;
mod url;
mod versioned;
mod within;
mod writer;

use std::time::Duration;

use diesel::connection::{Connection, Instrumentation};

pub use among::{Among, among};
pub(crate) use bulk::{in_chunks, insert_all, update_all};
pub use checkpoint::move_all;
pub use conn::{Conn, MultiBackend, MultiRawValue};
pub use copy::{Counted, Stopped, TABLES, copy};
pub use limited::limited;
pub use locks::{
    Held, Root, Roots, Written, lock, lock_all, lock_ending, lock_imports, lock_referred, lock_seals, lock_user, lock_user_briefly,
};
pub use migrate::{Migrated, Tables, empty, is_current, lock_installation, migrate, refuse_newer, tables};
pub use target::Target;
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
