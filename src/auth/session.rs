//! Sessions: begun by a login, carried on by refresh tokens that rotate, ended by a logout or by reuse (CONTRACT §2).

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    dto::{Me, TokenPair},
    password::{self, GivenPassword},
    queries::{self, LoginUser},
    throttle::{self, Attempt},
    token,
};
use crate::{
    app::App,
    clock::tehran_day,
    db::{Conn, Id, Timestamp, lock_user_briefly},
    error::{ApiError, ProblemCode},
    events::{self, EventAction, Subject},
    fault::FaultCode,
    tx::Tx,
};

/// How long a refresh token lives, in seconds: thirty days.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;
/// How long a used refresh token still gives another pair, in seconds: two tabs, a lost answer.
const GRACE_SECONDS: i64 = 10;

/// A refresh token: the province's number, and 32 bytes that nobody can guess.
fn new_refresh(app: &App, province_id: i32) -> String {
    format!("{province_id}_{}", BASE64_URL_SAFE_NO_PAD.encode(app.world.random_bytes::<32>()))
}

/// The province's number of a refresh token, and what is kept of the token.
fn open_refresh(token: &str) -> Option<(i32, Vec<u8>)> {
    let province_id = token.split_once('_')?.0.parse().ok()?;
    Some((province_id, Sha256::digest(token.as_bytes()).to_vec()))
}

async fn pair(app: &App, user: LoginUser, session: Id, neighborhood_ids: Vec<Id>, refresh_token: String) -> Result<TokenPair, ApiError> {
    Ok(TokenPair {
        access_token: token::issue(app, &user, session).await?,
        token_type: "Bearer",
        expires_in: token::ACCESS_SECONDS,
        refresh_token,
        refresh_expires_in: REFRESH_SECONDS,
        user: Me::new(&user, neighborhood_ids),
    })
}

fn neighborhood_ids(conn: &mut Conn, user: &LoginUser, now: Timestamp) -> Result<Vec<Id>, ApiError> {
    queries::neighborhood_ids(conn, user.province_id, user.id, user.role, tehran_day(now))
}

/// Logs in.
///
/// # Errors
/// 401 `invalid_credentials`, 429 after too many failures, 422 where the server has several provinces and none is named.
pub async fn login(
    app: &App,
    province: Option<String>,
    username: String,
    password: GivenPassword,
    address: String,
    request_id: String,
) -> Result<TokenPair, ApiError> {
    let _turn = app.auth.login_queues.turn(&username, &address).await?;
    let world = app.world.clone();
    let (attempt, user) = app
        .db
        .write(move |conn| {
            let province = match queries::provinces_meant(conn, province.as_deref())?.as_slice() {
                [one] => Some(*one),
                [] => None,
                _ => return Err(ApiError::at("/province", FaultCode::Required)),
            };
            let name = throttle::name(province.unwrap_or_default(), &username);
            let attempt = Attempt::begin(conn, &world, name, address)?;
            let user = province.map(|province| queries::get_user_by_name(conn, province, &username)).transpose()?.flatten();
            Ok((attempt, user))
        })
        .await?;
    let begun = begin(app, user, password, attempt.clone(), request_id).await;
    attempt.take_back_unless_judged(app, begun).await
}

