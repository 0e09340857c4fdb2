//! Where and how tokens are given (RFC 8414).

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder,
        schema::{SchemaType, Type},
    },
};

use super::TOKEN_PATH;
use crate::{
    app::App,
    auth::Anybody,
    http::{
        answer::{Answer, Reply},
        fields::inline_schema,
    },
};

/// What an OAuth client needs to know of this server (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://mahalleh.example.org",
    "token_endpoint": "https://mahalleh.example.org/api/v1/oauth/token",
    "jwks_uri": "https://mahalleh.example.org/.well-known/jwks.json",
    "response_types_supported": [],
    "grant_types_supported": ["client_credentials"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]
}))]
struct AuthorizationServer {
    /// The issuer of tokens: `MAHALLEH_ISSUER` where that is an address, else the address of this server.
    #[schema(min_length = 8, max_length = 300, format = "uri")]
    issuer: String,
    /// The address at which tokens are given.
    #[schema(min_length = 8, max_length = 400, format = "uri")]
    token_endpoint: String,
    /// The address of the public keys that verify tokens.
    #[schema(min_length = 8, max_length = 400, format = "uri")]
    jwks_uri: String,
    /// Always empty, since there is no authorization endpoint.
    #[schema(value_type = Vec<Word>, max_items = 0)]
    response_types_supported: [&'static str; 0],
    /// Always `client_credentials`.
    #[schema(value_type = Vec<Word>, max_items = 10)]
    grant_types_supported: [&'static str; 1],
    /// How a client authenticates: by HTTP Basic, or in the form.
    #[schema(value_type = Vec<Word>, max_items = 10)]
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// A word of a registry of OAuth.
struct Word;

inline_schema!(
    Word,
    "OAuthWord",
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).min_length(Some(1)).max_length(Some(64)).pattern(Some("^[a-z_]+$"))
);

/// Where and how machines get access tokens.
///
/// OAuth 2.0 authorization server metadata (RFC 8414).
#[utoipa::path(tag = "auth", operation_id = "getAuthorizationServer", security(()), responses((status = 200, body = AuthorizationServer)))]
#[get("/.well-known/oauth-authorization-server")]
pub async fn get_metadata(_who: Anybody, app: web::Data<App>, request: HttpRequest) -> Answer {
    let origin = origin(&app, &request);
    let metadata = AuthorizationServer {
        token_endpoint: format!("{origin}{TOKEN_PATH}"),
        jwks_uri: format!("{origin}/.well-known/jwks.json"),
        // To the letter as in the tokens (RFC 9068 §4).
        issuer: if is_address(&app.config.issuer) { app.config.issuer.clone() } else { origin },
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    };
    let mut answer = HttpResponse::from(Reply::tagged(&metadata)?);
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Host, X-Forwarded-Host, X-Forwarded-Proto"));
    Ok(answer)
}

/// The address of this server, as the operator or else the client calls it; a proxy is believed where it is trusted.
fn origin(app: &App, request: &HttpRequest) -> String {
    if is_address(&app.config.issuer) {
        return app.config.issuer.trim_end_matches('/').to_owned();
    }
    let forwarded = request.peer_addr().is_some_and(|peer| app.config.trusts(peer.ip()));
    // The last of several is the proxy's own; those before it may be the client's.
    let header = |name: &str| Some(request.headers().get_all(name).last()?.to_str().ok()?.rsplit(',').next()?.trim());
    let is_host =
        |host: &&str| (1..=255).contains(&host.len()) && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let secure = forwarded && header("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let host = header("x-forwarded-host").filter(|_| forwarded).filter(is_host).or_else(|| header("host").filter(is_host));
    format!("{}://{}", if secure { "https" } else { "http" }, host.unwrap_or(&app.config.bind))
}

fn is_address(issuer: &str) -> bool {
    issuer.starts_with("https://") || issuer.starts_with("http://")
}
