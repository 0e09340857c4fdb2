//! The connection enum, in a file of its own because its derive writes public items without documentation.
#![allow(missing_docs, clippy::pedantic, reason = "what the derive writes")]

use diesel::{MultiConnection, PgConnection, SqliteConnection};

/// A connection to either database; one set of queries serves both.
#[derive(MultiConnection)]
pub enum Conn {
    /// PostgreSQL, by libpq.
    Postgres(PgConnection),
    /// SQLite, embedded.
    Sqlite(SqliteConnection),
}
