//! Who is calling: logins, tokens, and the state of a user that every request is judged by (CONTRACT §2).

mod actor;
mod caller;
pub mod can;
mod dto;
mod grant;
pub mod keys;
mod oauth;
pub mod password;
pub mod queries;
mod routes;
mod session;
mod throttle;
mod token;

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use xxhash_rust::xxh3::xxh3_64;

pub use actor::{Actor, Scope};
pub use caller::{Anybody, Caller};
pub use can::{Can, CanTake};
pub use grant::Grant;
pub use oauth::CHALLENGE;
pub use routes::configure;
pub use token::{Claims, issue as issue_token};

use crate::{
    app::App,
    clients,
    clock::tehran_day,
    db::{Conn, Id, Timestamp},
    error::{ApiError, ProblemCode},
    persian,
};

/// How long a user's state is believed, in seconds; well under the 10 s that CONTRACT §2 allows.
const STATE_SECONDS: i64 = 5;
/// How many queues there are in which names wait for their turn; two names seldom share one.
const QUEUES: u64 = 256;
/// How many logins of one address are handled at a time, so that somebody who tries very many names does not hold up those who log in
/// from elsewhere.
const MAX_LOGINS_PER_ADDRESS: usize = 2;
/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 4096;

/// What a server remembers of callers; all of it can be read again from the database.
pub struct Auth {
    /// The signing keys.
    pub keys: keys::KeyRing,
    /// Lets as many Argon2 runs through at once as there are cores.
    pub gate: Arc<Semaphore>,
    /// Lets one password be checked at a time for a name at an address.
    turns: Vec<Mutex<()>>,
    /// The queue of an address before the gate.
    lines: Vec<Semaphore>,
    verified: Cache<[u8; 32], Arc<Claims>>,
    states: Cache<(Id, Id), State>,
}

#[derive(Clone)]
struct State {
    /// None where he or his session is no longer good, so that a token that is tried again and again is not looked up each time.
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
            turns: (0..QUEUES).map(|_| Mutex::default()).collect(),
            lines: (0..QUEUES).map(|_| Semaphore::new(MAX_LOGINS_PER_ADDRESS)).collect(),
            verified: Cache::new(10_000),
            states: Cache::new(10_000),
        }
    }

    /// The turn of a name at an address, held until a password is judged. Without it, passwords tried at once could be checked beyond the
    /// limit, or right ones tried at once be counted as failures. The names of one address have few turns at a time.
    ///
    /// # Errors
    /// `busy` where it does not come in time.
    pub async fn turn(&self, username: &str, address: &str) -> Result<Turn<'_>, ApiError> {
        let name = format!("{address} {}", persian::code_key(username));
        let (of_name, of_address) = (at(&self.turns, &name)?, at(&self.lines, address)?);
        let both = async {
            // The queue of the address first: those who wait in it, however many, hold no name's turn meanwhile.
            let address = of_address.acquire().await.map_err(ApiError::internal)?;
            Ok(Turn { _name: of_name.lock().await, _address: address })
        };
        tokio::time::timeout(password::CHECK_TIMEOUT, both).await.map_err(|_| ApiError::busy())?
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

    /// The user behind the claims, as he is now.
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
            let actor = match app.db.read_now(move |conn| queries::actor(conn, &wanted, now, today)).await {
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

    /// Reads a user's state anew at his next request.
    pub fn invalidate_user(&self, user: Id) {
        self.states.retain(|(known, _), _| *known != user);
    }

    /// Reads everybody's state anew.
    pub fn invalidate_all(&self) {
        self.states.clear();
    }
}

/// The one of these to which a text always leads.
fn at<'a, T>(queues: &'a [T], text: &str) -> Result<&'a T, ApiError> {
    let number = usize::try_from(xxh3_64(text.as_bytes()) % QUEUES).ok();
    number.and_then(|number| queues.get(number)).ok_or_else(|| ApiError::internal("fewer queues than turns"))
}

/// Somebody's turn to have a password checked.
pub struct Turn<'a> {
    _name: MutexGuard<'a, ()>,
    _address: SemaphorePermit<'a>,
}

/// Removes sessions, secrets and failures that no longer count.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    queries::delete_expired(conn, now)?;
    clients::secrets::delete_expired(conn, now)?;
    throttle::delete_expired(conn, now)
}