/// Begins a session of a user whose password fits.
async fn begin(
    app: &App,
    user: Option<LoginUser>,
    password: GivenPassword,
    attempt: Attempt,
    request_id: String,
) -> Result<TokenPair, ApiError> {
    let hash = user.as_ref().filter(|user| user.active).and_then(|user| user.password_hash.clone());
    let fits = password::check(app, password, hash).await?;
    let Some(checked) = user.filter(|_| fits) else { return Err(ApiError::new(ProblemCode::InvalidCredentials)) };
    let (session, refresh) = (app.world.new_id(), new_refresh(app, checked.province_id));
    let (world, token) = (app.world.clone(), refresh.clone());
    let (user, neighborhood_ids) = app
        .db
        .write(move |conn| {
            attempt.succeed(conn)?;
            // Read anew: the user may have been made inactive, or got another password, while this one was checked. Whoever does so from
            // now on waits, and then ends this session too.
            lock_user_briefly(conn, checked.province_id, checked.id)?;
            let same = queries::get_user(conn, checked.province_id, checked.id)?;
            let same = same.filter(|user| user.active && user.password_hash == checked.password_hash);
            let user = same.ok_or_else(|| ApiError::new(ProblemCode::InvalidCredentials))?;
            let actor = Arc::new(user.actor(session, neighborhood_ids(conn, &user, world.now())?));
            let mut tx = Tx::new(conn, Arc::clone(&actor), &world, Some(request_id));
            let (now, until) = (tx.now(), tx.now().plus_seconds(REFRESH_SECONDS));
            queries::insert_session(tx.conn, user.province_id, session, user.id, now, until)?;
            let (_, hash) = open_refresh(&token).ok_or_else(|| ApiError::internal("a refresh token of our own"))?;
            queries::insert_refresh_token(tx.conn, user.province_id, session, &hash, now, until)?;
            events::record(&mut tx, EventAction::LoggedIn, &Subject::user(user.id, None), &events::Changes::default(), None)?;
            Ok((user, actor.neighborhood_ids.clone()))
        })
        .await?;
    pair(app, user, session, neighborhood_ids, refresh).await
}

enum Refreshed {
    Pair(Box<LoginUser>, Id, Vec<Id>),
    Reused,
}

/// Continues a session with its refresh token.
///
/// # Errors
/// 401 `refresh_reused` where the token was used before, which revokes its family; 401 `invalid_token` otherwise.
pub async fn refresh(app: &Arc<App>, given: &str) -> Result<TokenPair, ApiError> {
    let invalid = || ApiError::new(ProblemCode::InvalidToken);
    let (province_id, hash) = open_refresh(given).ok_or_else(invalid)?;
    let next = new_refresh(app, province_id);
    let (_, next_hash) = open_refresh(&next).ok_or_else(invalid)?;
    let now = app.world.now();
    let done = app
        .write_and_invalidate(move |conn| {
            let row = queries::get_refresh_token(conn, province_id, &hash)?.ok_or_else(invalid)?;
            let used_at = if queries::use_refresh_token(conn, province_id, &hash, now)? { None } else { row.used_at.or(Some(now)) };
            if used_at.is_some_and(|used| used.plus_seconds(GRACE_SECONDS) < now) {
                // Not an error here, although it is answered as one: the revocation has to be committed.
                queries::revoke_session(conn, province_id, row.session_id, now)?;
                return Ok((Refreshed::Reused, vec![row.user_id]));
            }
            if row.revoked_at.is_some() || row.expires_at <= now {
                return Err(invalid());
            }
            let user = queries::find_user(conn, province_id, row.user_id)?;
            if !user.active {
                return Err(invalid());
            }
            queries::insert_refresh_token(conn, province_id, row.session_id, &next_hash, now, now.plus_seconds(REFRESH_SECONDS))?;
            let neighborhood_ids = neighborhood_ids(conn, &user, now)?;
            Ok((Refreshed::Pair(Box::new(user), row.session_id, neighborhood_ids), Vec::new()))
        })
        .await?;
    match done {
        Refreshed::Pair(user, session, neighborhood_ids) => pair(app, *user, session, neighborhood_ids, next).await,
        Refreshed::Reused => Err(ApiError::new(ProblemCode::RefreshReused)),
    }
}

/// Ends the session of a refresh token; a token that is not known has no session to end.
///
/// # Errors
/// Those of the database.
pub async fn logout(app: &Arc<App>, given: &str, request_id: String) -> Result<(), ApiError> {
    let Some((province_id, hash)) = open_refresh(given) else { return Ok(()) };
    let world = app.world.clone();
    app.write_and_invalidate(move |conn| {
        let Some(row) = queries::get_refresh_token(conn, province_id, &hash)? else { return Ok(((), Vec::new())) };
        if queries::revoke_session(conn, province_id, row.session_id, world.now())? == 0 {
            return Ok(((), Vec::new()));
        }
        let user = queries::find_user(conn, province_id, row.user_id)?;
        let mut tx = Tx::new(conn, Arc::new(user.actor(row.session_id, Vec::new())), &world, Some(request_id));
        events::record(&mut tx, EventAction::LoggedOut, &Subject::user(row.user_id, None), &events::Changes::default(), None)?;
        Ok(((), vec![row.user_id]))
    })
    .await
}
