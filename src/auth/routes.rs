//! `/auth/…`, `/me` and the public keys.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Anybody, Caller,
    caller::{Myself, Person},
    dto::{LoginRequest, Me, PasswordChange, RefreshRequest, TokenPair},
    oauth, password, queries, session,
    throttle::{self, Attempt},
};
use crate::{
    app::{App, to_its_end},
    db::Root,
    error::{ApiError, ProblemCode},
    events::{self, EventAction, Subject},
    http::{
        answer::{Answer, Reply},
        body::Body,
        client_ip,
        request::RequestContext,
    },
    provinces,
    tx::Tx,
};

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(login).service(refresh).service(logout).service(get_me).service(change_password).service(get_jwks);
    oauth::configure(config);
}

fn unstored(reply: Reply) -> HttpResponse {
    let mut answer = HttpResponse::from(reply);
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}

/// Log in with name and password.
///
/// A wrong name and a wrong password are one and the same 401, in the same time. After ten failures for a name from
/// one address within 15 minutes: 429.
#[utoipa::path(tag = "auth", operation_id = "login", request_body = LoginRequest, security(()), responses((status = 200, body = TokenPair)))]
#[post("/api/v1/auth/login")]
async fn login(_who: Anybody, app: web::Data<App>, request: HttpRequest, body: Body<LoginRequest>) -> Answer {
    let LoginRequest { username, password, province } = body.value;
    let (address, app) = (client_ip::of(&app, &request).to_string(), app.into_inner());
    let request_id = RequestContext::of(&request).request_id.to_string();
    let login = async move { session::login(&app, province.map(|code| code.0), username.0, password, address, request_id).await };
    let pair = to_its_end(login).await?;
    Ok(unstored(Reply::json(200, &pair)?))
}

/// Exchange a refresh token for a new pair.
///
/// A used token that is presented again within 10 seconds gives another pair; after that its whole session is revoked.
#[utoipa::path(tag = "auth", operation_id = "refreshTokens", request_body = RefreshRequest, security(()), responses((status = 200, body = TokenPair)))]
#[post("/api/v1/auth/refresh")]
async fn refresh(_who: Anybody, app: web::Data<App>, body: Body<RefreshRequest>) -> Answer {
    let pair = session::refresh(&app, &body.value.refresh_token.0).await?;
    Ok(unstored(Reply::json(200, &pair)?))
}

/// End the session of a refresh token.
///
/// An unknown token has no session to end and gets the same answer.
#[utoipa::path(tag = "auth", operation_id = "logout", request_body = RefreshRequest, security(()), responses((status = 204)))]
#[post("/api/v1/auth/logout")]
async fn logout(_who: Anybody, app: web::Data<App>, request: HttpRequest, body: Body<RefreshRequest>) -> Answer {
    session::logout(&app, &body.value.refresh_token.0, RequestContext::of(&request).request_id.to_string()).await?;
    Ok(unstored(Reply::no_content()))
}

/// Who am I, and what may I do.
///
/// `permissions` says what the role may do at all; what it may do to a single row depends on that row.
#[utoipa::path(tag = "auth", operation_id = "getMe", responses((status = 200, body = Me)))]
#[get("/api/v1/me")]
async fn get_me(app: web::Data<App>, Myself(who): Myself) -> Answer {
    let actor = who.actor;
    let reply = app
        .db
        .read_now(move |conn| {
            if actor.is_client {
                return Reply::tagged(&Me::for_client(&actor, provinces::code(conn, actor.province_id)?));
            }
            let user = queries::find_user(conn, actor.province_id, actor.user_id)?;
            Reply::tagged(&Me::new(&user, actor.neighborhood_ids.clone()))
        })
        .await?;
    Ok(reply.into())
}

/// How a change of password begins.
enum Start {
    /// With a check of the present one against this hash.
    Check(Attempt, Option<String>),
    /// With the answer of the first try under the same key.
    Answered(Reply),
    /// With a refusal.
    Refused(ApiError),
}

/// Change one's own password.
///
/// Ends one's other sessions. A wrong `current_password` counts as a failed login. A service account has no password: 403.
#[utoipa::path(tag = "auth", operation_id = "changePassword", request_body = PasswordChange, responses((status = 204)))]
#[post("/api/v1/me/password")]
async fn change_password(app: web::Data<App>, request: HttpRequest, Person(who): Person, body: Body<PasswordChange>) -> Answer {
    let address = client_ip::of(&app, &request).to_string();
    to_its_end(change_own(app.into_inner(), who, body, address)).await
}

