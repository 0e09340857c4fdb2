//! A file in pieces, as it was sent.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::exists};

use crate::{
    db::{
        Conn, Id, Timestamp,
        schema::{import_chunks, imports},
    },
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

/// Removes a file, unless an import was made of it: then it is the job's, even if its sender never got the answer.
///
/// # Errors
/// Those of the database.
pub fn delete_unclaimed_chunks(conn: &mut Conn, province_id: i32, import: Id) -> Result<(), ApiError> {
    let job = imports::table.find((province_id, import));
    if !diesel::select(exists(job)).get_result(conn)? {
        delete_chunks(conn, province_id, import)?;
    }
    Ok(())
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
