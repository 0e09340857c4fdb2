//! Access tokens: JWT with EdDSA (RFC 8037), typed `at+jwt` (RFC 9068).

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{keys, queries::LoginUser};
use crate::{
    app::App,
    db::Id,
    error::{ApiError, ProblemCode},
    policy::Role,
};

/// How long an access token lives, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// How far the clocks of servers may be apart, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;
const TYPE: &str = "at+jwt";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's id; of a service account its own.
    pub sub: Id,
    /// Expiry, seconds since 1970.
    pub exp: i64,
    /// Issue, seconds since 1970.
    pub iat: i64,
    /// The token's own id.
    pub jti: Id,
    /// The session's id; of a service account the id of the secret that it showed.
    pub sid: Id,
    /// The province's code.
    pub province: String,
    /// The user's role.
    pub role: Role,
    /// Agency; role `agency` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_id: Option<Id>,
    /// Of a service account: the same as `sub` (RFC 9068); nobody else has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Id>,
}

/// Whom a token is for.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The user or the service account.
    pub id: Id,
    /// The code of the province.
    pub province: String,
    /// The role.
    pub role: Role,
    /// The agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// Whether it is a service account.
    pub is_client: bool,
}

impl From<&LoginUser> for Holder {
    fn from(user: &LoginUser) -> Self {
        Self { id: user.id, province: user.province.clone(), role: user.role, agency_id: user.agency_id, is_client: false }
    }
}

/// A token for a session, or for a secret of a service account.
///
/// # Errors
/// Those of the database, where the keys are read anew.
pub async fn issue(app: &App, holder: impl Into<Holder>, session: Id) -> Result<String, ApiError> {
    let (holder, now) = (holder.into(), app.world.now());
    let keys = app.auth.keys.fresh(&app.db, now).await?;
    let key = keys::signer(&keys, now).ok_or_else(|| ApiError::internal("there is no signing key"))?;
    let iat = now.utc().timestamp();
    let claims = Claims {
        iss: app.config.issuer.clone(),
        aud: app.config.audience.clone(),
        sub: holder.id,
        exp: iat + ACCESS_SECONDS,
        iat,
        jti: app.world.new_id(),
        sid: session,
        province: holder.province,
        role: holder.role,
        agency_id: holder.agency_id,
        client_id: holder.is_client.then_some(holder.id),
    };
    let header = Header { typ: Some(TYPE.into()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(ApiError::internal)
}

/// The claims of a token that one of our keys signed; its expiry is judged by the caller, on our clock.
///
/// # Errors
/// 401 `invalid_token`.
pub async fn verify(app: &App, token: &str) -> Result<Claims, ApiError> {
    let invalid = |cause: String| ApiError::new(ProblemCode::InvalidToken).with_cause(cause);
    let header = jsonwebtoken::decode_header(token).map_err(|error| invalid(error.to_string()))?;
    // What is critical must be understood (RFC 7515 §4.1.11), and no extension is.
    if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
        return Err(invalid("another algorithm or type, or an extension".into()));
    }
    let kid = header.kid.ok_or_else(|| invalid("no kid".into()))?;
    // Read anew though the key be known, to learn whether it signs no more.
    let keys = match app.auth.keys.fresh(&app.db, app.world.now()).await {
        Err(error) => Some(app.auth.keys.known()).filter(|keys| keys.iter().any(|key| key.kid == kid)).ok_or(error)?,
        Ok(keys) => keys,
    };
    let key = keys.iter().find(|key| key.kid == kid).ok_or_else(|| invalid("unknown kid".into()))?;
    // A key signs no more once a newer one does; after a while all that it signed has expired.
    let successor = keys.iter().map(|other| other.signs_from).filter(|from| *from > key.signs_from).min();
    if successor.is_some_and(|from| from.plus_seconds(ACCESS_SECONDS + CLOCK_SKEW_SECONDS) < app.world.now()) {
        return Err(invalid("a key that no longer signs".into()));
    }
    let mut wanted = Validation::new(Algorithm::EdDSA);
    wanted.validate_exp = false;
    wanted.set_audience(&[&app.config.audience]);
    wanted.set_issuer(&[&app.config.issuer]);
    let token = jsonwebtoken::decode::<Claims>(token, &key.decoding, &wanted).map_err(|error| invalid(error.to_string()))?;
    Ok(token.claims)
}
