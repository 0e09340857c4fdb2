//! `/oauth/token` (RFC 6749, client credentials), and the metadata that leads there.
//!
//! Refusals of the token endpoint are those of RFC 6749 §5.2, not problem documents, since OAuth clients read them; what
//! no OAuth client reads (429, 413, 5xx) is a problem document as everywhere.

mod metadata;

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    post, web,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    throttle::Attempt,
    token::{self, Holder},
};
use crate::{
    app::App,
    clients::{
        queries::{self, ClientRow},
        secrets,
    },
    clock::{World, tehran_day},
    db::{Conn, Id, Root, lock},
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, Subject},
    http::{answer::Answer, body, client_ip, query, request::RequestContext},
    tx::Tx,
};

/// Where tokens are given.
const TOKEN_PATH: &str = "/api/v1/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";
/// The challenge to a refused client: what it is to send.
pub const CHALLENGE: &str = r#"Basic realm="mahalleh""#;

/// Registers the operations.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(issue_token).service(metadata::get_metadata);
}

/// A request for a token. The client authenticates here or by HTTP Basic; parameters that are not listed are ignored
/// (RFC 6749 §3.2).
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is read from a form, parameter by parameter; this is for the document")]
#[schema(example = json!({
    "grant_type": "client_credentials",
    "client_id": "0193a1b0-5c3e-7a10-8b1f-0a4c5d6e7f80",
    "client_secret": "mhs_Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmE"
}))]
struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(min_length = 18, max_length = 18, pattern = "^client_credentials$")]
    grant_type: String,
    /// The client's id, unless it is sent by HTTP Basic.
    #[schema(nullable = false, min_length = 1, max_length = 200, pattern = "^[ -~]+$")]
    client_id: Option<String>,
    /// The client's secret, unless it is sent by HTTP Basic.
    #[schema(nullable = false, min_length = 1, max_length = 200, pattern = "^[ -~]+$", format = Password)]
    client_secret: Option<String>,
}

/// An access token (RFC 6749 §5.1).
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "RFC 6749 has them")]
struct AccessToken {
    /// The access token, to send as `Authorization: Bearer`.
    #[schema(
        min_length = 20,
        max_length = 4096,
        pattern = "^[A-Za-z0-9_.-]+$",
        examples("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln")
    )]
    access_token: String,
    /// Always `Bearer`.
    #[schema(min_length = 6, max_length = 6, pattern = "^Bearer$", examples("Bearer"))]
    token_type: &'static str,
    /// Seconds until it expires.
    #[schema(minimum = 1, maximum = 86400, examples(900))]
    expires_in: i64,
}

/// Why no token was given (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct OAuthError {
    /// What is wrong: `invalid_request`, `invalid_client`, `unsupported_grant_type` or `invalid_scope`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z_]+$", examples("invalid_client"))]
    error: &'static str,
    /// An explanation for the client's developer, in English.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[ !#-\\[\\]-~]+$",
        examples("There is no such client, or its secret is another.")
    )]
    error_description: &'static str,
}

const fn invalid(description: &'static str) -> OAuthError {
    OAuthError { error: "invalid_request", error_description: description }
}

const fn stranger(description: &'static str) -> OAuthError {
    OAuthError { error: "invalid_client", error_description: description }
}

/// An answer that no cache may keep (RFC 6749 §5.1).
fn unstored(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    let mut answer = HttpResponseBuilder::new(status);
    answer.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    answer.insert_header((header::CONTENT_LANGUAGE, "en"));
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((header::WWW_AUTHENTICATE, CHALLENGE));
    }
    answer.json(body)
}

fn refused(error: &OAuthError) -> HttpResponse {
    let status = if error.error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    unstored(status, error)
}

