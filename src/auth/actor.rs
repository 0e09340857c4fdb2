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
    http::{
        Method,
        header::{ACCEPT, AUTHORIZATION},
    },
};
use chrono::NaiveDate;

use crate::{
    app::App,
    clock::tehran_day,
    db::Id,
    error::{ApiError, Code},
    http::{fallback, language::Language, query, request::Known},
    policy::{self, Action, Kind, Role},
};

/// A user as he is now, or a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The tenant.
    pub province_id: i32,
    /// Who; of a service account its `client_id`.
    pub user_id: Id,
    /// His name for logging in; of a service account its `client_id`.
    pub username: String,
    /// His name for people.
    pub display_name: String,
    /// What he is.
    pub role: Role,
    /// Of which agency; role agency only.
    pub agency_id: Option<Id>,
    /// The neighbourhoods of his mandates that are valid today; role manager only.
    pub places: Vec<Id>,
    /// The family of his tokens.
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
    /// Who.
    pub actor: Arc<Actor>,
    /// The day in Tehran.
    pub today: NaiveDate,
    /// Of messages.
    pub language: Language,
}

impl Scope {
    /// What tells apart those who get different answers to one question in one state of the register, but for their language.
    /// What depends on the very user, as the list of users does, needs more.
    pub fn key(&self) -> String {
        // All of them are named, so that a new one is thought of here.
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
    /// Who.
    pub actor: Arc<Actor>,
    /// As in `X-Request-Id`.
    pub request_id: String,
    /// Of messages.
    pub language: Language,
}

impl Caller {
    /// Who asks, today.
    pub fn scope(&self, app: &App) -> Scope {
        Scope { actor: Arc::clone(&self.actor), today: tehran_day(app.world.now()), language: self.language }
    }

    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let known = Known::of(request);
        let actor = known.caller?.ok_or_else(|| ApiError::new(Code::Unauthenticated))?;
        Ok(Self { actor, request_id: known.request_id.to_string(), language: known.language })
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    /// For what every user may do with himself.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = |caller| accepts_json(request).and_then(|()| query::none(request.query_string())).map(|()| caller);
        ready(Self::of(request).and_then(asks))
    }
}

/// A caller whose role may do this to things of this kind.
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

impl<A: can::Does, K: can::On> FromRequest for Can<A, K> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // A path that only looks like an item's, as `/agencies/export` does, has other methods for everybody.
        let caller = Caller::of(request).map_err(|refusal| fallback::misplaced(request).unwrap_or(refusal)).and_then(|caller| {
            if !caller.actor.may(A::ACTION, K::KIND) {
                return Err(fallback::misplaced(request).unwrap_or_else(ApiError::forbidden));
            }
            // The media type of a file depends on its format; the handlers of files look at Accept.
            if !["/export", "/template", "/chart"].iter().any(|ending| request.path().ends_with(ending)) {
                accepts_json(request)?;
            }
            Ok(caller)
        });
        ready(caller.map(|caller| Self { caller, right: PhantomData }))
    }
}

/// Whoever it is: for what needs no token.
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
    /// For what answers more than JSON, and looks at Accept itself.
    ///
    /// # Errors
    /// 401 `invalid_token` where there is an Authorization header that is no bearer token.
    pub fn with_bearer_at_most(request: &HttpRequest) -> Result<Self, ApiError> {
        let is_bearer = |value: &str| value.trim().split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let header = request.headers().get(AUTHORIZATION);
        if header.is_some_and(|value| !value.to_str().is_ok_and(is_bearer)) {
            return Err(ApiError::new(Code::InvalidToken));
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

/// 406 where the client takes no JSON.
fn accepts_json(request: &HttpRequest) -> Result<(), ApiError> {
    accepts(request, &["application/json", "application/problem+json"])
}

/// 406 where the client takes none of these media types.
///
/// # Errors
/// `not_acceptable`.
pub fn accepts(request: &HttpRequest, served: &[&str]) -> Result<(), ApiError> {
    let mut wishes = request
        .headers()
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter(|wish| !wish.trim().is_empty())
        .peekable();
    if wishes.peek().is_none() {
        return Ok(());
    }
    let takes = |wish: &str| {
        let mut pieces = wish.split(';').map(str::trim);
        let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let refused = pieces.any(|piece| matches!(piece, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let fits = |media: &&str| {
            range == "*/*" || range == **media || range.strip_suffix("/*").is_some_and(|kind| media.split('/').next() == Some(kind))
        };
        !refused && served.iter().any(fits)
    };
    if wishes.any(takes) { Ok(()) } else { Err(ApiError::new(Code::NotAcceptable)) }
}

/// The words that a handler's `Can<Read, Agencies>` is written with.
pub mod can {
    use super::{Action, Kind};

    /// An action, as a type.
    pub trait Does: 'static {
        /// Which.
        const ACTION: Action;
    }
    /// A kind of thing, as a type.
    pub trait On: 'static {
        /// Which.
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
