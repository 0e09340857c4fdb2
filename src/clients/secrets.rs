//! Secrets: made at random, shown once, kept as SHA-256. With 256 random bits they cannot be guessed as passwords can; a slow
//! hash would cost only the server.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use sha2::{Digest, Sha256};

use crate::{
    clock::World,
    db::{
        Conn, Id, Timestamp, among,
        schema::{client_secrets as table, client_secrets::dsl},
    },
    error::ApiError,
    tx::Tx,
};

/// What secrets begin with, so that tools which look for leaked ones know them.
const PREFIX: &str = "mhs_";

/// A row, in the order of the columns.
#[derive(Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct SecretRow {
    pub province_id: i32,
    pub id: Id,
    pub client_id: Id,
    pub secret_hash: Vec<u8>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl SecretRow {
    /// Whether it has not expired.
    fn is_good(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|until| now < until)
    }
}

/// A secret that nobody knows yet.
pub fn make(world: &World) -> String {
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(world.random_bytes::<32>()))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Which of these secrets was shown, if it is good at this instant. How long comparing hashes takes tells nothing of 32 random bytes.
pub fn shown(secrets: &[SecretRow], secret: &str, now: Timestamp) -> Option<Id> {
    let given = hash(secret);
    secrets.iter().rfind(|row| row.secret_hash == given && row.is_good(now)).map(|row| row.id)
}

/// The secrets of clients, the oldest first; the one before the present one may have expired.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut Conn, province_id: i32, clients: &[Id]) -> Result<Vec<SecretRow>, ApiError> {
    let own = table::table.filter(dsl::province_id.eq(province_id).and(among(dsl::client_id, clients.iter().copied())));
    let mut rows: Vec<SecretRow> = own.order((dsl::created_at, dsl::id)).load(conn)?;
    // The one that ends comes first, even where both were made at the same instant.
    rows.sort_by_key(|row| (row.expires_at.is_none(), row.created_at));
    Ok(rows)
}

/// Whether the secret of an id is there and has not expired.
///
/// # Errors
/// Those of the database.
pub fn is_good(conn: &mut Conn, province_id: i32, id: Id, now: Timestamp) -> Result<bool, ApiError> {
    let row: Option<SecretRow> = table::table.find((province_id, id)).first(conn).optional()?;
    Ok(row.is_some_and(|row| row.is_good(now)))
}

/// Adds a secret, which is the present one from now on; the previous one stays good for `overlap_hours`, all others end.
///
/// # Errors
/// Those of the database.
pub fn replace(tx: &mut Tx<'_>, client: Id, secret: &str, overlap_hours: i64) -> Result<(), ApiError> {
    let (province, id, now) = (tx.province_id(), tx.new_id(), tx.now());
    let own = table::table.filter(dsl::province_id.eq(province).and(dsl::client_id.eq(client)));
    diesel::delete(own.filter(dsl::expires_at.is_not_null())).execute(tx.conn)?;
    if overlap_hours == 0 {
        diesel::delete(own).execute(tx.conn)?;
    } else {
        diesel::update(own).set(dsl::expires_at.eq(now.plus_seconds(overlap_hours * 3600))).execute(tx.conn)?;
    }
    diesel::insert_into(table::table)
        .values((
            (dsl::province_id.eq(province), dsl::id.eq(id), dsl::client_id.eq(client)),
            (dsl::secret_hash.eq(hash(secret)), dsl::created_at.eq(now), dsl::expires_at.eq(None::<Timestamp>)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets the secrets that have expired.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    diesel::delete(table::table.filter(dsl::expires_at.le(Some(now)).assume_not_null())).execute(conn)?;
    Ok(())
}

/// Ends all tokens that a client's secrets have given, for good; the secrets themselves stay. A token names its secret by
/// id, so each secret gets a new id.
///
/// # Errors
/// Those of the database.
pub fn end_tokens(tx: &mut Tx<'_>, client: Id) -> Result<(), ApiError> {
    let province = tx.province_id();
    for row in of(tx.conn, province, &[client])? {
        let id = tx.new_id();
        diesel::update(table::table.find((province, row.id))).set(dsl::id.eq(id)).execute(tx.conn)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_taken() {
        let id = Id::NOBODY;
        let secret = make(&World::real());
        let at = World::real().now();
        let mut rows = [SecretRow { province_id: 1, id, client_id: id, secret_hash: hash(&secret), created_at: at, expires_at: None }];
        assert_eq!(shown(&rows, &secret, at), Some(id));
        assert_eq!(secret.len(), 47);
        for other in ["", "mhs_", &secret[..46], &make(&World::real())] {
            assert_eq!(shown(&rows, other, at), None);
        }
        assert_eq!(shown(&[], &secret, at), None);
        rows[0].expires_at = Some(at);
        assert_eq!(shown(&rows, &secret, at), None);
    }
}
