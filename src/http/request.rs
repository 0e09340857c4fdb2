//! What surrounds every request: its id, its language, its caller (below `/api/`) and its allowance before the handler; problem documents,
//! conditional GET, the headers of every answer, access log and metrics after it.

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

use super::{conditional, cors, language::Language, problem::Problem, rate_limit::Allowance};
use crate::{
    app::App,
    auth::Actor,
    db::Id,
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
    http::resource::Resource,
    imports::Imports,
};

/// How long a request may take; exports stream and have their own measure.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long the upload of a file may take (CONTRACT §1: not bound by the limit of other requests).
const UPLOAD_LIMIT: Duration = Duration::from_secs(3600);

/// What is known of a request before its handler runs.
#[derive(Clone)]
pub struct RequestContext {
    /// The request's id, as in `X-Request-Id`.
    pub request_id: Rc<str>,
    /// The language of messages.
    pub language: Language,
    /// The caller; `None` where no token was sent, or outside `/api/`.
    pub caller: Result<Option<Arc<Actor>>, ApiError>,
    /// How the caller stands with the rate limit.
    pub allowance: Allowance,
    /// Whether the request was a HEAD, which handlers see as a GET.
    pub head_only: bool,
}

impl RequestContext {
    /// What is known of this request.
    pub fn of(request: &actix_web::HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self {
            request_id: "unknown".into(),
            language: Language::default(),
            caller: Err(ApiError::internal("the request middleware is not in place")),
            allowance: Allowance::Free,
            head_only: false,
        })
    }
}

/// Does all that a request needs before and after its handler.
///
/// # Errors
/// Only those that carry a finished answer.
pub async fn middleware(
    app: web::Data<App>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = app.world.elapsed();
    let request_id: Rc<str> = request_id(request.headers()).unwrap_or_else(|| app.world.new_id().to_string()).into();
    let language = Language::of(request.headers());
    let method = request.method().clone();
    if method == Method::HEAD {
        // Routes know only GET; the connection still leaves the body out, because the client asked for HEAD.
        request.head_mut().method = Method::GET;
    }
    let trace = request.headers().get("traceparent").and_then(|value| value.to_str().ok()).filter(|value| is_traceparent(value));
    // Of the highest level, so that an error tells its request however little is logged.
    let span = tracing::error_span!("request", id = %request_id, traceparent = trace);
    // As the router matches it, with needless percent-encoding undone, so that no other spelling gets round a limit.
    let path = request.match_info().as_str().to_owned();
    let is_api = path.starts_with("/api/");
    let answered = async {
        let known = async { if is_api { app.auth.caller(&app, request.headers()).await } else { Ok(None) } };
        let caller = tokio::time::timeout(TIME_LIMIT, known).await.unwrap_or_else(|_| Err(ApiError::busy()));
        let address = super::client_ip::of(&app, request.request());
        let allowance = if is_api { app.limiter.check(&caller, address) } else { app.limiter.check_outside_api(address) };
        let user = caller.as_ref().ok().and_then(|actor| actor.as_ref().map(|actor| actor.user_id));
        let head_only = method == Method::HEAD;
        let known = RequestContext { request_id: Rc::clone(&request_id), language, caller, allowance: allowance.clone(), head_only };
        request.extensions_mut().insert(known);
        let finish = |headers: &mut HeaderMap| finish(headers, &allowance, is_api, language, &request_id);
        match answer(request, next, language, &request_id).await {
            Ok(mut response) => {
                if method == Method::GET || method == Method::HEAD {
                    response = without_what_is_known(response);
                }
                finish(response.headers_mut());
                let took = app.world.elapsed().saturating_sub(began);
                log(response.request().match_pattern(), response.status(), &method, took, user);
                Ok(response)
            }
            Err(mut response) => {
                finish(response.headers_mut());
                // The router has kept the request and the route it matched; the document knows the route too.
                let route = app.document.path(&path).map(|path| path.template.clone());
                log(route, response.status(), &method, app.world.elapsed().saturating_sub(began), user);
                Err(InternalError::from_response("refused without the request", response).into())
            }
        }
    };
    answered.instrument(span).await
}

/// Refuses who is over the rate limit, and what takes too long; inside CORS, so that a page in a browser can read the refusal.
///
/// # Errors
/// `busy` where the time is over.
pub async fn enforce_limits(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Allowance::Exceeded { retry_after, .. } = RequestContext::of(request.request()).allowance {
        let error = ApiError::new(ProblemCode::TooManyRequests).with_retry_after(retry_after);
        return Ok(ServiceResponse::from_err(error, request.into_parts().0));
    }
    let is_upload = request.method() == Method::POST && request.match_info().as_str() == Imports::PATH;
    let limit = if is_upload { UPLOAD_LIMIT } else { TIME_LIMIT };
    match tokio::time::timeout(limit, next.call(request)).await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
        Err(_) => Err(ApiError::busy().into()),
    }
}

