//! Rows, reach, filter, and the writes.

mod bulk;
mod participants;
mod row;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::sql, sql_types::Bool,
};

use super::dto::{Initiative, InitiativeFields, InitiativeFilter, InitiativeStatus};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among,
        schema::{agencies, domains, initiative_agencies, initiatives as table, initiatives::dsl, neighborhoods, responsibilities},
        search, update_row, within,
    },
    error::{ApiError, ProblemCode},
    figures::{self, Figures},
    http::{
        query::{AnyOf, CodeKey, Search},
        resource::{Resource, reads},
    },
    lifecycle::Lifecycle,
    persian,
    policy::{Kind, Role},
    responsibilities::{self as children},
    tx::Tx,
};

pub use bulk::{insert_drafts, update_changed};
pub use participants::{add_participants, sync_all_participants, sync_participants, with_participant};
pub use row::{FARTHEST, InitiativeRow};

use participants::Participant;

type Query = table::BoxedQuery<'static, MultiBackend>;

/// What an actor sees: drafts are for the province and the manager of the place, an agency sees what it takes part in.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    match actor.role {
        Role::Province => all,
        Role::Viewer => all.filter(dsl::status.ne(InitiativeStatus::Draft)),
        Role::NeighborhoodManager => {
            all.filter(dsl::status.ne(InitiativeStatus::Draft).or(among(dsl::neighborhood_id, actor.neighborhood_ids.clone())))
        }
        Role::Agency => {
            let part = with_participant(actor.province_id, actor.agency_id.into_iter().collect());
            all.filter(dsl::status.ne(InitiativeStatus::Draft).and(within(dsl::id, part)))
        }
    }
}

