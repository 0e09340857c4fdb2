//! Copies a whole register from one kind of database into the other: every row of every table as text that both can read and
//! write, so that nothing is rounded or spelt differently on the way.

mod spelling;

use std::collections::HashMap;

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{DefaultLoadingMode, SimpleConnection},
    pg::PgRowByRowLoadingMode,
    sql_query,
    sql_types::{Integer, Text},
};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use self::spelling::{Column, Kind};
use super::{Conn, in_snapshot, in_transaction, lock_installation};
use crate::error::ApiError;

/// Every table, each after those that it refers to; a test compares them with the databases.
pub const TABLES: [&str; 25] = [
    "provinces",
    "instance",
    "signing_keys",
    "login_failures",
    "domains",
    "agencies",
    "neighborhoods",
    "users",
    "mandates",
    "sessions",
    "refresh_tokens",
    "idempotency_keys",
    "clients",
    "client_neighborhoods",
    "client_secrets",
    "initiatives",
    "initiative_agencies",
    "responsibilities",
    "deferrals",
    "event_heads",
    "events",
    "event_bulks",
    "imports",
    "import_chunks",
    "import_batches",
];

/// Rows, and bytes of text, after which a statement takes no further row.
const MAX_ROWS: usize = 1000;
const MAX_BYTES: usize = 1 << 20;