/// The change, from the check of the present password to the answer.
async fn change_own(app: Arc<App>, who: Caller, body: Body<PasswordChange>, address: String) -> Answer {
    let (actor, world, secret, key) = (Arc::clone(&who.actor), app.world.clone(), app.auth.keys.secret(), body.key.clone());
    let name = throttle::name(actor.province_id, &actor.username);
    let _turn = app.auth.login_queues.turn(&who.actor.username, &address).await?;
    let start = app
        .db
        .write(move |conn| {
            // Before the password is checked: once the first try is done, its `current_password` is no longer the present one.
            match key.replay(&mut Tx::new(conn, Arc::clone(&actor), &world, None), &secret) {
                Ok(Some(stored)) => return Ok(Start::Answered(stored)),
                Ok(None) => {}
                Err(error) if error.code == ProblemCode::IdempotencyKeyReused => {
                    // Trying other bodies under a key is guessing at passwords, so it is counted as a failure.
                    Attempt::begin(conn, &world, name, address)?;
                    return Ok(Start::Refused(error));
                }
                Err(error) => return Err(error),
            }
            let attempt = Attempt::begin(conn, &world, name, address)?;
            queries::find_user(conn, actor.province_id, actor.user_id).map(|user| Start::Check(attempt, user.password_hash))
        })
        .await?;
    let (attempt, known) = match start {
        Start::Check(attempt, hash) => (attempt, hash),
        Start::Answered(stored) => return Ok(stored.into()),
        Start::Refused(error) => return Err(error),
    };
    let exchanged = exchange(&app, &who, body, attempt.clone(), known).await;
    attempt.take_back_unless_judged(&app, exchanged).await
}

/// Puts the new password in the place of the present one, where that fits `known`.
async fn exchange(app: &Arc<App>, who: &Caller, body: Body<PasswordChange>, attempt: Attempt, known: Option<String>) -> Answer {
    if !password::check(app, body.value.current_password, known.clone()).await? {
        return Err(ApiError::new(ProblemCode::InvalidCredentials));
    }
    let hash = password::hash_aside(app, body.value.new_password).await?;
    app.write(who, body.key, move |tx| {
        // The lock of every change of a user: the user may have got another password while this one was checked, or be gone.
        tx.lock(Root::Province)?;
        let (province, user, now) = (tx.province_id(), tx.actor().user_id, tx.now());
        let same = queries::get_user(tx.conn, province, user)?.filter(|user| user.password_hash == known);
        same.ok_or_else(|| ApiError::new(ProblemCode::InvalidCredentials))?;
        attempt.succeed(tx.conn)?;
        let version = queries::set_password(tx.conn, province, user, hash, now)?;
        let kept = tx.actor().session_id;
        queries::revoke_sessions(tx.conn, province, user, Some(kept), now)?;
        let changes = version.map_or_else(events::Changes::default, |_| events::Changes::one("must_change_password", true, false));
        events::record(tx, EventAction::PasswordChanged, &Subject::user(user, version), &changes, None)?;
        tx.invalidate_user(user);
        Ok(Reply::no_content())
    })
    .await
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
struct Jwks {
    /// The keys, the oldest first.
    #[schema(max_items = 100)]
    keys: Vec<Jwk>,
}

/// An Ed25519 public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
struct Jwk {
    /// Always `OKP`.
    #[schema(min_length = 3, max_length = 3, pattern = "^OKP$", examples("OKP"))]
    kty: &'static str,
    /// Always `Ed25519`.
    #[schema(min_length = 7, max_length = 7, pattern = "^Ed25519$", examples("Ed25519"))]
    crv: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    #[schema(min_length = 3, max_length = 3, pattern = "^sig$", examples("sig"))]
    usage: &'static str,
    /// Always `EdDSA`.
    #[schema(min_length = 5, max_length = 5, pattern = "^EdDSA$", examples("EdDSA"))]
    alg: &'static str,
    /// The id of the key, which the header of a token names.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", examples("2VhbGxlaC1rZXkt"))]
    kid: String,
    /// The public key, in base64url.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$", examples("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))]
    x: String,
}

/// The public keys that verify access tokens.
///
/// Access tokens are JWTs signed with Ed25519; `kid` in their header names the key.
#[utoipa::path(tag = "auth", operation_id = "getJwks", security(()), responses((status = 200, body = Jwks)))]
#[get("/.well-known/jwks.json")]
async fn get_jwks(_who: Anybody, app: web::Data<App>) -> Answer {
    let keys = app.auth.keys.fresh(&app.db, app.world.now()).await?;
    let jwk = |key: &super::keys::Key| Jwk {
        kty: "OKP",
        crv: "Ed25519",
        usage: "sig",
        alg: "EdDSA",
        kid: key.kid.clone(),
        x: BASE64_URL_SAFE_NO_PAD.encode(&key.public),
    };
    let mut answer = HttpResponse::from(Reply::tagged(&Jwks { keys: keys.iter().map(jwk).collect() })?);
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=5"));
    Ok(answer)
}
