//! What a server remembers of callers, so that neither a signature nor a user is looked at for each request.

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Actor, Claims, keys, login_queues::LoginQueues, queries, token};
use crate::{
    app::App,
    clock::tehran_day,
    db::{Id, Timestamp},
    error::{ApiError, ProblemCode},
};

/// How long a user's state is believed, in seconds; well under the 10 s that CONTRACT §2 allows.
const STATE_SECONDS: i64 = 5;
/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 4096;

/// What a server remembers of callers; all of it can be read again from the database.
pub struct Auth {
    /// The signing keys.
    pub keys: keys::KeyRing,
    /// Lets as many Argon2 runs through at once as there are cores.
    pub gate: Arc<Semaphore>,
    /// Lets one password be checked at a time for a name at an address.
    pub login_queues: LoginQueues,
    verified: Cache<[u8; 32], Arc<Claims>>,
    states: Cache<(Id, Id), State>,
}

#[derive(Clone)]
struct State {
    /// None where the user or the session is no longer good, so that a token that is tried again and again is not looked up each time.
    actor: Option<Arc<Actor>>,
    claims: Arc<Claims>,
    read_at: Timestamp,
}

impl Auth {
    /// With these keys.
    pub fn new(keys: keys::KeyRing) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            keys,
            gate: Arc::new(Semaphore::new(cores)),
            login_queues: LoginQueues::default(),
            verified: Cache::new(10_000),
            states: Cache::new(10_000),
        }
    }

    /// The caller of a request; `None` where it carries no token.
    ///
    /// # Errors
    /// 401 `invalid_token`; 503 where the caller's state can't be read: it fails closed.
    pub async fn caller(&self, app: &App, headers: &HeaderMap) -> Result<Option<Arc<Actor>>, ApiError> {
        let Some(header) = headers.get(AUTHORIZATION) else { return Ok(None) };
        let invalid = || ApiError::new(ProblemCode::InvalidToken);
        let (scheme, token) = header.to_str().ok().and_then(|value| value.trim().split_once(' ')).ok_or_else(invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid());
        }
        let claims = self.claims(app, token.trim()).await?;
        self.actor(app, &claims).await.map(Some)
    }

    /// The claims of a token, whose signature is verified once.
    async fn claims(&self, app: &App, token: &str) -> Result<Arc<Claims>, ApiError> {
        if token.len() > MAX_TOKEN {
            return Err(ApiError::new(ProblemCode::InvalidToken));
        }
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = if let Some(claims) = self.verified.get(&hash) {
            claims
        } else {
            let claims = Arc::new(token::verify(app, token).await?);
            self.verified.insert(hash, Arc::clone(&claims));
            claims
        };
        if claims.exp <= app.world.now().utc().timestamp() {
            self.verified.remove(&hash);
            return Err(ApiError::new(ProblemCode::InvalidToken));
        }
        Ok(claims)
    }

    /// The user behind the claims, as of now.
    async fn actor(&self, app: &App, claims: &Arc<Claims>) -> Result<Arc<Actor>, ApiError> {
        let key = (claims.sub, claims.sid);
        let now = app.world.now();
        let fresh = |state: &State| {
            let age = now.micros().saturating_sub(state.read_at.micros());
            let same_day = tehran_day(state.read_at) == tehran_day(now);
            (0..STATE_SECONDS * 1_000_000).contains(&age) && same_day && state.claims.province == claims.province
        };
        let actor = if let Some(state) = self.states.get(&key).filter(fresh) {
            state.actor
        } else {
            let (wanted, today) = (Arc::clone(claims), tehran_day(now));
            let actor = match app.db.read_now(move |conn| queries::load_actor(conn, &wanted, now, today)).await {
                Ok(actor) => Some(Arc::new(actor)),
                Err(error) if error.code == ProblemCode::InvalidToken => None,
                Err(error) => return Err(error),
            };
            self.states.insert(key, State { actor: actor.clone(), claims: Arc::clone(claims), read_at: now });
            actor
        };
        let of_token = (claims.role, claims.agency_id, claims.client_id.is_some());
        let same = |actor: &Arc<Actor>| (actor.role, actor.agency_id, actor.is_client) == of_token;
        actor.filter(same).ok_or_else(|| ApiError::new(ProblemCode::InvalidToken))
    }

    /// Reads a user's state anew at the next request.
    pub fn invalidate_user(&self, user: Id) {
        self.states.retain(|(known, _), _| *known != user);
    }

    /// Reads everybody's state anew.
    pub fn invalidate_all(&self) {
        self.states.clear();
    }
}
