//! Inserting a row of a resource, and updating it if it still has the version that was read.

/// Inserts a new row of the caller's province with these columns, and gives it.
///
/// # Errors
/// Those of the database.
macro_rules! insert_row {
    ($tx:expr, $columns:expr) => {{
        let tx: &mut $crate::tx::Tx<'_> = $tx;
        let (province, id, now) = (tx.province_id(), tx.new_id(), tx.now());
        let own = (dsl::province_id.eq(province), dsl::id.eq(id), dsl::version.eq(1), dsl::created_at.eq(now), dsl::updated_at.eq(now));
        let inserted = diesel::insert_into(table::table).values((own, $columns)).returning(table::all_columns).get_result(tx.conn);
        inserted.map_err($crate::error::ApiError::from)
    }};
}
pub(crate) use insert_row;

/// Updates columns of the row that was read, raises its version by one, and gives the updated row.
///
/// # Errors
/// `stale_version` where it has changed since.
macro_rules! update_row {
    ($tx:expr, $row:expr, $columns:expr) => {{
        let (row, columns) = ($row, $columns);
        let tx: &mut $crate::tx::Tx<'_> = $tx;
        let same = table::table.find((row.province_id, row.id)).filter(dsl::version.eq(row.version));
        let next = (columns, dsl::version.eq(row.version + 1), dsl::updated_at.eq(tx.now()));
        let updated = diesel::update(same).set(next).returning(table::all_columns).get_result(tx.conn).optional();
        updated.map_err($crate::error::ApiError::from).and_then(|row| row.ok_or_else($crate::error::ApiError::stale))
    }};
}
pub(crate) use update_row;
