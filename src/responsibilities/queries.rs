//! Rows, reach, filter, and the writes.

mod bulk;
mod follow;
mod row;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::dto::{Responsibility, ResponsibilityFields, ResponsibilityFilter, ResponsibilityStatus};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among,
        schema::{deferrals, responsibilities as table, responsibilities::dsl},
        search, update_row, within,
    },
    error::{ApiError, ProblemCode},
    http::{
        query::{AnyOf, CodeKey, Search},
        resource::{Resource, reads},
    },
    initiatives::{self, InitiativeStatus},
    lifecycle::Lifecycle,
    persian,
    policy::{Kind, Role},
    tx::Tx,
};

pub use bulk::{insert_proposed, update_changed};
pub use follow::{ask, follow_domain, follow_fields, follow_status, freeze_baselines, take_back_answers};
pub use row::ResponsibilityRow;

type Query = table::BoxedQuery<'static, MultiBackend>;

/// What an actor sees: those of drafts are for the province and the manager of the place; an agency sees its own,
/// those that it declined, and those of the initiatives that it takes part in.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    let no_draft = dsl::initiative_status.ne(InitiativeStatus::Draft);
    match actor.role {
        Role::Province => all,
        Role::Viewer => all.filter(no_draft),
        Role::NeighborhoodManager => all.filter(no_draft.or(among(dsl::neighborhood_id, actor.neighborhood_ids.clone()))),
        Role::Agency => {
            let own: Vec<Id> = actor.agency_id.into_iter().collect();
            let declined = dsl::status.eq(ResponsibilityStatus::Declined).and(among(dsl::declined_by, own.clone()));
            let declined = dsl::declined_by.is_not_null().and(declined);
            let part = initiatives::queries::with_participant(actor.province_id, own.clone());
            all.filter(no_draft.and(among(dsl::agency_id, own).or(declined).or(within(dsl::initiative_id, part))))
        }
    }
}

