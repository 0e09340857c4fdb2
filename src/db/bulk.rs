//! Many rows at once: COPY on PostgreSQL, one statement with many rows on SQLite; to change rows, such a statement on both.

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

/// Writes rows as they are to be over those of the same province and id, which the transaction holds, with the columns that may differ.
///
/// Neither database has an UPDATE of many rows by themselves; an insert that meets the row that is there is one.
macro_rules! update_all {
    ($conn:expr, $table:ident, $rows:expr, ($($column:ident),+ $(,)?)) => {{
        use $crate::db::schema::$table::dsl;
        let rows = $rows;
        match $conn {
            $crate::db::Conn::Postgres(pg) => $crate::db::update_all!(@on pg, $table, rows, ($($column),+), 500, 50, 5, 1),
            $crate::db::Conn::Sqlite(sqlite) => $crate::db::update_all!(@on sqlite, $table, rows, ($($column),+), 500, 50, 5, 1),
        }
    }};
    (@on $conn:expr, $table:ident, $rows:expr, $columns:tt, $($count:literal),+) => {{
        let rest = $rows;
        $(
            let (chunks, rest) = rest.as_chunks::<$count>();
            for rows in chunks {
                let insert = diesel::insert_into($crate::db::schema::$table::table).values(rows).on_conflict((dsl::province_id, dsl::id));
                diesel::RunQueryDsl::execute(insert.do_update().set($crate::db::update_all!(@set $columns)), $conn)?;
            }
        )+
        debug_assert!(rest.is_empty(), "the last chunks are of one");
    }};
    (@set ($($column:ident),+)) => {
        ($(diesel::ExpressionMethods::eq(dsl::$column, diesel::upsert::excluded(dsl::$column)),)+)
    };
}
pub(crate) use update_all;
