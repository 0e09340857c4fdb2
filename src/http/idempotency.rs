//! Idempotency-Key: the finished answer is the last insert of the transaction that it answers (CONTRACT §1).

use actix_web::{HttpRequest, web::Data};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, sql_types::BigInt};
use xxhash_rust::xxh3::xxh3_64;

use super::answer::Reply;
use crate::{
    app::App,
    auth::{Actor, keys::Secret},
    db::{Conn, Timestamp, schema::idempotency_keys::dsl},
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
    tx::Tx,
};

/// The header of an answer that was given before.
pub const REPLAYED: &str = "idempotent-replayed";
/// How long an answer is kept, in seconds.
pub const KEPT_SECONDS: i64 = 24 * 3600;

/// The key of a request, where it has one, and a fingerprint of the request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: Option<String>,
    fingerprint: Vec<u8>,
}

impl IdempotencyKey {
    /// That of an operation that takes none: a repeated change is refused by its If-Match.
    pub const fn none() -> Self {
        Self { key: None, fingerprint: Vec::new() }
    }

    /// The key of a request.
    ///
    /// # Errors
    /// 400 where it is not 1..255 printable ASCII characters.
    pub fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let Some(header) = request.headers().get("idempotency-key") else { return Ok(Self::none()) };
        let given = header.to_str().unwrap_or_default().trim();
        let bare = given.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(given);
        if (1..=255).contains(&bare.len()) && bare.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Ok(Self { key: Some(bare.to_owned()), fingerprint: Vec::new() });
        }
        let fault = Fault::parameter("Idempotency-Key", FaultCode::InvalidFormat).with("1..255 printable ASCII characters");
        Err(ApiError::parameters(vec![fault]))
    }

    /// The key of a request beside what its query says; the faults of both are told at once.
    ///
    /// # Errors
    /// As [`Self::of`]; those of the query.
    pub fn beside<T>(request: &HttpRequest, query: Result<T, ApiError>) -> Result<(Self, T), ApiError> {
        match (Self::of(request), query) {
            (Ok(key), Ok(query)) => Ok((key, query)),
            (Err(one), Err(other)) => Err(ApiError::parameters([one.faults, other.faults].concat())),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// Whether an answer is kept under the key.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_used(&self, conn: &mut Conn, actor: &Actor, now: Timestamp) -> Result<bool, ApiError> {
        let Some(key) = &self.key else { return Ok(false) };
        Ok(stored(conn, actor, key)?.is_some_and(|kept| kept.is_good(now)))
    }

    /// The same key, for this request and body. The fingerprint is keyed with the secret, since a body may hold a password.
    #[must_use]
    pub fn bind(self, request: &HttpRequest, body: &[u8]) -> Self {
        let app = request.app_data::<Data<App>>().filter(|_| self.key.is_some());
        let Some(app) = app else { return self };
        let head = format!("{} {} {}\n", request.method(), request.path(), request.query_string());
        Self { fingerprint: app.auth.keys.secret().fingerprint(&[head.as_bytes(), body]), ..self }
    }

    /// The answer that is stored under the key, if the request is the same.
    ///
    /// # Errors
    /// 422 where the key stands for another request; 409 where the first is under way on PostgreSQL
    /// (SQLite's one writer has either finished the first or not begun it).
    pub fn replay(&self, tx: &mut Tx<'_>, secret: &Secret) -> Result<Option<Reply>, ApiError> {
        let Some(key) = &self.key else { return Ok(None) };
        let (now, actor) = (tx.now(), tx.actor().clone());
        let mut kept = stored(tx.conn, &actor, key)?.filter(|kept| kept.is_good(now));
        if kept.is_none() {
            if !claim(tx.conn, xxh3_64(format!("{}/{}/{key}", actor.province_id, actor.user_id).as_bytes()))? {
                return Err(ApiError::new(ProblemCode::IdempotencyInProgress).with_retry_after(1));
            }
            // The first may have ended between the look and the claim.
            kept = stored(tx.conn, &actor, key)?;
            if kept.as_ref().is_some_and(|kept| !kept.is_good(now)) {
                diesel::delete(dsl::idempotency_keys.find((actor.province_id, actor.user_id, key))).execute(tx.conn)?;
                kept = None;
            }
        }
        let Some(Kept { fingerprint, reply, body, .. }) = kept else { return Ok(None) };
        if fingerprint != self.fingerprint {
            return Err(ApiError::key_reused());
        }
        let mut reply: Reply = serde_json::from_str(&reply).map_err(ApiError::internal)?;
        reply.body = if reply.confidential {
            secret.open(key, &body).ok_or_else(|| ApiError::internal("the secret file is not the one that sealed the stored answer"))?
        } else {
            body
        };
        reply.headers.push((REPLAYED.into(), "true".into()));
        Ok(Some(reply))
    }

    /// Keeps the answer.
    ///
    /// # Errors
    /// Those of the database.
    pub fn store(&self, tx: &mut Tx<'_>, reply: &Reply, secret: &Secret) -> Result<(), ApiError> {
        let Some(key) = &self.key else { return Ok(()) };
        let head = serde_json::to_string(reply).map_err(ApiError::internal)?;
        let body = if reply.confidential { secret.seal(tx.random_bytes(), key, &reply.body)? } else { reply.body.clone() };
        diesel::insert_into(dsl::idempotency_keys)
            .values((
                dsl::province_id.eq(tx.province_id()),
                dsl::user_id.eq(tx.actor().user_id),
                dsl::key.eq(key),
                dsl::fingerprint.eq(&self.fingerprint),
                dsl::status.eq(i32::from(reply.status)),
                dsl::headers.eq(head),
                dsl::body.eq(body),
                dsl::created_at.eq(tx.now()),
            ))
            .execute(tx.conn)?;
        Ok(())
    }
}

/// What is kept under a key.
#[derive(Queryable)]
struct Kept {
    fingerprint: Vec<u8>,
    reply: String,
    body: Vec<u8>,
    created_at: Timestamp,
}

impl Kept {
    fn is_good(&self, now: Timestamp) -> bool {
        self.created_at >= now.plus_seconds(-KEPT_SECONDS)
    }
}

fn stored(conn: &mut Conn, actor: &Actor, key: &str) -> Result<Option<Kept>, ApiError> {
    let it = dsl::idempotency_keys.find((actor.province_id, actor.user_id, key));
    Ok(it.select((dsl::fingerprint, dsl::headers, dsl::body, dsl::created_at)).first(conn).optional()?)
}

/// Claims a key until the transaction ends; `false` where another transaction holds it.
fn claim(conn: &mut Conn, key: u64) -> Result<bool, ApiError> {
    let Conn::Postgres(pg) = conn else { return Ok(true) };
    let claimed = diesel::select(
        diesel::dsl::sql::<diesel::sql_types::Bool>("pg_try_advisory_xact_lock(").bind::<BigInt, _>(key.cast_signed()).sql(")"),
    );
    Ok(claimed.get_result::<bool>(pg)?)
}

/// Deletes answers that are older than a day.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.lt(now.plus_seconds(-KEPT_SECONDS)))).execute(conn)?;
    Ok(())
}