/// Exchange a client's secret for an access token.
///
/// OAuth 2.0 client credentials (RFC 6749 §4.4). There is no refresh token: ask again before `expires_in` has passed. After ten
/// failures for a client from one address within 15 minutes: 429.
#[utoipa::path(
    tag = "auth", operation_id = "issueToken", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = AccessToken), (status = 400, body = OAuthError), (status = 401, body = OAuthError))
)]
#[post("/api/v1/oauth/token")]
async fn issue_token(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> Answer {
    let mut payload = payload.into_inner();
    let form = match body::read(&request, &mut payload, &[FORM]).await {
        Ok(bytes) => parameters(&request, &bytes),
        Err(error) if error.code == ProblemCode::UnsupportedMediaType => {
            Err(invalid("The body must be application/x-www-form-urlencoded."))
        }
        Err(error) => return Err(error),
    };
    let (id, secret) = match form.and_then(|form| credentials(&request, form)) {
        Ok(credentials) => credentials,
        Err(error) => return Ok(refused(&error)),
    };
    let address = client_ip::of(&app, &request);
    let (world, request_id) = (app.world.clone(), RequestContext::of(&request).request_id.to_string());
    let known = app.db.write(move |conn| recognize(conn, &world, &id, &secret, address.to_string(), request_id)).await?;
    let Some((holder, session)) = known else {
        return Ok(refused(&stranger("There is no such client, or its secret is another.")));
    };
    let access_token = token::issue(&app, holder, session).await?;
    Ok(unstored(StatusCode::OK, &AccessToken { access_token, token_type: "Bearer", expires_in: token::ACCESS_SECONDS }))
}

/// The parameters of the form, each at most once; one without a value counts as absent.
fn parameters(request: &HttpRequest, bytes: &[u8]) -> Result<BTreeMap<String, String>, OAuthError> {
    if !request.query_string().is_empty() {
        return Err(invalid("Parameters belong into the body, not into the address."));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("The body is not UTF-8."))?;
    let (pairs, faults) = query::pairs(text);
    if !faults.is_empty() {
        return Err(invalid("A parameter stands twice, is too long, or is not percent-encoded UTF-8."));
    }
    let texts = pairs.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    Ok(texts.filter(|(_, value)| !value.is_empty()).collect())
}

/// The id and secret that the client sends, where the request is one that is served here.
fn credentials(request: &HttpRequest, mut form: BTreeMap<String, String>) -> Result<(String, String), OAuthError> {
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => {
            let error_description = "The only grant_type here is client_credentials.";
            return Err(OAuthError { error: "unsupported_grant_type", error_description });
        }
        None => return Err(invalid("grant_type is missing.")),
    }
    if form.contains_key("scope") {
        let error_description = "There are no scopes: a client may do what its role allows.";
        return Err(OAuthError { error: "invalid_scope", error_description });
    }
    let (id, secret) = (form.remove("client_id"), form.remove("client_secret"));
    match (request.headers().get(header::AUTHORIZATION), secret) {
        (Some(_), Some(_)) => Err(invalid("The client says who it is in two ways at once.")),
        (Some(value), None) => {
            let basic = value.to_str().ok().and_then(open_basic).ok_or_else(|| stranger("The Authorization header is not HTTP Basic."))?;
            if id.is_some_and(|id| id != basic.0) { Err(invalid("There are two client ids.")) } else { Ok(basic) }
        }
        (None, Some(secret)) => Ok((id.ok_or_else(|| invalid("client_id is missing."))?, secret)),
        (None, None) => Err(stranger("The client does not say who it is.")),
    }
}

/// Id and secret of an Authorization header: both percent-encoded before they were joined (RFC 6749 §2.3.1).
fn open_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.trim().split_once(' ')?;
    let joined = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    let plain = |text: &str| {
        let (pairs, _) = query::pairs(&format!("v={text}"));
        pairs.get("v").filter(|_| pairs.len() == 1)?.as_str().map(str::to_owned)
    };
    scheme.eq_ignore_ascii_case("basic").then_some((plain(id)?, plain(secret)?))
}

/// The client, if the secret is one of its own and both are good; a failure is recorded, so that it counts.
fn recognize(
    conn: &mut Conn,
    world: &World,
    id: &str,
    secret: &str,
    address: String,
    request_id: String,
) -> Result<Option<(Holder, Id)>, ApiError> {
    let now = world.now();
    // Failures are counted under the parsed id, since an id has several spellings.
    let known = Id::parse(id);
    let name = known.map_or_else(|| format!("client/{}", id.chars().take(64).collect::<String>()), |id| format!("client/{id}"));
    let attempt = Attempt::begin(conn, world, name, address)?;
    let found = known.map(|id| find_locked(conn, id)).transpose()?.flatten();
    let Some((row, province)) = found.filter(|(row, _)| row.is_usable(tehran_day(now))) else { return Ok(None) };
    let secrets = secrets::of(conn, row.province_id, &[row.id])?;
    let Some(session) = secrets::shown(&secrets, secret, now) else { return Ok(None) };
    attempt.succeed(conn)?;
    let holder = Holder { id: row.id, province, role: row.role, agency_id: row.agency_id, is_client: true };
    let mut tx = Tx::new(conn, Arc::new(row.actor(session, Vec::new())), world, Some(request_id));
    events::record(&mut tx, EventAction::LoggedIn, &Subject::client(holder.id, None), &Changes::default(), None)?;
    Ok(Some((holder, session)))
}

/// The client of an id, locked until its token is given: a change that ends its tokens waits for that, and ends this one too.
fn find_locked(conn: &mut Conn, id: Id) -> Result<Option<(ClientRow, String)>, ApiError> {
    let Some((row, _)) = queries::get_anywhere(conn, id)? else { return Ok(None) };
    lock(conn, row.province_id, Root::Client(id))?;
    queries::get_anywhere(conn, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_opened_as_the_rfc_joins_it() {
        let basic = |text: &str| open_basic(&format!("Basic {}", BASE64_STANDARD.encode(text)));
        let both = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(basic("id:secret"), both("id", "secret"));
        assert_eq!(basic("i%3Ad:s%20e+c:ret"), both("i:d", "s e c:ret"));
        assert_eq!(basic("id"), None);
        assert_eq!(open_basic("Bearer aWQ6c2VjcmV0"), None);
        assert_eq!(open_basic("Basic ?"), None);
    }
}
