//! Families of tokens, and the refresh tokens that carry them on.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};

use crate::{
    db::{
        Conn, Id, Timestamp,
        schema::{refresh_tokens, sessions},
    },
    error::ApiError,
};

/// A refresh token with its session.
#[derive(Debug, Clone, Queryable)]
pub struct RefreshTokenRow {
    /// The session, which is the family of its tokens.
    pub session_id: Id,
    /// The session's user.
    pub user_id: Id,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was first used.
    pub used_at: Option<Timestamp>,
    /// When its family was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The refresh token of a hash.
///
/// # Errors
/// Those of the database.
pub fn get_refresh_token(conn: &mut Conn, province_id: i32, hash: &[u8]) -> Result<Option<RefreshTokenRow>, ApiError> {
    let session = sessions::province_id.eq(refresh_tokens::province_id).and(sessions::id.eq(refresh_tokens::session_id));
    Ok(refresh_tokens::table
        .inner_join(sessions::table.on(session))
        .filter(refresh_tokens::province_id.eq(province_id).and(refresh_tokens::token_hash.eq(hash)))
        .select((
            refresh_tokens::session_id,
            sessions::user_id,
            refresh_tokens::expires_at,
            refresh_tokens::used_at,
            sessions::revoked_at.nullable(),
        ))
        .first(conn)
        .optional()?)
}

/// Marks a refresh token as used; `false` where somebody else was quicker.
///
/// # Errors
/// Those of the database.
pub fn use_refresh_token(conn: &mut Conn, province_id: i32, hash: &[u8], now: Timestamp) -> Result<bool, ApiError> {
    let unused = refresh_tokens::table.filter(
        refresh_tokens::province_id.eq(province_id).and(refresh_tokens::token_hash.eq(hash)).and(refresh_tokens::used_at.is_null()),
    );
    Ok(diesel::update(unused).set(refresh_tokens::used_at.eq(now)).execute(conn)? == 1)
}

/// Begins a family of tokens.
///
/// # Errors
/// Those of the database.
pub fn insert_session(
    conn: &mut Conn,
    province_id: i32,
    session: Id,
    user: Id,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), ApiError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::province_id.eq(province_id),
            sessions::id.eq(session),
            sessions::user_id.eq(user),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Adds a refresh token to a family, which lives as long as its latest token.
///
/// # Errors
/// Those of the database.
pub fn insert_refresh_token(
    conn: &mut Conn,
    province_id: i32,
    session: Id,
    hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), ApiError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::province_id.eq(province_id),
            refresh_tokens::token_hash.eq(hash),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::created_at.eq(now),
            refresh_tokens::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    let family = sessions::table.filter(sessions::province_id.eq(province_id).and(sessions::id.eq(session)));
    diesel::update(family).set(sessions::expires_at.eq(expires_at)).execute(conn)?;
    Ok(())
}

/// Revokes one family.
///
/// # Errors
/// Those of the database.
pub fn revoke_session(conn: &mut Conn, province_id: i32, session: Id, now: Timestamp) -> Result<usize, ApiError> {
    let open =
        sessions::table.filter(sessions::province_id.eq(province_id).and(sessions::id.eq(session)).and(sessions::revoked_at.is_null()));
    Ok(diesel::update(open).set(sessions::revoked_at.eq(now)).execute(conn)?)
}

/// Revokes all of a user's families but one.
///
/// # Errors
/// Those of the database.
pub fn revoke_sessions(conn: &mut Conn, province_id: i32, user: Id, except: Option<Id>, now: Timestamp) -> Result<(), ApiError> {
    let open =
        sessions::table.filter(sessions::province_id.eq(province_id).and(sessions::user_id.eq(user)).and(sessions::revoked_at.is_null()));
    match except {
        Some(kept) => diesel::update(open.filter(sessions::id.ne(kept))).set(sessions::revoked_at.eq(now)).execute(conn)?,
        None => diesel::update(open).set(sessions::revoked_at.eq(now)).execute(conn)?,
    };
    Ok(())
}

/// Removes families that nobody can use any more, and the expired tokens of the others.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(now))).execute(conn)?;
    Ok(())
}
