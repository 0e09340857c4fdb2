//! Many rows at once: COPY on PostgreSQL, one statement with many rows on SQLite.

/// Inserts a slice of rows into a table; the rows' type names every column that has no default.
///
/// The connection enum has neither (DESIGN §4), so the statement stands here twice. On SQLite it is one of sixteen rows, which
/// is prepared once, and for the rest one of a single row.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        if !rows.is_empty() {
            match $conn {
                $crate::db::Conn::Postgres(pg) => diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?,
                $crate::db::Conn::Sqlite(sqlite) => {
                    let (sixteens, rest) = rows.as_chunks::<16>();
                    for rows in sixteens {
                        diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), sqlite)?;
                    }
                    for row in rest {
                        diesel::RunQueryDsl::execute(diesel::insert_into($table).values(row), sqlite)?;
                    }
                    rows.len()
                }
            };
        }
    }};
}
pub(crate) use insert_all;
