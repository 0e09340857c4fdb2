//! Updating a row of a resource, if it still has the version that was read.

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
