//! A file in pieces, as it was sent.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::{
    db::{Conn, Id, Timestamp, schema::import_chunks},
    error::ApiError,
};

/// Keeps a piece of a file.
///
/// # Errors
/// Those of the database.
pub fn insert_chunk(conn: &mut Conn, province_id: i32, import: Id, number: i32, bytes: &[u8], now: Timestamp) -> Result<(), ApiError> {
    use import_chunks as chunk;
    diesel::insert_into(chunk::table)
        .values((
            (chunk::province_id.eq(province_id), chunk::import_id.eq(import), chunk::number.eq(number)),
            (chunk::bytes.eq(bytes), chunk::created_at.eq(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// A piece of a file; none after the last.
///
/// # Errors
/// Those of the database.
pub fn chunk(conn: &mut Conn, province_id: i32, import: Id, number: i32) -> Result<Option<Vec<u8>>, ApiError> {
    Ok(import_chunks::table.find((province_id, import, number)).select(import_chunks::bytes).first(conn).optional()?)
}

/// Removes a file.
///
/// # Errors
/// Those of the database.
pub fn delete_chunks(conn: &mut Conn, province_id: i32, import: Id) -> Result<(), ApiError> {
    let of_it = import_chunks::province_id.eq(province_id).and(import_chunks::import_id.eq(import));
    diesel::delete(import_chunks::table.filter(of_it)).execute(conn)?;
    Ok(())
}
