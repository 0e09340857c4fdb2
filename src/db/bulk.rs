//! Many rows at once: COPY on PostgreSQL, one statement with many rows on SQLite; to change rows, such a statement on both.

/// Executes a statement for chunks of the rows: of 500, which is a batch of an import, and for the rest of 50, 5 and 1; each of the
/// four is prepared once. On SQLite a statement copies each page that it touches, so that it can be undone; the more rows share
/// that, the better.
macro_rules! in_chunks {
    ($conn:expr, $rows:expr, $chunk:ident => $statement:expr) => {
        $crate::db::in_chunks!(@of $conn, $rows, $chunk => $statement, 500, 50, 5, 1)
    };
    (@of $conn:expr, $rows:expr, $chunk:ident => $statement:expr, $($count:literal),+) => {{
        let rest = $rows;
        $(
            let (chunks, rest) = rest.as_chunks::<$count>();
            for $chunk in chunks {
                diesel::RunQueryDsl::execute($statement, $conn)?;
            }
        )+
        debug_assert!(rest.is_empty(), "the last chunks are of one");
    }};
}
pub(crate) use in_chunks;

/// Inserts a slice of rows into a table; the rows' type names every column that has no default.
///
/// The connection enum has neither COPY nor an insert of many rows (DESIGN §4), so the statement stands here twice.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        if !rows.is_empty() {
            match $conn {
                $crate::db::Conn::Postgres(pg) => {
                    diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?;
                }
                $crate::db::Conn::Sqlite(sqlite) => {
                    $crate::db::in_chunks!(sqlite, rows, chunk => diesel::insert_into($table).values(chunk));
                }
            }
        }
    }};
}
pub(crate) use insert_all;

/// Overwrites rows of the same province and id, which the transaction has locked; `columns` are those that may differ.
///
/// Neither database can UPDATE many rows, each to values of its own, in a plain statement; an insert that conflicts with the row
/// that is there does.
macro_rules! update_all {
    ($conn:expr, $table:ident, $rows:expr, $columns:tt) => {{
        let rows = $rows;
        match $conn {
            $crate::db::Conn::Postgres(pg) => $crate::db::in_chunks!(pg, rows, chunk => $crate::db::update_all!(@of $table, chunk, $columns)),
            $crate::db::Conn::Sqlite(sqlite) => {
                $crate::db::in_chunks!(sqlite, rows, chunk => $crate::db::update_all!(@of $table, chunk, $columns));
            }
        }
    }};
    (@of $table:ident, $rows:expr, ($($column:ident),+ $(,)?)) => {{
        use $crate::db::schema::$table::{dsl, table};
        diesel::insert_into(table)
            .values($rows)
            .on_conflict((dsl::province_id, dsl::id))
            .do_update()
            .set(($(diesel::ExpressionMethods::eq(dsl::$column, diesel::upsert::excluded(dsl::$column)),)+))
    }};
}
pub(crate) use update_all;
