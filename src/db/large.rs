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

/// Called after a large transaction: moves the log into the file on SQLite, and on PostgreSQL merges the pending list of a table's
/// search index, which the next small write would otherwise have to do, and analyzes the table. It holds up no reader and no writer;
/// where it fails, the database does it later by itself.
pub fn end(conn: &mut Conn, table: &'static str) {
    let done = match conn {
        Conn::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_autocheckpoint = 1000"),
        Conn::Postgres(pg) => {
            pg.batch_execute(&format!("SELECT gin_clean_pending_list('{table}_search')")).and_then(|()| analyze_if_outgrown(conn, table))
        }
    };
    if let Err(error) = done {
        tracing::debug!(%error, "what a large transaction left was not tidied");
    }
}

#[derive(QueryableByName)]
struct Growth {
    #[diesel(sql_type = Bool)]
    has_doubled: bool,
}

/// Whether a table of PostgreSQL has at least doubled since its size was noted, as `ANALYZE` does, and is the server's own to analyze.
/// By itself the database looks for that once a minute, and not within a transaction. Until then it plans by what a small table held:
/// where a thousand events were all of one province and waited to be sealed, it takes a hundred thousand for just so, and reads them all.
///
/// # Errors
/// Those of the database.
pub fn has_outgrown(conn: &mut Conn, table: &'static str) -> diesel::QueryResult<bool> {
    let Conn::Postgres(pg) = conn else { return Ok(false) };
    let growth = format!(
        "SELECT pg_relation_size(oid) >= 2 * greatest(relpages, 1) * current_setting('block_size')::bigint AND pg_has_role(relowner, 'USAGE') \
         AND NOT pg_is_in_recovery() AS has_doubled FROM pg_class WHERE oid = '{table}'::regclass"
    );
    Ok(sql_query(growth).get_result::<Growth>(pg)?.has_doubled)
}

/// Has PostgreSQL analyze a table that has outgrown what is known of it: after a large transaction, and within one after some thousand
/// rows, which the planner would else go on to look up by reading all rows of the province. Where it is being vacuumed, that is not
/// broken off.
///
/// # Errors
/// Those of the database.
pub fn analyze_if_outgrown(conn: &mut Conn, table: &'static str) -> diesel::QueryResult<()> {
    if has_outgrown(conn, table)? { conn.batch_execute(&format!("ANALYZE (SKIP_LOCKED) {table}")) } else { Ok(()) }
}
