//! Refusals: which ones an operation can give, by its shape, each with the problem documents that the server makes.

mod conflict;

use serde_json::{Value, json};

use super::{Object, oauth, operation::Operation, responses::named};
use crate::{
    error::{ApiError, ProblemCode},
    fault::{Fault, FaultCode},
    http::{language::Language, problem::Problem},
};

/// A shared answer: its name, what it says, and the codes that it may have, which give the status.
struct Refusal(&'static str, &'static str, &'static [ProblemCode]);

const INVALID_PARAMETERS: Refusal =
    Refusal("InvalidParameters", "A parameter or header is wrong, or unknown.", &[ProblemCode::InvalidParameter]);
const MALFORMED: Refusal = Refusal(
    "MalformedRequest",
    "The body is not JSON, or a parameter or header is wrong.",
    &[ProblemCode::MalformedJson, ProblemCode::InvalidParameter],
);
const UNAUTHENTICATED: Refusal =
    Refusal("Unauthenticated", "No access token, or not a good one.", &[ProblemCode::Unauthenticated, ProblemCode::InvalidToken]);
const WRONG_PASSWORD: Refusal = Refusal(
    "WrongPassword",
    "No good access token, or the password is wrong.",
    &[ProblemCode::Unauthenticated, ProblemCode::InvalidToken, ProblemCode::InvalidCredentials],
);
const NOT_BEARER: Refusal =
    Refusal("NotBearer", "No token is needed, but there is an Authorization header that is no bearer token.", &[ProblemCode::InvalidToken]);
const WRONG_LOGIN: Refusal = Refusal(
    "WrongLogin",
    "The name or the password is wrong, or there is an Authorization header that is no bearer token.",
    &[ProblemCode::InvalidCredentials, ProblemCode::InvalidToken],
);
const WRONG_REFRESH: Refusal =
    Refusal("WrongRefresh", "The refresh token is not good, or was used before.", &[ProblemCode::InvalidToken, ProblemCode::RefreshReused]);
const FORBIDDEN: Refusal = Refusal("Forbidden", "The caller's role or place does not permit it.", &[ProblemCode::Forbidden]);
const FORBIDDEN_FIELD: Refusal = Refusal(
    "ForbiddenField",
    "The caller's role or place does not permit it, or not for these fields.",
    &[ProblemCode::Forbidden, ProblemCode::ForbiddenField],
);
const NOT_FOUND: Refusal = Refusal("NotFound", "No such thing within the caller's reach.", &[ProblemCode::NotFound]);
const NOT_ACCEPTABLE: Refusal = Refusal("NotAcceptable", "Accept names nothing that is served here.", &[ProblemCode::NotAcceptable]);
const STALE: Refusal = Refusal("StaleVersion", "The thing has changed since it was read.", &[ProblemCode::StaleVersion]);
const TOO_LARGE: Refusal = Refusal("PayloadTooLarge", "The body exceeds the limit.", &[ProblemCode::PayloadTooLarge]);
const MEDIA_TYPE: Refusal =
    Refusal("UnsupportedMediaType", "The body's media type is not taken here.", &[ProblemCode::UnsupportedMediaType]);
const INVALID: Refusal =
    Refusal("ValidationFailed", "Values are wrong: all faults of shape, or all of reference and rule.", &[ProblemCode::ValidationFailed]);
const INVALID_OR_REUSED: Refusal = Refusal(
    "ValidationFailedOrKeyReused",
    "Values are wrong, or the key was used with another request.",
    &[ProblemCode::ValidationFailed, ProblemCode::IdempotencyKeyReused],
);
const REUSED: Refusal = Refusal("KeyReused", "The key was used with another request.", &[ProblemCode::IdempotencyKeyReused]);
const PRECONDITION: Refusal = Refusal("PreconditionRequired", "If-Match is missing.", &[ProblemCode::PreconditionRequired]);
const TOO_MANY: Refusal = Refusal("TooManyRequests", "Too many requests in too short a time.", &[ProblemCode::TooManyRequests]);
const INTERNAL: Refusal = Refusal("InternalError", "The server met an error.", &[ProblemCode::Internal]);
const UNAVAILABLE: Refusal = Refusal("Unavailable", "The server cannot do it just now.", &[ProblemCode::Busy, ProblemCode::Unavailable]);

const ALL: [&Refusal; 21] = [
    &INVALID_PARAMETERS,
    &MALFORMED,
    &UNAUTHENTICATED,
    &WRONG_PASSWORD,
    &NOT_BEARER,
    &WRONG_LOGIN,
    &WRONG_REFRESH,
    &FORBIDDEN,
    &FORBIDDEN_FIELD,
    &NOT_FOUND,
    &NOT_ACCEPTABLE,
    &STALE,
    &TOO_LARGE,
    &MEDIA_TYPE,
    &INVALID,
    &INVALID_OR_REUSED,
    &REUSED,
    &PRECONDITION,
    &TOO_MANY,
    &INTERNAL,
    &UNAVAILABLE,
];

/// The headers of every refusal under `/api/v1`.
pub const HEADERS: [&str; 7] = [
    "Access-Control-Allow-Origin",
    "Cache-Control",
    "Content-Language",
    "RateLimit",
    "RateLimit-Policy",
    "X-Content-Type-Options",
    "X-Request-Id",
];

impl Refusal {
    fn status(&self) -> u16 {
        self.2.first().map_or(500, |code| code.status())
    }

    /// The whole answer, with an example for each code.
    fn answer(&self) -> Value {
        let mut headers = HEADERS.to_vec();
        headers.extend(match self.status() {
            401 => Some("WWW-Authenticate"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        });
        json!({"description": self.1, "headers": named(headers), "content": {"application/problem+json": problem(self.2)}})
    }
}

/// A problem document, with an example for each code.
pub fn problem(codes: &[ProblemCode]) -> Value {
    let example = |code: &ProblemCode| (code.as_str().to_owned(), json!({"summary": code.texts()[1].0, "value": example(*code)}));
    let examples: Object = codes.iter().map(example).collect();
    json!({"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples})
}

/// The answer 304 with these headers.
fn not_modified(headers: impl IntoIterator<Item = &'static str>) -> Value {
    json!({"description": "If-None-Match names the present ETag.", "headers": named(headers)})
}

/// The shared answers, by name.
pub fn components() -> Object {
    // Beside /api/v1 what is JSON is of no language.
    let beside = HEADERS.into_iter().filter(|header| *header != "Content-Language").chain(["ETag"]);
    let unchanged =
        [("NotModified", not_modified(HEADERS.into_iter().chain(["ETag", "Link"]))), ("NotModifiedBeside", not_modified(beside))];
    let refusals = ALL.into_iter().chain(conflict::ALL).map(|refusal| (refusal.0, refusal.answer()));
    refusals.chain(unchanged).map(|(name, answer)| (name.to_owned(), answer)).collect()
}

/// Puts the refusals of an operation beside its success.
pub fn put(operation: &Operation, raw: &mut Object) {
    let Some(answers) = raw.get_mut("responses").and_then(Value::as_object_mut) else { return };
    if operation.id == "issueToken" {
        oauth::finish(answers);
    }
    for refusal in of(operation) {
        let shared = json!({"$ref": format!("#/components/responses/{}", refusal.0)});
        answers.entry(refusal.status().to_string()).or_insert(shared);
    }
}

/// What an operation of this shape can refuse with.
fn of(operation: &Operation) -> Vec<&'static Refusal> {
    let mut all = vec![&INTERNAL];
    if operation.path != "/livez" {
        all.push(&UNAVAILABLE);
    }
    if operation.id == "issueToken" {
        // Its other refusals are those of RFC 6749.
        all.extend([&TOO_MANY, &TOO_LARGE]);
        return all;
    }
    all.extend([&TOO_MANY, if operation.takes_body { &MALFORMED } else { &INVALID_PARAMETERS }]);
    match operation.id.as_str() {
        "login" => all.push(&WRONG_LOGIN),
        "refreshTokens" => all.push(&WRONG_REFRESH),
        "changePassword" => all.push(&WRONG_PASSWORD),
        _ => all.push(if operation.public { &NOT_BEARER } else { &UNAUTHENTICATED }),
    }
    all.push(&NOT_ACCEPTABLE);
    if operation.may_be_forbidden() {
        all.push(if limits_fields(operation) { &FORBIDDEN_FIELD } else { &FORBIDDEN });
    }
    if operation.names_item() {
        all.push(&NOT_FOUND);
    }
    if operation.takes_body {
        all.extend([&TOO_LARGE, &MEDIA_TYPE, if operation.is_idempotent() { &INVALID_OR_REUSED } else { &INVALID }]);
    }
    if operation.is_idempotent() && !operation.takes_body {
        all.push(&REUSED);
    }
    if operation.is_change() {
        all.extend([&STALE, &PRECONDITION]);
    } else if operation.is_transition() {
        all.push(&STALE);
    }
    all.extend(conflict::of(operation));
    all
}

/// Whether some callers may write only some of the fields (the features' `rules.rs`).
fn limits_fields(operation: &Operation) -> bool {
    matches!(operation.id.as_str(), "createUser" | "updateUser" | "updateInitiative" | "updateNeighborhood" | "updateResponsibility")
}

/// The problem document that the server makes of a code.
fn example(code: ProblemCode) -> Value {
    let error = match code {
        ProblemCode::InvalidParameter => ApiError::parameters(vec![Fault::parameter("limit", FaultCode::OutOfRange).with(1).with(200)]),
        ProblemCode::ValidationFailed => {
            ApiError::invalid(vec![Fault::at("/name", FaultCode::Required), Fault::at("/nmae", FaultCode::UnknownField)])
        }
        ProblemCode::MalformedJson => ApiError::malformed("JSON (1:9)", ""),
        ProblemCode::IdempotencyKeyReused => ApiError::key_reused(),
        ProblemCode::AlreadyExists => ApiError::on_fields(code, FaultCode::AlreadyExists, &["code"]),
        ProblemCode::Frozen => ApiError::on_fields(code, FaultCode::Frozen, &["code"]),
        ProblemCode::ForbiddenField => ApiError::on_fields(code, FaultCode::ForbiddenField, &["name"]),
        ProblemCode::IllegalTransition => ApiError { allowed: Some(vec!["in_progress", "cancelled"]), ..ApiError::new(code) },
        ProblemCode::StaleVersion => ApiError { current_version: Some(4), ..ApiError::new(code) },
        _ => ApiError::new(code),
    };
    told(&error)
}

/// The problem document that the server makes of an error.
pub fn told(error: &ApiError) -> Value {
    serde_json::to_value(Problem::new(error, Language::English, "0193a1b0-6d2f-7c44-9a0e-1b2c3d4e5f60")).unwrap_or_default()
}
