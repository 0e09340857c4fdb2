//! Rows of the record, and who sees them.

use diesel::{
    BoolExpressionMethods, BoxableExpression, ExpressionMethods, NullableExpressionMethods, QueryDsl, Queryable, RunQueryDsl,
    dsl::{count_star, exists},
    sql_types::{Bool, Nullable},
};

use super::{
    dto::{Event, EventFilter},
    record::EventAction,
    waiting,
};
use crate::{
    agencies,
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among,
        schema::{
            agencies as agency_table, deferrals as deferral_table, domains as domain_table, event_bulks, events as table, events::dsl,
            initiatives as initiative_table, mandates as mandate_table, neighborhoods as neighborhood_table,
            responsibilities as responsibility_table,
        },
        within,
    },
    deferrals, domains,
    error::ApiError,
    http::{
        cursor::CursorKey,
        page::PageRequest,
        query::{AnyOf, Number},
        resource::{Resource, keyset},
    },
    initiatives, mandates, neighborhoods,
    policy::{Kind, Role},
    responsibilities,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct EventRow {
    pub intake: i64,
    pub province_id: i32,
    pub id: Id,
    pub seq: Option<i64>,
    pub at: Timestamp,
    pub actor_id: Option<Id>,
    pub actor_username: Option<String>,
    pub actor_display_name: Option<String>,
    pub role: Option<String>,
    pub action: EventAction,
    pub resource_type: String,
    pub resource_id: Option<Id>,
    pub version: Option<i32>,
    pub changes: String,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub neighborhood_id: Option<Id>,
    pub initiative_id: Option<Id>,
    pub user_id: Option<Id>,
    pub register: bool,
    pub prev_hash: Option<String>,
    pub hash: Option<String>,
    pub bulk: Option<i64>,
}

type Query = table::BoxedQuery<'static, MultiBackend>;
type Condition = Box<dyn BoxableExpression<table::table, MultiBackend, SqlType = Nullable<Bool>>>;

/// The sealed events that an actor sees: those about what the actor sees now, and those about the actor's own logins, exports,
/// imports and account. Events about what is gone are for the province alone (DESIGN §4, decision 8).
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id).and(dsl::seq.is_not_null())).into_boxed();
    match actor.role {
        Role::Province => all,
        Role::Agency | Role::NeighborhoodManager | Role::Viewer => all.filter(of_what_is_seen(actor)),
    }
}

fn of_what_is_seen(actor: &Actor) -> Condition {
    macro_rules! of {
        ($kind:expr, $visible:expr, $table:ident) => {
            dsl::resource_type.eq($kind.as_str()).and(within(dsl::resource_id, $visible.select($table::id)))
        };
    }
    let lasting = of!(Kind::Domain, domains::queries::visible(actor), domain_table)
        .or(of!(Kind::Agency, agencies::queries::visible(actor), agency_table))
        .or(of!(Kind::Neighborhood, neighborhoods::queries::visible(actor), neighborhood_table))
        .or(of!(Kind::Mandate, mandates::queries::visible(actor), mandate_table));
    let moving = of!(Kind::Initiative, initiatives::queries::visible(actor), initiative_table)
        .or(of!(Kind::Responsibility, responsibilities::queries::visible(actor), responsibility_table))
        .or(of!(Kind::Deferral, deferrals::queries::visible(actor), deferral_table));
    let own = among(dsl::resource_type, [Kind::User, Kind::Client, Kind::Import].map(Kind::as_str)).and(dsl::user_id.eq(actor.user_id));
    let exported = dsl::action.eq(EventAction::Exported).and(dsl::actor_id.eq(actor.user_id));
    Box::new(lasting.or(moving).or(own).or(exported))
}

fn filtered(scope: &Scope, filter: &EventFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(kinds)) = filter.resource_type {
        query = query.filter(among(dsl::resource_type, kinds.into_iter().map(|name| name.0)));
    }
    if let Some(AnyOf(ids)) = filter.resource_id {
        query = query.filter(among(dsl::resource_id, ids));
    }
    if let Some(AnyOf(ids)) = filter.actor_id {
        // Of users everybody but the province sees only themselves, and a filter by what is out of reach finds nothing (CONTRACT §1).
        let is_seen = |id: &Id| scope.actor.is_province() || *id == scope.actor.user_id;
        query = query.filter(among(dsl::actor_id, ids.into_iter().filter(is_seen)));
    }
    if let Some(AnyOf(deeds)) = filter.action {
        query = query.filter(among(dsl::action, deeds));
    }
    if let Some(Number(after)) = filter.after {
        query = query.filter(dsl::seq.gt(after.0).assume_not_null());
    }
    if let Some(from) = filter.at_from {
        query = query.filter(dsl::at.ge(from));
    }
    if let Some(to) = filter.at_to {
        query = query.filter(dsl::at.le(to));
    }
    query
}

/// Events as they are read.
pub struct Events;

impl Resource for Events {
    type Filter = EventFilter;
    type Row = EventRow;
    type Item = Event;
    const KIND: Kind = Kind::Event;
    const PATH: &'static str = "/api/v1/events";
    const SORTS: &'static [&'static str] = &["seq"];

    fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<EventRow, ApiError> {
        Ok(visible(actor).filter(dsl::id.eq(id)).first(conn)?)
    }

    fn identity(row: &EventRow) -> (Id, i32) {
        (row.id, 1)
    }

    fn rows(conn: &mut Conn, scope: &Scope, filter: &EventFilter, page: &PageRequest) -> Result<Vec<EventRow>, ApiError> {
        let query = keyset!(filtered(scope, filter), page, i64, dsl::seq.assume_not_null(), dsl::id);
        Ok(query.load(conn)?)
    }

    fn total(conn: &mut Conn, scope: &Scope, filter: &EventFilter) -> Result<i64, ApiError> {
        Ok(filtered(scope, filter).select(count_star()).get_result(conn)?)
    }

    fn key(row: &EventRow, _: &str) -> String {
        row.seq.unwrap_or_default().encode()
    }

    fn items(_: &mut Conn, _: &Scope, rows: Vec<EventRow>) -> Result<Vec<Event>, ApiError> {
        Ok(rows.into_iter().map(Event::from).collect())
    }
}

/// Whether a user has ever done anything that was recorded.
///
/// # Errors
/// Those of the database.
pub fn has_acted(conn: &mut Conn, province_id: i32, who: Id) -> Result<bool, ApiError> {
    // Each by an index of its own: what is sealed, and the little that is not yet.
    let sealed = table::table.filter(dsl::province_id.eq(province_id).and(dsl::actor_id.eq(who)).and(dsl::seq.is_not_null()));
    let single = waiting::singles(province_id).filter(dsl::actor_id.eq(who));
    let bulk = waiting::bulks(province_id).filter(event_bulks::actor_id.eq(who));
    Ok(diesel::select(exists(sealed).or(exists(single)).or(exists(bulk))).get_result(conn)?)
}
