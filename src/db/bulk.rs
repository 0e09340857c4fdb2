//! Many rows at once: COPY on PostgreSQL, one statement with many rows on SQLite.

/// Inserts a slice of rows into a table; the rows' type names every column that has no default.
///
/// The connection enum has neither (DESIGN §4), so the statement stands here twice. On SQLite it is one of a hundred rows, for the
/// rest ones of ten and of one, each prepared once: a statement copies each page that it touches, so that it can be undone, and
/// the more rows share that the better (measured: a quarter less than with sixteen).
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        if !rows.is_empty() {
            match $conn {
                $crate::db::Conn::Postgres(pg) => diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?,
                $crate::db::Conn::Sqlite(sqlite) => {
                    let (hundreds, rest) = rows.as_chunks::<100>();
                    for rows in hundreds {
                        diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), sqlite)?;
                    }
                    let (tens, rest) = rest.as_chunks::<10>();
                    for rows in tens {
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