fn filtered(conn: &Conn, scope: &Scope, filter: &InitiativeFilter) -> Query {
    let (filter, province) = (filter.clone(), scope.actor.province_id);
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(codes)) = filter.code {
        query = query.filter(among(dsl::code_key, codes.into_iter().map(|CodeKey(key)| key)));
    }
    if let Some(AnyOf(places)) = filter.neighborhood_id {
        query = query.filter(among(dsl::neighborhood_id, places));
    }
    if let Some(AnyOf(codes)) = filter.domain {
        let keys: Vec<String> = codes.into_iter().map(|CodeKey(key)| key).collect();
        let named = domains::table.filter(domains::province_id.eq(province).and(among(domains::code_key, keys))).select(domains::code);
        query = query.filter(dsl::domain.eq_any(named));
    }
    if let Some(AnyOf(statuses)) = filter.status {
        query = query.filter(among(dsl::status, statuses));
    }
    if let Some(AnyOf(leads)) = filter.lead_agency_id {
        query = query.filter(among(dsl::lead_agency_id, leads));
    }
    if let Some(AnyOf(agencies)) = filter.agency_id {
        query = query.filter(within(dsl::id, with_participant(province, agencies)));
    }
    if let Some(AnyOf(healths)) = filter.health {
        query = query.filter(sql::<Bool>(&figures::health_sql(province, scope.today, &healths)));
    }
    if let Some(day) = filter.starts_from {
        query = query.filter(dsl::starts_on.ge(day.0).assume_not_null());
    }
    if let Some(day) = filter.starts_to {
        query = query.filter(dsl::starts_on.le(day.0).assume_not_null());
    }
    if let Some(day) = filter.due_from {
        query = query.filter(dsl::due_order.ge(day.0).and(dsl::due_order.lt(FARTHEST)));
    }
    if let Some(day) = filter.due_to {
        query = query.filter(dsl::due_order.le(day.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    for condition in filter.q.iter().flat_map(|Search(words)| search::contains(conn, "initiatives", words)) {
        query = query.filter(condition);
    }
    query
}

/// Initiatives as they are read.
pub struct Initiatives;

impl Resource for Initiatives {
    type Filter = InitiativeFilter;
    type Row = InitiativeRow;
    type Item = Initiative;
    const KIND: Kind = Kind::Initiative;
    const PATH: &'static str = "/api/v1/initiatives";
    const IS_CACHED: bool = true;

    reads! {
        "code" => code_key: String,
        "title" => title_sort: Vec<u8>,
        "due_on" => due_order: NaiveDate,
        "updated_at" => updated_at: Timestamp,
        "created_at" => created_at: Timestamp,
    }

    fn items(conn: &mut Conn, scope: &Scope, rows: Vec<InitiativeRow>) -> Result<Vec<Initiative>, ApiError> {
        let live = rows.iter().map(|row| (row.id, row.status.is_live())).collect();
        let figures = children::figures(conn, scope.actor.province_id, scope.today, &live)?;
        let of = |row: &InitiativeRow| figures.get(&row.id).copied().unwrap_or_default();
        Ok(rows.into_iter().map(|row| (of(&row), row)).map(|(figures, row)| item(scope, row, &figures)).collect())
    }

    /// A new initiative has no responsibilities yet, so there are no figures to ask for.
    fn new_item(_: &mut Conn, scope: &Scope, row: InitiativeRow) -> Result<Initiative, ApiError> {
        Ok(item(scope, row, &Figures::default()))
    }
}

fn item(scope: &Scope, row: InitiativeRow, figures: &Figures) -> Initiative {
    let moves = row.state().moves(&scope.actor);
    Initiative::new(row, figures, moves)
}

/// The initiative of an id, whoever asks: for the writes below it, whose reach has been judged.
///
/// # Errors
/// `not_found`.
pub fn find_root(conn: &mut Conn, province_id: i32, id: Id) -> Result<InitiativeRow, ApiError> {
    Ok(table::table.find((province_id, id)).first(conn)?)
}

/// Whether another row has this code.
///
/// # Errors
/// Those of the database.
pub fn is_taken(conn: &mut Conn, province_id: i32, code: &str, own: Option<Id>) -> Result<bool, ApiError> {
    let named = table::table.filter(dsl::province_id.eq(province_id).and(dsl::code_key.eq(persian::code_key(code))));
    let taken: Option<Id> = named.select(dsl::id).first(conn).optional()?;
    Ok(taken.is_some_and(|id| Some(id) != own))
}

/// What was found of what a new initiative refers to.
#[derive(Debug, Queryable)]
pub struct Referred {
    /// When its neighbourhood was closed.
    pub closed_on: Option<NaiveDate>,
    /// Its domain's own code, and whether it is active; none where it does not exist.
    pub domain: Option<(String, bool)>,
    /// Whether its lead agency is active; none where it does not exist.
    pub lead_active: Option<bool>,
}

/// Finds what a new initiative refers to; none where its neighbourhood does not exist.
///
/// # Errors
/// Those of the database.
pub fn referred_to(conn: &mut Conn, province_id: i32, fields: &InitiativeFields) -> Result<Option<Referred>, ApiError> {
    let domain = domains::province_id.eq(province_id).and(domains::code_key.eq(persian::code_key(&fields.domain)));
    // NOBODY is the id of no agency.
    let lead = agencies::province_id.eq(province_id).and(agencies::id.eq(fields.lead_agency_id.unwrap_or(Id::NOBODY)));
    Ok(neighborhoods::table
        .left_join(domains::table.on(domain))
        .left_join(agencies::table.on(lead))
        .filter(neighborhoods::province_id.eq(province_id).and(neighborhoods::id.eq(fields.neighborhood_id)))
        .select((neighborhoods::closed_on, (domains::code, domains::active).nullable(), agencies::active.nullable()))
        .first(conn)
        .optional()?)
}

/// Inserts a draft that has no responsibilities yet, and who takes part in it.
///
/// # Errors
/// 409 `already_exists`; those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: InitiativeFields) -> Result<InitiativeRow, ApiError> {
    let row = InitiativeRow::draft(tx.province_id(), tx.new_id(), tx.now(), fields);
    diesel::insert_into(table::table).values(&row).execute(tx.conn)?;
    if let Some(agency_id) = row.lead_agency_id {
        let part = Participant { province_id: row.province_id, initiative_id: row.id, agency_id };
        diesel::insert_into(initiative_agencies::table).values(&part).execute(tx.conn)?;
    }
    Ok(row)
}

/// The initiatives of these codes' keys within the actor's reach, and the keys of those beyond it.
///
/// # Errors
/// Those of the database.
pub fn by_keys(
    conn: &mut Conn,
    actor: &Actor,
    keys: BTreeSet<String>,
) -> Result<(HashMap<String, InitiativeRow>, BTreeSet<String>), ApiError> {
    let rows: Vec<InitiativeRow> = visible(actor).filter(among(dsl::code_key, keys.clone())).load(conn)?;
    let seen: HashMap<String, InitiativeRow> = rows.into_iter().map(|row| (row.code_key.clone(), row)).collect();
    let unseen: Vec<String> = keys.into_iter().filter(|key| !seen.contains_key(key)).collect();
    if actor.is_province() || unseen.is_empty() {
        return Ok((seen, BTreeSet::new()));
    }
    let beyond = table::table.filter(dsl::province_id.eq(actor.province_id).and(among(dsl::code_key, unseen)));
    let hidden: Vec<String> = beyond.select(dsl::code_key).load(conn)?;
    Ok((seen, hidden.into_iter().collect()))
}

/// Writes the fields into the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &InitiativeRow, fields: InitiativeFields) -> Result<InitiativeRow, ApiError> {
    update_row!(tx, row, row.clone().changed(tx.now(), fields))
}

/// Moves the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn set_status(tx: &mut Tx<'_>, row: &InitiativeRow, to: InitiativeStatus) -> Result<InitiativeRow, ApiError> {
    let completed_on = if to == InitiativeStatus::Completed { Some(tx.today()) } else { row.completed_on };
    update_row!(tx, row, (dsl::status.eq(to), dsl::status_since.eq(tx.now()), dsl::completed_on.eq(completed_on)))
}

/// Removes what has never been more than a draft and has no responsibilities.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &InitiativeRow) -> Result<(), ApiError> {
    let below =
        responsibilities::table.filter(responsibilities::province_id.eq(row.province_id).and(responsibilities::initiative_id.eq(row.id)));
    let has_children = diesel::select(diesel::dsl::exists(below)).get_result::<bool>(tx.conn)?;
    if row.has_left_draft() || has_children {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
