//! [`Can`], by which a handler that needs a right gets its caller, so that the check cannot be forgotten; and the actions that
//! `Can<Read, Agencies>` is written with.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::Caller;
use crate::{
    error::ApiError,
    http::{fallback, negotiate::accepts_json, resource::Resource},
    policy::{Action, Kind},
};

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

impl<A: Does, K: On> Can<A, K> {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        // A path that only looks like an item's, as `/agencies/export` does, has other methods for everybody.
        let caller = Caller::of(request).map_err(|refusal| fallback::misplaced(request).unwrap_or(refusal))?;
        if !caller.actor.may(A::ACTION, K::KIND) {
            return Err(fallback::misplaced(request).unwrap_or_else(ApiError::forbidden));
        }
        Ok(Self { caller, right: PhantomData })
    }
}

impl<A: Does, K: On> FromRequest for Can<A, K> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).and_then(|can| accepts_json(request).map(|()| can)))
    }
}

/// A caller whose role may read things of this kind, for the handlers of files: they look at `Accept` themselves, since the media type
/// depends on the format.
pub struct CanTake<K>(Can<Read, K>);

impl<K> Deref for CanTake<K> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<K: On> FromRequest for CanTake<K> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Can::of(request).map(Self))
    }
}

/// An action, as a type.
pub trait Does: 'static {
    /// The action.
    const ACTION: Action;
}
/// A kind of thing, as a type: every resource, and the reports.
pub trait On: 'static {
    /// The kind.
    const KIND: Kind;
}

macro_rules! actions {
    ($($name:ident),+) => {$(
        #[doc = concat!("[`Action::", stringify!($name), "`], as a type.")]
        pub struct $name;
        impl Does for $name { const ACTION: Action = Action::$name; }
    )+};
}
actions!(Read, Create, Update, Delete, Transition);

impl<R: Resource> On for R {
    const KIND: Kind = R::KIND;
}

/// All reports, which are no resource.
pub struct Reports;

impl On for Reports {
    const KIND: Kind = Kind::Report;
}
