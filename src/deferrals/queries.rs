//! Rows, reach, filter, and the writes.

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};

use super::dto::{Deferral, DeferralFields, DeferralFilter, DeferralStatus};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{deferrals as table, deferrals::dsl},
        update_row,
    },
    error::ApiError,
    http::{
        query::AnyOf,
        resource::{Resource, reads},
    },
    lifecycle::Lifecycle,
    policy::{Kind, Role},
    responsibilities::queries::ResponsibilityRow,
    tx::Tx,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct DeferralRow {
    pub province_id: i32,
    pub id: Id,
    pub responsibility_id: Id,
    pub initiative_id: Id,
    pub neighborhood_id: Id,
    pub agency_id: Id,
    pub requested_due_on: NaiveDate,
    pub reason: String,
    pub status: DeferralStatus,
    pub decision_note: Option<String>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// What an actor sees: an agency its own, a manager those of their places, everybody else all of the province.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    match actor.role {
        Role::Province | Role::Viewer => all,
        Role::NeighborhoodManager => all.filter(among(dsl::neighborhood_id, actor.neighborhood_ids.clone())),
        Role::Agency => all.filter(among(dsl::agency_id, actor.agency_id)),
    }
}

fn filtered(_: &Conn, scope: &Scope, filter: &DeferralFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(ids)) = filter.responsibility_id {
        query = query.filter(among(dsl::responsibility_id, ids));
    }
    if let Some(AnyOf(ids)) = filter.agency_id {
        query = query.filter(among(dsl::agency_id, ids));
    }
    if let Some(AnyOf(statuses)) = filter.status {
        query = query.filter(among(dsl::status, statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    query
}

/// Deferrals as they are read.
pub struct Deferrals;

impl Resource for Deferrals {
    type Filter = DeferralFilter;
    type Row = DeferralRow;
    type Item = Deferral;
    const KIND: Kind = Kind::Deferral;
    const PATH: &'static str = "/api/v1/deferrals";
    const IS_CACHED: bool = true;

    reads! {
        "created_at" => created_at: Timestamp,
    }

    fn items(_: &mut Conn, scope: &Scope, rows: Vec<DeferralRow>) -> Result<Vec<Deferral>, ApiError> {
        let item = |row: DeferralRow| {
            let moves = row.status.moves(&scope.actor);
            Deferral::new(row, moves)
        };
        Ok(rows.into_iter().map(item).collect())
    }
}

/// The deferral of a responsibility that awaits a decision, if there is one.
///
/// # Errors
/// Those of the database.
pub fn get_open(conn: &mut Conn, province_id: i32, responsibility: Id) -> Result<Option<DeferralRow>, ApiError> {
    let open = dsl::responsibility_id.eq(responsibility).and(dsl::status.eq(DeferralStatus::Requested));
    Ok(table::table.filter(dsl::province_id.eq(province_id).and(open)).first(conn).optional()?)
}

/// Rejects the requests of an initiative that are open; the rows as they are now.
///
/// # Errors
/// Those of the database.
pub fn reject_all_open(tx: &mut Tx<'_>, initiative: Id) -> Result<Vec<DeferralRow>, ApiError> {
    let open = dsl::initiative_id.eq(initiative).and(dsl::status.eq(DeferralStatus::Requested));
    let next = (dsl::status.eq(DeferralStatus::Rejected), dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(tx.now()));
    let of_this = table::table.filter(dsl::province_id.eq(tx.province_id()).and(open));
    Ok(diesel::update(of_this).set(next).returning(table::all_columns).get_results(tx.conn)?)
}

/// Inserts a request.
///
/// # Errors
/// 409 `deferral_open` where another was quicker.
pub fn insert(tx: &mut Tx<'_>, of: &ResponsibilityRow, fields: DeferralFields) -> Result<DeferralRow, ApiError> {
    let copied = (dsl::initiative_id.eq(of.initiative_id), dsl::neighborhood_id.eq(of.neighborhood_id), dsl::agency_id.eq(of.agency_id));
    let asked = (
        dsl::responsibility_id.eq(fields.responsibility_id),
        dsl::requested_due_on.eq(fields.requested_due_on),
        dsl::reason.eq(fields.reason),
        dsl::status.eq(DeferralStatus::Requested),
    );
    insert_row!(tx, (copied, asked))
}

/// Decides the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn decide(tx: &mut Tx<'_>, row: &DeferralRow, to: DeferralStatus, note: Option<String>) -> Result<DeferralRow, ApiError> {
    update_row!(tx, row, (dsl::status.eq(to), dsl::decision_note.eq(note)))
}