fn filtered(conn: &Conn, scope: &Scope, filter: &ResponsibilityFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(codes)) = filter.code {
        query = query.filter(among(dsl::code_key, codes.into_iter().map(|CodeKey(key)| key)));
    }
    if let Some(AnyOf(ids)) = filter.initiative_id {
        query = query.filter(among(dsl::initiative_id, ids));
        // Of an initiative out of its reach an agency may see what it declined; the filter finds nothing all the same (CONTRACT §1).
        if let Some(agency) = scope.actor.agency_id {
            query = query.filter(within(dsl::initiative_id, initiatives::queries::with_participant(scope.actor.province_id, vec![agency])));
        }
    }
    if let Some(AnyOf(ids)) = filter.neighborhood_id {
        query = query.filter(among(dsl::neighborhood_id, ids));
    }
    if let Some(AnyOf(ids)) = filter.agency_id {
        query = query.filter(among(dsl::agency_id, ids));
    }
    if let Some(AnyOf(parts)) = filter.part {
        query = query.filter(among(dsl::part, parts));
    }
    if let Some(AnyOf(statuses)) = filter.status {
        query = query.filter(among(dsl::status, statuses));
    }
    match filter.late {
        Some(flag) if flag.0 => query = query.filter(dsl::open.eq(true).and(dsl::due_on.lt(scope.today))),
        Some(_) => query = query.filter(dsl::open.eq(false).or(dsl::due_on.ge(scope.today))),
        None => {}
    }
    if let Some(day) = filter.due_from {
        query = query.filter(dsl::due_on.ge(day.0));
    }
    if let Some(day) = filter.due_to {
        query = query.filter(dsl::due_on.le(day.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    for condition in filter.q.iter().flat_map(|Search(words)| search::contains(conn, "responsibilities", words)) {
        query = query.filter(condition);
    }
    query
}

/// Responsibilities as they are read.
pub struct Responsibilities;

impl Resource for Responsibilities {
    type Filter = ResponsibilityFilter;
    type Row = ResponsibilityRow;
    type Item = Responsibility;
    const KIND: Kind = Kind::Responsibility;
    const PATH: &'static str = "/api/v1/responsibilities";
    const IS_CACHED: bool = true;

    reads! {
        "due_on" => due_on: NaiveDate,
        "code" => code_key: String,
        "updated_at" => updated_at: Timestamp,
    }

    fn items(_: &mut Conn, scope: &Scope, rows: Vec<ResponsibilityRow>) -> Result<Vec<Responsibility>, ApiError> {
        let item = |row: ResponsibilityRow| {
            let moves = row.state().moves(&scope.actor);
            Responsibility::new(row, scope.today, moves)
        };
        Ok(rows.into_iter().map(item).collect())
    }
}

/// All responsibilities of an initiative, by code.
///
/// # Errors
/// Those of the database.
pub fn children(conn: &mut Conn, province_id: i32, initiative: Id) -> Result<Vec<ResponsibilityRow>, ApiError> {
    let below = table::table.filter(dsl::province_id.eq(province_id).and(dsl::initiative_id.eq(initiative)));
    Ok(below.order((dsl::code_key, dsl::id)).load(conn)?)
}

/// Whether another responsibility of the initiative has this code.
///
/// # Errors
/// Those of the database.
pub fn is_taken(conn: &mut Conn, province_id: i32, initiative: Id, code: &str, own: Option<Id>) -> Result<bool, ApiError> {
    let named = dsl::initiative_id.eq(initiative).and(dsl::code_key.eq(persian::code_key(code)));
    let taken: Option<Id> = table::table.filter(dsl::province_id.eq(province_id).and(named)).select(dsl::id).first(conn).optional()?;
    Ok(taken.is_some_and(|id| Some(id) != own))
}

/// Inserts a responsibility under an initiative.
///
/// # Errors
/// Those of the database.
pub fn insert(
    tx: &mut Tx<'_>,
    root: &initiatives::queries::InitiativeRow,
    fields: ResponsibilityFields,
) -> Result<ResponsibilityRow, ApiError> {
    let row = ResponsibilityRow::proposed(root, tx.new_id(), tx.now(), fields);
    diesel::insert_into(table::table).values(&row).execute(tx.conn)?;
    Ok(row)
}

/// The responsibilities of these initiatives with these codes' keys, whoever asks.
///
/// # Errors
/// Those of the database.
pub fn by_keys(
    conn: &mut Conn,
    province_id: i32,
    initiatives: BTreeSet<Id>,
    keys: BTreeSet<String>,
) -> Result<HashMap<(Id, String), ResponsibilityRow>, ApiError> {
    let of_these = dsl::province_id.eq(province_id).and(among(dsl::initiative_id, initiatives));
    let named = among(dsl::code_key, keys);
    let rows: Vec<ResponsibilityRow> = table::table.filter(of_these.and(named)).load(conn)?;
    Ok(rows.into_iter().map(|row| ((row.initiative_id, row.code_key.clone()), row)).collect())
}

/// Writes the row as it is to be, over the version that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, next: ResponsibilityRow) -> Result<ResponsibilityRow, ApiError> {
    update_row!(tx, &next, next.clone().renewed(tx.now()))
}

/// Removes one that nothing depends on and that was in its initiative at no time when this was more than a draft.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &ResponsibilityRow, root: &initiatives::queries::InitiativeRow) -> Result<(), ApiError> {
    let asked = deferrals::table.filter(deferrals::province_id.eq(row.province_id).and(deferrals::responsibility_id.eq(row.id)));
    let has_deferrals = diesel::select(diesel::dsl::exists(asked)).get_result::<bool>(tx.conn)?;
    let is_newer = root.status == InitiativeStatus::Draft && row.created_at >= root.status_since;
    if (root.has_left_draft() && !is_newer) || has_deferrals {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
