//! The caller, and [`Can`]: the only way by which a handler gets one, so that the check cannot be forgotten.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header::AUTHORIZATION},
};
use chrono::NaiveDate;

use crate::{
    app::App,
    clock::tehran_day,
    db::Id,
    error::{ApiError, ProblemCode},
    http::{fallback, language::Language, negotiate::accepts_json, query, request::RequestContext},
    policy::{self, Action, Kind, Role},
};

/// A user as he is now, or a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The tenant.
    pub province_id: i32,
    /// The user's id; of a service account its `client_id`.
    pub user_id: Id,
    /// His login name; of a service account its `client_id`.
    pub username: String,
    /// His display name.
    pub display_name: String,
    /// His role.
    pub role: Role,
    /// His agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// The neighbourhoods that he manages by a mandate valid today, or that a service account acts in; role `neighborhood_manager` only.
    pub places: Vec<Id>,
    /// The session of his tokens; of a service account the secret that it showed.
    pub session_id: Id,
    /// Whether it is a service account, which never decides.
    pub machine: bool,
}

impl Actor {
    /// The operator at the command line: he may do all in a province, and is no user of it.
    pub const fn operator(province_id: i32) -> Self {
        Self {
            province_id,
            user_id: Id::NOBODY,
            username: String::new(),
            display_name: String::new(),
            role: Role::Province,
            agency_id: None,
            places: Vec::new(),
            session_id: Id::NOBODY,
            machine: false,
        }
    }

    /// Whether he may do this to some thing of this kind within his reach.
    pub const fn may(&self, action: Action, kind: Kind) -> bool {
        policy::allows(self.role, action, kind) && (!self.machine || policy::suits_machines(action, kind))
    }

    /// Whether he manages this neighbourhood today.
    pub fn manages(&self, neighborhood: Id) -> bool {
        self.places.contains(&neighborhood)
    }

    /// Whether he is of the province's office.
    pub fn is_province(&self) -> bool {
        self.role == Role::Province
    }

    /// Whether he is a user of this agency.
    pub fn is_of(&self, agency: Id) -> bool {
        self.agency_id == Some(agency)
    }
}

/// Who asks, on which day: what reach, derived figures and `allowed_transitions` depend on.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who asks.
    pub actor: Arc<Actor>,
    /// The day in Tehran.
    pub today: NaiveDate,
    /// The language of messages.
    pub language: Language,
}

impl Scope {
    /// A key that differs between callers who may get different answers to the same question in the same state of the register,
    /// apart from their language. Answers that depend on the user himself, as the list of users does, need more.
    pub fn key(&self) -> String {
        // Every field is named, so that a new one has to be considered here.
        let Self { actor, today, language: _ } = self;
        let Actor { province_id, role, agency_id, places, machine, user_id: _, username: _, display_name: _, session_id: _ } = &**actor;
        let mut places: Vec<String> = places.iter().map(ToString::to_string).collect();
        places.sort_unstable();
        format!("{province_id}\n{role}\n{agency_id:?}\n{machine}\n{today}\n{}", places.join(","))
    }
}

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

    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let known = RequestContext::of(request);
        let actor = known.caller?.ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated))?;
        Ok(Self { actor, request_id: known.request_id.to_string(), language: known.language })
    }
}

/// A caller, for what everybody may do with himself.
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
        let person = |caller: Caller| if caller.actor.machine { Err(ApiError::forbidden()) } else { plainly(request, caller) };
        ready(Caller::of(request).and_then(person).map(Self))
    }
}

/// A caller who takes JSON and gives no parameter.
fn plainly(request: &HttpRequest, caller: Caller) -> Result<Caller, ApiError> {
    accepts_json(request)?;
    query::none(request.query_string())?;
    Ok(caller)
}

/// A caller whose role may do this to things of this kind, and who takes JSON.
pub struct Can<A, K> {
    caller: Caller,
    right: PhantomData<fn() -> (A, K)>,
}

impl<A, K> Deref for Can<A, K> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<A: can::Does, K: can::On> Can<A, K> {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        // A path that only looks like an item's, as `/agencies/export` does, has other methods for everybody.
        let caller = Caller::of(request).map_err(|refusal| fallback::misplaced(request).unwrap_or(refusal))?;
        if !caller.actor.may(A::ACTION, K::KIND) {
            return Err(fallback::misplaced(request).unwrap_or_else(ApiError::forbidden));
        }
        Ok(Self { caller, right: PhantomData })
    }
}

impl<A: can::Does, K: can::On> FromRequest for Can<A, K> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).and_then(|can| accepts_json(request).map(|()| can)))
    }
}

/// A caller whose role may read things of this kind, for the handlers of files: they look at `Accept` themselves, since the media type
/// depends on the format.
pub struct CanTake<K>(Can<can::Read, K>);

impl<K> Deref for CanTake<K> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<K: can::On> FromRequest for CanTake<K> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Can::of(request).map(Self))
    }
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

/// The words that a handler's `Can<Read, Agencies>` is written with.
pub mod can {
    use super::{Action, Kind};

    /// An action, as a type.
    pub trait Does: 'static {
        /// The action.
        const ACTION: Action;
    }
    /// A kind of thing, as a type.
    pub trait On: 'static {
        /// The kind.
        const KIND: Kind;
    }

    macro_rules! words {
        ($trait:ident, $const:ident: $type:ident; $($name:ident = $variant:ident),+) => {$(
            #[doc = concat!("[`", stringify!($type), "::", stringify!($variant), "`], as a type.")]
            pub struct $name;
            impl $trait for $name { const $const: $type = $type::$variant; }
        )+};
    }
    words!(Does, ACTION: Action; Read = Read, Create = Create, Update = Update, Delete = Delete, Transition = Transition);
    words!(
        On, KIND: Kind;
        Domains = Domain, Agencies = Agency, Neighborhoods = Neighborhood, Users = User, Mandates = Mandate,
        Initiatives = Initiative, Responsibilities = Responsibility, Deferrals = Deferral, Events = Event,
        Clients = Client, Imports = Import, Reports = Report
    );
}
