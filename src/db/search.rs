//! Substring search over folded keys: `pg_trgm` on PostgreSQL, FTS5 trigrams on SQLite (DESIGN §4, decision 9).

use diesel::{
    connection::SimpleConnection,
    dsl::AsExprOf,
    expression::{SqlLiteral, UncheckedBind},
    sql_types::{Bool, Text},
};

use super::Conn;
use crate::{error::ApiError, persian};

/// Stands before each part of a key: the same character twice, so that the beginning of a part, be it one letter, is a substring of
/// three characters or more. No text holds it, since control characters are refused.
const BEGIN: &str = "\u{1f}\u{1f}";

/// The stored key of a thing: its folded, blank-free code, name and English name.
pub fn key(parts: &[Option<&str>]) -> String {
    parts.iter().flatten().flat_map(|part| [BEGIN.to_owned(), persian::search_key(part)]).collect()
}

/// A condition with one bound word.
pub type Condition = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

/// The condition that a table's key holds a word; one shorter than three letters must begin a part.
pub fn contains(conn: &Conn, table: &'static str, word: &str) -> Condition {
    let needle = if word.chars().count() < 3 { format!("{BEGIN}{word}") } else { word.to_owned() };
    if conn.is_postgres() {
        let pattern = format!("%{}%", needle.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        return diesel::dsl::sql::<Bool>(&format!("({table}.search_key LIKE ")).bind::<Text, _>(pattern).sql(")");
    }
    let phrase = format!("\"{}\"", needle.replace('"', "\"\""));
    let rows = format!("({table}.row_no IN (SELECT rowid FROM {table}_search WHERE search_key MATCH ");
    diesel::dsl::sql::<Bool>(&rows).bind::<Text, _>(phrase).sql("))")
}

/// Keeps rows that are inserted into a table or changed out of the search until [`gather`], which the same transaction must call
/// before it deletes any of them. SQLite's search takes many rows at once ten times as fast as one by one, since each statement
/// makes it write out what it holds. Nothing on PostgreSQL.
///
/// # Errors
/// Those of the database.
pub fn hold(conn: &mut Conn, table: &'static str) -> Result<(), ApiError> {
    if let Conn::Sqlite(sqlite) = conn {
        sqlite
            .batch_execute(&format!("INSERT INTO waiting_search (name, after) SELECT '{table}', coalesce(max(row_no), 0) FROM {table}"))?;
    }
    Ok(())
}

/// Puts what was inserted or changed since [`hold`] into the search.
///
/// # Errors
/// Those of the database.
pub fn gather(conn: &mut Conn, table: &'static str) -> Result<(), ApiError> {
    if let Conn::Sqlite(sqlite) = conn {
        sqlite.batch_execute(&format!(
            "INSERT INTO {table}_search ({table}_search, rowid, search_key) \
                 SELECT 'delete', row_no, search_key FROM changed_search WHERE name = '{table}' ORDER BY row_no; \
             INSERT INTO {table}_search (rowid, search_key) SELECT row_no, search_key FROM {table} \
                 WHERE row_no IN (SELECT row_no FROM changed_search WHERE name = '{table}') ORDER BY row_no; \
             DELETE FROM changed_search WHERE name = '{table}'; \
             INSERT INTO {table}_search (rowid, search_key) SELECT row_no, search_key FROM {table} \
                 WHERE row_no > (SELECT after FROM waiting_search WHERE name = '{table}') ORDER BY row_no; \
             DELETE FROM waiting_search WHERE name = '{table}'"
        ))?;
    }
    Ok(())
}
