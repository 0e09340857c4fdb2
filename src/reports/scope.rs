//! What a report speaks of: the reach of each resource, narrowed by the filter. All figures begin here.

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, dsl::sql, sql_types::Bool};

use super::{
    parallel::{Parallel, Source},
    query::ReportQuery,
};
use crate::{
    agencies,
    auth::Scope,
    clock::midnight,
    db::{
        Conn, Id, MultiBackend, Timestamp,
        schema::{
            agencies as agency, deferrals as deferral, domains as domain, initiatives as initiative, neighborhoods as neighborhood,
            responsibilities as responsibility,
        },
        within,
    },
    deferrals, domains,
    error::ApiError,
    figures::LIVE_SQL,
    http::query::{AnyOf, CodeKey},
    initiatives, neighborhoods, responsibilities,
};

/// Days after which a proposed responsibility counts as unanswered.
pub const UNANSWERED_AFTER_DAYS: i64 = 7;

/// Who asks for what, on which day.
pub struct View<'a> {
    /// Who asks, and so what is in reach.
    pub scope: &'a Scope,
    /// What is asked for.
    pub query: &'a ReportQuery,
    /// The day of lateness, planned progress and health.
    pub as_of: NaiveDate,
    /// What the report is computed from.
    pub source: &'a Source,
}

type Neighborhoods = neighborhood::BoxedQuery<'static, MultiBackend>;
type Agencies = agency::BoxedQuery<'static, MultiBackend>;
type Domains = domain::BoxedQuery<'static, MultiBackend>;
type Initiatives = initiative::BoxedQuery<'static, MultiBackend>;
type Responsibilities = responsibility::BoxedQuery<'static, MultiBackend>;
type Deferrals = deferral::BoxedQuery<'static, MultiBackend>;

impl<'a> View<'a> {
    /// The view of a report on the day asked for, or today.
    pub fn of(source: &'a Source) -> Self {
        let (scope, query) = &*source.shared;
        Self { scope, query, as_of: query.as_of.unwrap_or(scope.today), source }
    }

    /// Hands a part to another reader, which computes it meanwhile.
    pub fn in_parallel<T: Send + 'static>(&self, work: fn(&mut Conn, &View<'_>) -> Result<T, ApiError>) -> Parallel<T> {
        Parallel::begin(self.source, work)
    }

    /// The province.
    pub fn province(&self) -> i32 {
        self.scope.actor.province_id
    }

    /// The instants between which the days of the interval lie.
    pub fn instants(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.query.from.map(midnight), self.query.to.and_then(|day| day.succ_opt()).map(midnight))
    }

    fn places_wanted(&self) -> Option<Vec<Id>> {
        self.query.filter.neighborhood_id.clone().map(|AnyOf(ids)| ids)
    }

    /// The agencies that the filter names.
    fn agencies_wanted(&self) -> Option<Vec<Id>> {
        self.query.filter.agency_id.clone().map(|AnyOf(ids)| ids)
    }

    fn domain_keys(&self) -> Option<Vec<String>> {
        let keys = |AnyOf(codes): AnyOf<CodeKey>| codes.into_iter().map(|CodeKey(key)| key).collect();
        self.query.filter.domain.clone().map(keys)
    }

    /// The neighbourhoods, closed ones too.
    pub fn neighborhoods(&self) -> Neighborhoods {
        let mut query = neighborhoods::queries::visible(&self.scope.actor);
        if let Some(ids) = self.places_wanted() {
            query = query.filter(neighborhood::id.eq_any(ids));
        }
        if let Some(AnyOf(words)) = self.query.filter.designation.clone() {
            query = query.filter(neighborhood::designation.eq_any(words));
        }
        query
    }

    /// The agencies, inactive ones too.
    pub fn agencies(&self) -> Agencies {
        let query = agencies::queries::visible(&self.scope.actor);
        match self.agencies_wanted() {
            Some(ids) => query.filter(agency::id.eq_any(ids)),
            None => query,
        }
    }

    /// The domains, retired ones too.
    pub fn domains(&self) -> Domains {
        let query = domains::queries::visible(&self.scope.actor);
        match self.domain_keys() {
            Some(keys) => query.filter(domain::code_key.eq_any(keys)),
            None => query,
        }
    }

    /// The initiatives.
    pub fn initiatives(&self) -> Initiatives {
        let mut query = initiatives::queries::visible(&self.scope.actor);
        if let Some(ids) = self.places_wanted() {
            query = query.filter(initiative::neighborhood_id.eq_any(ids));
        }
        if self.query.filter.designation.is_some() {
            query = query.filter(within(initiative::neighborhood_id, self.neighborhoods().select(neighborhood::id)));
        }
        if self.query.filter.domain.is_some() {
            query = query.filter(within(initiative::domain, self.domains().select(domain::code)));
        }
        if let Some(ids) = self.agencies_wanted() {
            query = query.filter(within(initiative::id, initiatives::queries::with_participant(self.province(), ids)));
        }
        query
    }

    /// The responsibilities.
    pub fn responsibilities(&self) -> Responsibilities {
        let mut query = responsibilities::queries::visible(&self.scope.actor);
        if let Some(ids) = self.places_wanted() {
            query = query.filter(responsibility::neighborhood_id.eq_any(ids));
        }
        if self.query.filter.designation.is_some() {
            query = query.filter(within(responsibility::neighborhood_id, self.neighborhoods().select(neighborhood::id)));
        }
        if self.query.filter.domain.is_some() {
            query = query.filter(within(responsibility::initiative_domain, self.domains().select(domain::code)));
        }
        if let Some(ids) = self.agencies_wanted() {
            query = query.filter(responsibility::agency_id.eq_any(ids));
        }
        query
    }

    /// The initiatives of the domains asked for; the reach is that of what refers to them.
    fn of_domains(&self) -> initiative::BoxedQuery<'static, MultiBackend, crate::db::types::sql::Uid> {
        initiative::table
            .filter(initiative::province_id.eq(self.province()))
            .filter(within(initiative::domain, self.domains().select(domain::code)))
            .select(initiative::id)
            .into_boxed()
    }

    /// The live responsibilities.
    pub fn live_responsibilities(&self) -> Responsibilities {
        self.responsibilities().filter(sql::<Bool>(LIVE_SQL))
    }

    /// The responsibilities that are late on the day.
    pub fn late_responsibilities(&self) -> Responsibilities {
        self.responsibilities().filter(sql::<Bool>("\"open\"")).filter(responsibility::due_on.lt(self.as_of))
    }

    /// The deferrals.
    pub fn deferrals(&self) -> Deferrals {
        let mut query = deferrals::queries::visible(&self.scope.actor);
        if let Some(ids) = self.places_wanted() {
            query = query.filter(deferral::neighborhood_id.eq_any(ids));
        }
        if self.query.filter.designation.is_some() {
            query = query.filter(within(deferral::neighborhood_id, self.neighborhoods().select(neighborhood::id)));
        }
        if self.query.filter.domain.is_some() {
            query = query.filter(within(deferral::initiative_id, self.of_domains()));
        }
        if let Some(ids) = self.agencies_wanted() {
            query = query.filter(deferral::agency_id.eq_any(ids));
        }
        query
    }

    /// Whether a place is one of the caller's own, which come first.
    pub fn is_own(&self, place: Id) -> bool {
        self.scope.actor.manages(place)
    }
}
