//! Callers, as handlers get them: an authenticated one, one about itself, a person, anybody.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header::AUTHORIZATION},
};

use super::{Actor, Scope};
use crate::{
    app::App,
    clock::tehran_day,
    error::{ApiError, ProblemCode},
    http::{language::Language, negotiate::accepts_json, query, request::RequestContext},
};

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who calls.
    pub actor: Arc<Actor>,
    /// The request's id, as in `X-Request-Id`.
    pub request_id: String,
    /// The language of messages.
    pub language: Language,
}

impl Caller {
    /// Who asks, today.
    pub fn scope(&self, app: &App) -> Scope {
        Scope { actor: Arc::clone(&self.actor), today: tehran_day(app.world.now()), language: self.language }
    }

    pub(super) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let known = RequestContext::of(request);
        let actor = known.caller?.ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated))?;
        Ok(Self { actor, request_id: known.request_id.to_string(), language: known.language })
    }
}

/// A caller, for what everybody may do about themselves.
#[derive(Debug, Clone)]
pub struct Myself(pub Caller);

impl FromRequest for Myself {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Caller::of(request).and_then(|caller| plainly(request, caller)).map(Self))
    }
}

/// A caller who has a password; a service account is refused before its body is looked at.
#[derive(Debug, Clone)]
pub struct Person(pub Caller);

impl FromRequest for Person {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let person = |caller: Caller| if caller.actor.is_client { Err(ApiError::forbidden()) } else { plainly(request, caller) };
        ready(Caller::of(request).and_then(person).map(Self))
    }
}

/// A caller who takes JSON and gives no parameter.
fn plainly(request: &HttpRequest, caller: Caller) -> Result<Caller, ApiError> {
    accepts_json(request)?;
    query::none(request.query_string())?;
    Ok(caller)
}

/// Any caller, for operations that need no token.
///
/// An Authorization header that is no bearer token is refused all the same, since its sender expects it to be looked at. A
/// bearer token is not judged: one that has expired must not keep its owner from logging in, refreshing or logging out.
#[derive(Debug, Clone, Copy)]
pub struct Anybody;

impl FromRequest for Anybody {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Anybody {
    /// For handlers that answer more than JSON, and look at `Accept` themselves.
    ///
    /// # Errors
    /// 401 `invalid_token` where there is an Authorization header that is no bearer token.
    pub fn with_bearer_at_most(request: &HttpRequest) -> Result<Self, ApiError> {
        let is_bearer = |value: &str| value.trim().split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let header = request.headers().get(AUTHORIZATION);
        if header.is_some_and(|value| !value.to_str().is_ok_and(is_bearer)) {
            return Err(ApiError::new(ProblemCode::InvalidToken));
        }
        Ok(Self)
    }

    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let anybody = Self::with_bearer_at_most(request)?;
        accepts_json(request)?;
        // The parameters of a POST are looked at where its body is read.
        if request.method() == Method::GET {
            query::none(request.query_string())?;
        }
        Ok(anybody)
    }
}
