//! Many rows at once: COPY on PostgreSQL, one statement with many rows on SQLite.

/// Inserts a slice of rows into a table; the rows' type names every column that has no default.
///
/// The connection enum has neither (DESIGN §4), so the statement stands here twice. On SQLite it is one of five hundred rows, which
/// is a batch of an import, and for the rest of fifty, of five and of one, each prepared once: a statement copies each page that
/// it touches, so that it can be undone, and the more rows share that the better.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        if !rows.is_empty() {
            match $conn {
                $crate::db::Conn::Postgres(pg) => diesel::ExecuteCopyFromDsl::execute(diesel::copy_from($table).from_insertable(rows), pg)?,
                $crate::db::Conn::Sqlite(sqlite) => {
                    $crate::db::insert_all!(@sqlite sqlite, $table, rows, 500, 50, 5, 1);
                    rows.len()
                }
            };
        }
    }};
    (@sqlite $sqlite:expr, $table:expr, $rows:expr, $($count:literal),+) => {
        let rest = $rows;
        $(
            let (chunks, rest) = rest.as_chunks::<$count>();
            for rows in chunks {
                diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), $sqlite)?;
            }
        )+
        debug_assert!(rest.is_empty(), "the last chunks are of one");
    };
}
pub(crate) use insert_all;
