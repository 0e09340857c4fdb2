//! What a transaction that writes very much leaves to be done after it, so that neither it nor the next writer has to.

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Bool};

use super::Conn;

/// Before a large transaction: on SQLite its commit does not move what it wrote from the log into the file, which would be a part
/// of its time.
///
/// # Errors
/// Those of the database.
pub fn begin(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA wal_autocheckpoint = 0"),
        Conn::Postgres(_) => Ok(()),
    }
}

/// After it: moves the log into the file on SQLite, and merges what waits for a table's search on PostgreSQL, which the next
/// small write would have to do else. It holds up no reader and no writer; where it fails, the database does it later by itself.
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

/// In its midst, when there are some thousand rows: has PostgreSQL count a table that was empty or small before, since it would go
/// on to look up keys by reading all rows of the province, and the planner would not hear of the new ones before the end.
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