/// Runs the handler, and makes a problem document of whatever it refuses.
///
/// The router must own the request; where it does not give it back, the error is the bare answer.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    language: Language,
    request_id: &str,
) -> Result<ServiceResponse<BoxBody>, HttpResponse> {
    let problem = |error: &ApiError| Problem::response(error, language, request_id);
    let response = match next.call(request).await {
        Ok(response) => response,
        Err(error) => return Err(with_headers_of(error.error_response().headers(), problem(&known_error(&error)))),
    };
    let refusal = match response.response().error() {
        Some(error) => Some(problem(&known_error(error))),
        None => is_bare_failure(&response).then(|| problem(&of_status(response.status()))),
    };
    Ok(match refusal {
        Some(refusal) => {
            let refusal = with_headers_of(response.headers(), refusal);
            response.into_response(refusal)
        }
        None => response.map_into_boxed_body(),
    })
}

/// A refusal with the headers that others have put on what it takes the place of, as those of CORS.
fn with_headers_of(headers: &HeaderMap, mut refusal: HttpResponse) -> HttpResponse {
    for (name, value) in headers {
        if !refusal.headers().contains_key(name) {
            refusal.headers_mut().append(name.clone(), value.clone());
        }
    }
    refusal
}

/// The [`ApiError`] within an error; one that actix made by itself gets the code of its status.
fn known_error(error: &Error) -> ApiError {
    let ours = error.as_error::<ApiError>().cloned();
    let preflight = || error.as_error().map(|refused| ApiError::parameters(vec![cors::fault(refused)]));
    let known = ours.or_else(preflight).unwrap_or_else(|| of_status(error.as_response_error().status_code()).with_cause(error));
    match known.code {
        // Load is no failure: who sends a body slowly would fill the log with errors.
        ProblemCode::Busy => tracing::warn!(cause = known.cause, "the request was given up as busy"),
        code if code.status() >= 500 => tracing::error!(code = code.as_str(), cause = known.cause, "the request failed"),
        _ => {}
    }
    known
}

fn is_bare_failure<B>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error()) && !response.headers().contains_key(header::CONTENT_TYPE)
}

/// The error of a status that no code of ours gave.
fn of_status(status: StatusCode) -> ApiError {
    ApiError::new(match status.as_u16() {
        404 => ProblemCode::NotFound,
        405 => ProblemCode::MethodNotAllowed,
        406 => ProblemCode::NotAcceptable,
        413 => ProblemCode::PayloadTooLarge,
        415 => ProblemCode::UnsupportedMediaType,
        429 => ProblemCode::TooManyRequests,
        503 => ProblemCode::Unavailable,
        400..=499 => return ApiError::parameters(vec![Fault::parameter("request", FaultCode::InvalidFormat).with("RFC 9112")]),
        _ => ProblemCode::Internal,
    })
}

/// A 304 in the place of what the client already has.
fn without_what_is_known(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !conditional::is_unchanged(response.request().headers(), response.headers()) {
        return response;
    }
    response.map_body(|head, _| {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        head.headers.remove(header::CONTENT_ENCODING);
        BoxBody::new(())
    })
}

/// Puts the headers of every answer on it.
fn finish(headers: &mut HeaderMap, allowance: &Allowance, is_api: bool, language: Language, request_id: &str) {
    set(headers, "x-request-id", request_id);
    set(headers, "x-content-type-options", "nosniff");
    allowance.headers(|name, value| set(headers, name, value));
    if is_api {
        set_default(headers, &header::CACHE_CONTROL, "private, no-cache");
        set_default(headers, &header::CONTENT_LANGUAGE, language.tag());
        headers.append(header::VARY, HeaderValue::from_static("Authorization, Accept, Accept-Language"));
    } else if headers.contains_key(header::CONTENT_LANGUAGE) {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
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
fn log(route: Option<String>, status: StatusCode, method: &Method, took: Duration, user: Option<Id>) {
    let (route, status, method) = (route.unwrap_or_else(|| "unmatched".to_owned()), status.as_u16(), known(method));
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, micros, user = user.map(tracing::field::display), "answered");
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(took.as_secs_f64());
}

/// A method's name; made-up methods are all `OTHER`, so that they add no labels to the metrics.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|name| *name == method.as_str()).unwrap_or("OTHER")
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