/// A table and its number of rows.
pub type Counted = (&'static str, u64);

/// Why nothing was copied.
#[derive(Debug)]
pub enum Stopped {
    /// A database failed.
    Failed(ApiError),
    /// There are rows in this table of the new database.
    NotEmpty(&'static str),
    /// What was written to this table is not what was read.
    Differs(&'static str),
}

impl From<ApiError> for Stopped {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// Copies all rows as they are at one instant into an empty database of the other kind, in one transaction, reads them there again
/// and compares; `check` has the last word before they are kept.
///
/// # Errors
/// Why it stopped, and what `check` gives; then the new database is as empty as before.
pub fn copy<E: From<Stopped> + From<ApiError>>(
    from: &mut Conn,
    to: &mut Conn,
    check: impl FnOnce(&mut Conn) -> Result<(), E>,
) -> Result<Vec<Counted>, E> {
    let columns = match (&mut *from, &mut *to) {
        (Conn::Postgres(pg), Conn::Sqlite(_)) | (Conn::Sqlite(_), Conn::Postgres(pg)) => columns(pg).map_err(Stopped::from)?,
        _ => return Err(ApiError::internal("two databases of one kind").into()),
    };
    let mut outcome = None;
    let read = in_snapshot(from, |from| {
        outcome = Some(in_transaction(to, |to| {
            lock_installation(to)?;
            set_up(from)?;
            set_up(to)?;
            let counted = TABLES.into_iter().map(|table| Ok((table, one(from, to, table, &columns)?))).collect::<Result<_, Stopped>>()?;
            go_on_counting(to)?;
            check(to)?;
            Ok(counted)
        }));
        Ok(())
    });
    // What was committed stays, however the reading ended.
    outcome.unwrap_or_else(|| Err(read.err().unwrap_or_else(|| ApiError::internal("nothing was read")).into()))
}

/// New events are numbered after those that were copied; SQLite sees to it by itself.
fn go_on_counting(to: &mut Conn) -> Result<(), ApiError> {
    match to {
        Conn::Postgres(pg) => {
            Ok(pg.batch_execute("SELECT setval('events_intake_seq', (SELECT COALESCE(MAX(intake), 0) + 1 FROM events), false)")?)
        }
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Lets PostgreSQL take as long as it needs and write every digit, whatever the role or the database has set.
fn set_up(conn: &mut Conn) -> Result<(), ApiError> {
    const SETTINGS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
        SET LOCAL extra_float_digits = 1; SET LOCAL datestyle = 'ISO, YMD'";
    match conn {
        Conn::Postgres(pg) => Ok(pg.batch_execute(SETTINGS)?),
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Copies one table and compares; gives the number of its rows.
fn one(from: &mut Conn, to: &mut Conn, table: &'static str, columns: &HashMap<String, Vec<Column>>) -> Result<u64, Stopped> {
    let columns = columns.get(table).ok_or_else(|| ApiError::internal(format!("there is no table {table}")))?;
    if holds_rows(to, table)? {
        return Err(Stopped::NotEmpty(table));
    }
    let insert = insert(to, table, columns);
    let mut batch = Vec::new();
    let mut bytes = 0;
    let read = contents(from, table, columns, |row| {
        bytes += row.len();
        batch.push(row);
        if batch.len() >= MAX_ROWS || bytes >= MAX_BYTES {
            bytes = 0;
            put(to, &insert, &std::mem::take(&mut batch))?;
        }
        Ok(())
    })?;
    put(to, &insert, &batch)?;
    if contents(to, table, columns, |_| Ok(()))? == read { Ok(read.rows) } else { Err(Stopped::Differs(table)) }
}

fn holds_rows(conn: &mut Conn, table: &str) -> Result<bool, ApiError> {
    #[derive(QueryableByName)]
    struct Asked {
        #[diesel(sql_type = Integer)]
        holds: i32,
    }
    let asked = sql_query(format!("SELECT CAST(EXISTS (SELECT 1 FROM {table}) AS INTEGER) AS holds"));
    Ok(asked.get_result::<Asked>(conn)?.holds != 0)
}

fn put(to: &mut Conn, insert: &str, rows: &[String]) -> Result<(), ApiError> {
    sql_query(insert).bind::<Text, _>(format!("[{}]", rows.join(","))).execute(to)?;
    Ok(())
}

/// A sum of what a table holds, whatever the order of its rows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Contents {
    rows: u64,
    /// The sum of the rows' hashes.
    digest: u128,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Reads a table row by row, each as a JSON array of texts and nulls.
fn contents(
    conn: &mut Conn,
    table: &str,
    columns: &[Column],
    mut each: impl FnMut(String) -> Result<(), ApiError>,
) -> Result<Contents, ApiError> {
    let on_postgres = conn.is_postgres();
    let values: Vec<String> = columns.iter().map(|column| column.kind.read(&column.quoted(), on_postgres)).collect();
    let array = if on_postgres { "json_build_array" } else { "json_array" };
    let select = format!("SELECT CAST({array}({}) AS TEXT) AS \"row\" FROM {table}", values.join(", "));
    let mut contents = Contents::default();
    let take = |row: diesel::QueryResult<Row>| {
        let row = row?.row;
        contents.rows += 1;
        contents.digest = contents.digest.wrapping_add(digest(&row, columns)?);
        each(row)
    };
    match conn {
        Conn::Postgres(pg) => sql_query(select).load_iter::<Row, PgRowByRowLoadingMode>(pg)?.try_for_each(take)?,
        Conn::Sqlite(sqlite) => sql_query(select).load_iter::<Row, DefaultLoadingMode>(sqlite)?.try_for_each(take)?,
    }
    Ok(contents)
}

/// The hash of a row. Documents and fractions are parsed first, since each database may spell the same value in its own way.
fn digest(row: &str, columns: &[Column]) -> Result<u128, ApiError> {
    let mut values: Vec<Value> = serde_json::from_str(row).map_err(ApiError::internal)?;
    for (value, column) in values.iter_mut().zip(columns) {
        if let (Kind::Document | Kind::Fraction, Some(text)) = (column.kind, value.as_str()) {
            *value = serde_json::from_str(text).map_err(ApiError::internal)?;
        }
    }
    let canonical = serde_json_canonicalizer::to_vec(&values).map_err(ApiError::internal)?;
    Ok(xxh3_128(&canonical))
}

/// The statement that adds the rows of a JSON array to a table.
fn insert(to: &Conn, table: &str, columns: &[Column]) -> String {
    let on_postgres = to.is_postgres();
    let names: Vec<String> = columns.iter().map(Column::quoted).collect();
    let row = if on_postgres { "r" } else { "r.value" };
    let values: Vec<String> =
        columns.iter().enumerate().map(|(place, column)| column.kind.write(&format!("{row} ->> {place}"), on_postgres)).collect();
    let rows = if on_postgres { "json_array_elements($1::json) AS r" } else { "json_each(?) AS r" };
    format!("INSERT INTO {table} ({}) SELECT {} FROM {rows}", names.join(", "), values.join(", "))
}

/// The columns of each table, as PostgreSQL knows them; SQLite's have the same names (src/db/schema.rs).
fn columns(pg: &mut diesel::PgConnection) -> Result<HashMap<String, Vec<Column>>, ApiError> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = Text)]
        table: String,
        #[diesel(sql_type = Text)]
        column: String,
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let known: Vec<Known> = sql_query(
        "SELECT table_name::text AS \"table\", column_name::text AS \"column\", data_type::text AS kind FROM information_schema.columns \
         WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position",
    )
    .load(pg)?;
    let mut columns: HashMap<String, Vec<Column>> = HashMap::new();
    for Known { table, column, kind } in known.into_iter().filter(|known| TABLES.contains(&known.table.as_str())) {
        let kind = Kind::of(&kind).ok_or_else(|| ApiError::internal(format!("{table}.{column} is of type {kind}")))?;
        columns.entry(table).or_default().push(Column { name: column, kind });
    }
    Ok(columns)
}
