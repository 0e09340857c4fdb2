//! The middleware of every path. Outside of CORS: request id, language, caller, conditional GET, headers of every
//! answer, access log and metrics. Inside of it: rate limit, time limit and problem documents.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing::Instrument;

use super::{conditional, language::Language, limit::Standing, problem::Problem};
use crate::{
    app::App,
    auth::Actor,
    db::{Id, Timestamp},
    error::{ApiError, Code},
};

/// How long a request may take; exports stream and have their own measure.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is known of a request before its handler runs.
#[derive(Clone)]
pub struct Known {
    /// As in `X-Request-Id`.
    pub request_id: Rc<str>,
    /// Of messages.
    pub language: Language,
    /// The caller; `None` where no token was sent.
    pub caller: Result<Option<Arc<Actor>>, ApiError>,
}

impl Known {
    /// Of the request that is under way.
    pub fn of(request: &actix_web::HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self {
            request_id: "unknown".into(),
            language: Language::default(),
            caller: Err(ApiError::internal("the request middleware is not in place")),
        })
    }
}

/// Does all that a request needs before and after its handler.
pub async fn middleware(
    app: web::Data<App>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = app.world.now();
    let request_id: Rc<str> = request_id(request.headers()).unwrap_or_else(|| app.world.id().to_string()).into();
    let language = Language::of(request.headers());
    let method = request.method().clone();
    if method == Method::HEAD {
        // Routes know GET; the connection leaves the body out because the client asked for the head.
        request.head_mut().method = Method::GET;
    }
    let trace = request.headers().get("traceparent").and_then(|value| value.to_str().ok()).filter(|value| is_traceparent(value));
    let span = tracing::info_span!("request", id = %request_id, traceparent = trace);
    let is_api = request.path().starts_with("/api/");
    let answered = async {
        let caller = if is_api { app.auth.caller(&app, request.headers()).await } else { Ok(None) };
        let standing = if is_api { app.limiter.check(&caller, super::limit::address(&app, &request)) } else { Standing::Free };
        let user = caller.as_ref().ok().and_then(|actor| actor.as_ref().map(|actor| actor.user_id));
        request.extensions_mut().insert(Known { request_id: Rc::clone(&request_id), language, caller });
        request.extensions_mut().insert(standing.clone());
        let answered = match next.call(request).await {
            Ok(response) => finish(as_problem(response, language, &request_id), &standing, &method, language, &request_id),
            Err(error) => Err(broken_off(&error, &standing, is_api, language, &request_id)),
        };
        let (route, status) = match &answered {
            Ok(response) => (response.request().match_pattern(), response.status()),
            Err(error) => (None, error.as_response_error().status_code()),
        };
        log(&method, route, status, began, app.world.now(), user);
        answered
    };
    answered.instrument(span).await
}

/// Refuses what is over the rate limit, ends what takes too long, and makes a problem document of whatever a handler
/// refuses; inside of CORS, so that a browser may read it.
pub async fn refusals(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let known = Known::of(request.request());
    let standing = request.extensions().get::<Standing>().cloned();
    if let Some(Standing::Exceeded { retry_after, .. }) = standing {
        let error = ApiError { retry_after: Some(retry_after), ..ApiError::new(Code::TooManyRequests) };
        return Ok(request.into_response(Problem::response(&error, known.language, &known.request_id)));
    }
    match tokio::time::timeout(TIME_LIMIT, next.call(request)).await {
        Err(_) => Err(ApiError::busy().into()),
        Ok(answered) => answered.map(|response| as_problem(response, known.language, &known.request_id)),
    }
}

/// The response, or the problem document of what it refuses. No clone of a request is kept while it is routed:
/// actix wants it for itself, and panics otherwise.
fn as_problem(response: ServiceResponse<impl MessageBody + 'static>, language: Language, request_id: &str) -> ServiceResponse<BoxBody> {
    let error = match response.response().error() {
        Some(error) => known_error(error),
        None if is_bare_failure(&response) => ApiError::new(code_of(response.status())),
        None => return response.map_into_boxed_body(),
    };
    response.into_response(Problem::response(&error, language, request_id))
}

/// The whole answer to a request that no response came back for.
fn broken_off(error: &Error, standing: &Standing, is_api: bool, language: Language, request_id: &str) -> Error {
    let error = known_error(error);
    let mut response = Problem::response(&error, language, request_id);
    dress(response.headers_mut(), standing, is_api, language, request_id);
    InternalError::from_response(error, response).into()
}

/// The error as ours; one that actix made by itself gets the code of its status.
fn known_error(error: &Error) -> ApiError {
    let ours = error.as_error::<ApiError>().cloned();
    let known = ours.unwrap_or_else(|| {
        let status = error.as_response_error().status_code();
        ApiError { cause: Some(error.to_string()), ..ApiError::new(code_of(status)) }
    });
    if known.code.status() >= 500 {
        tracing::error!(code = known.code.word(), cause = known.cause, "the request failed");
    }
    known
}

fn is_bare_failure<B>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error()) && !response.headers().contains_key(header::CONTENT_TYPE)
}

fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        413 => Code::PayloadTooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::TooManyRequests,
        503 => Code::Unavailable,
        400..=499 => Code::InvalidParameter,
        _ => Code::Internal,
    }
}

/// Puts the headers of every answer on it, and makes a 304 of what the client already has.
fn finish(
    mut response: ServiceResponse<BoxBody>,
    standing: &Standing,
    method: &Method,
    language: Language,
    request_id: &str,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if (method == Method::GET || method == Method::HEAD) && conditional::is_unchanged(response.request().headers(), response.headers()) {
        response = response.map_body(|head, _| {
            head.status = StatusCode::NOT_MODIFIED;
            head.headers.remove(header::CONTENT_TYPE);
            BoxBody::new(())
        });
    }
    let is_api = response.request().path().starts_with("/api/");
    dress(response.headers_mut(), standing, is_api, language, request_id);
    Ok(response)
}

/// The headers of every answer.
fn dress(headers: &mut HeaderMap, standing: &Standing, is_api: bool, language: Language, request_id: &str) {
    set(headers, "x-request-id", request_id);
    set(headers, "x-content-type-options", "nosniff");
    standing.headers(|name, value| set(headers, name, value));
    if is_api {
        set_default(headers, &header::CACHE_CONTROL, "private, no-cache");
        set_default(headers, &header::CONTENT_LANGUAGE, language.tag());
        headers.append(header::VARY, HeaderValue::from_static("Authorization, Accept, Accept-Language"));
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn set_default(headers: &mut HeaderMap, name: &HeaderName, value: &'static str) {
    if !headers.contains_key(name) {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
}

/// One line and two metrics for each request; neither query strings nor bodies, which may hold what a log must not.
fn log(method: &Method, route: Option<String>, status: StatusCode, began: Timestamp, ended: Timestamp, user: Option<Id>) {
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let micros = ended.micros().saturating_sub(began.micros()).max(0);
    let status = status.as_u16();
    tracing::info!(%method, route, status, micros, user = user.map(tracing::field::display), "answered");
    #[expect(clippy::cast_precision_loss, reason = "a duration in a histogram")]
    let seconds = micros as f64 / 1e6;
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(seconds);
}

/// The client's request id, where it is one: 1..64 of `A-Za-z0-9-_`.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("x-request-id")?.to_str().ok()?;
    let sound = (1..=64).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    sound.then(|| given.to_owned())
}

/// Whether it has the form of W3C Trace Context, version 00.
fn is_traceparent(value: &str) -> bool {
    value.len() == 55 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// A response with no body of a given status; for handlers that only say that it is done.
pub fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}
