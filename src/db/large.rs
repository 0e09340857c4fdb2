//! Housekeeping around a transaction that writes very much, done outside it, so that neither it nor the next writer has to.

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Bool};

use super::Conn;

/// Called before a large transaction: on SQLite its commit then does not move what it wrote from the log into the file, which
/// would prolong it.
///
/// # Errors
/// Those of the database.
pub fn begin(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_autocheckpoint = 0"),
        Conn::Postgres(_) => Ok(()),
    }
}

/// Called after a large transaction: moves the log into the file on SQLite, and merges the pending list of a table's search index
/// on PostgreSQL, which the next small write would otherwise have to do. It holds up no reader and no writer; where it fails, the
/// database does it later by itself.
pub fn end(conn: &mut Conn, table: &'static str) {
    let done = match conn {
        Conn::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_autocheckpoint = 1000"),
        Conn::Postgres(pg) => pg.batch_execute(&format!("SELECT gin_clean_pending_list('{table}_search')")),
    };
    if let Err(error) = done {
        tracing::debug!(%error, "what a large transaction left was not tidied");
    }
}

#[derive(QueryableByName)]
struct Unknown {
    #[diesel(sql_type = Bool)]
    unknown: bool,
}

/// Called within a large transaction, after some thousand rows: has PostgreSQL analyze a table that was empty or small before. The
/// planner would not learn of the new rows before the end, and would go on to look up keys by reading all rows of the province.
///
/// # Errors
/// Those of the database.
pub fn learn(conn: &mut Conn, table: &'static str) -> diesel::QueryResult<()> {
    if let Conn::Postgres(pg) = conn {
        let known = format!("SELECT reltuples < 1000 AS unknown FROM pg_class WHERE oid = '{table}'::regclass");
        if sql_query(known).get_result::<Unknown>(pg)?.unknown {
            pg.batch_execute(&format!("ANALYZE {table}"))?;
        }
    }
    Ok(())
}
