//! Rows, reach, filter, and the writes.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::count_star,
};

use super::{
    dto::{Part, Responsibility, ResponsibilityFields, ResponsibilityFilter, ResponsibilityStatus},
    rules::{self, State},
};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_all,
        schema::{deferrals, responsibilities as table, responsibilities::dsl},
        search, within,
    },
    error::{ApiError, Code},
    figures,
    http::{
        page::{CursorKey, PageRequest, Resource, keyset},
        query::{AnyOf, CodeKey},
    },
    initiatives::{self, InitiativeStatus},
    persian,
    policy::Role,
    tx::Tx,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct ResponsibilityRow {
    pub province_id: i32,
    pub id: Id,
    pub initiative_id: Id,
    pub neighborhood_id: Id,
    pub initiative_status: InitiativeStatus,
    pub code: String,
    pub code_key: String,
    pub agency_id: Id,
    pub part: Part,
    pub title: String,
    pub search_key: String,
    pub deliverable: Option<String>,
    pub acceptance_criterion: Option<String>,
    pub weight: i32,
    pub due_on: NaiveDate,
    pub baseline_due_on: Option<NaiveDate>,
    pub status: ResponsibilityStatus,
    pub status_since: Timestamp,
    pub open: bool,
    pub reported_done_on: Option<NaiveDate>,
    pub report_note: Option<String>,
    pub verified_at: Option<Timestamp>,
    pub verified_on: Option<NaiveDate>,
    pub verified_by: Option<Id>,
    pub verification_note: Option<String>,
    pub declined_by: Option<Id>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ResponsibilityRow {
    /// A new one under an initiative, proposed to its agency.
    pub fn proposed(root: &initiatives::queries::InitiativeRow, id: Id, now: Timestamp, fields: ResponsibilityFields) -> Self {
        Self {
            province_id: root.province_id,
            id,
            initiative_id: root.id,
            neighborhood_id: root.neighborhood_id,
            initiative_status: root.status,
            code_key: persian::code_key(&fields.code),
            search_key: search::key(&[Some(&fields.code), Some(&fields.title)]),
            open: rules::is_open(root.status, ResponsibilityStatus::Proposed),
            code: fields.code,
            agency_id: fields.agency_id,
            part: fields.part,
            title: fields.title,
            deliverable: fields.deliverable,
            acceptance_criterion: fields.acceptance_criterion,
            weight: fields.weight,
            due_on: fields.due_on,
            baseline_due_on: None,
            status: ResponsibilityStatus::Proposed,
            status_since: now,
            reported_done_on: None,
            report_note: None,
            verified_at: None,
            verified_on: None,
            verified_by: None,
            verification_note: None,
            declined_by: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What can be written of it.
    pub fn fields(&self) -> ResponsibilityFields {
        let row = self.clone();
        ResponsibilityFields {
            code: row.code,
            initiative_id: row.initiative_id,
            agency_id: row.agency_id,
            part: row.part,
            title: row.title,
            deliverable: row.deliverable,
            acceptance_criterion: row.acceptance_criterion,
            weight: row.weight,
            due_on: row.due_on,
        }
    }

    /// What the rules look at.
    pub const fn state(&self) -> State {
        State {
            status: self.status,
            agency_id: self.agency_id,
            declined_by: self.declined_by,
            neighborhood_id: self.neighborhood_id,
            initiative: self.initiative_status,
        }
    }

    /// What its initiative's rules look at.
    pub fn as_child(&self) -> initiatives::rules::Child {
        initiatives::rules::Child {
            code: self.code.clone(),
            agency_id: self.agency_id,
            part: self.part,
            status: self.status,
            due_on: self.due_on,
        }
    }

    /// What the figures look at.
    pub const fn part_of_figures(&self) -> figures::Part {
        part(self.initiative_status, self.status, self.weight, self.due_on, self.baseline_due_on)
    }
}

const fn part(
    initiative: InitiativeStatus,
    status: ResponsibilityStatus,
    weight: i32,
    due_on: NaiveDate,
    baseline_due_on: Option<NaiveDate>,
) -> figures::Part {
    figures::Part {
        weight,
        counts: status.counts(),
        live: status.counts() && initiative.is_live(),
        verified: matches!(status, ResponsibilityStatus::Verified),
        due_on,
        baseline_due_on,
    }
}

/// What changes of a row; every write gives all of it.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct Columns {
    initiative_id: Id,
    neighborhood_id: Id,
    initiative_status: InitiativeStatus,
    code: String,
    code_key: String,
    agency_id: Id,
    part: Part,
    title: String,
    search_key: String,
    deliverable: Option<String>,
    acceptance_criterion: Option<String>,
    weight: i32,
    due_on: NaiveDate,
    baseline_due_on: Option<NaiveDate>,
    status: ResponsibilityStatus,
    status_since: Timestamp,
    open: bool,
    reported_done_on: Option<NaiveDate>,
    report_note: Option<String>,
    verified_at: Option<Timestamp>,
    verified_on: Option<NaiveDate>,
    verified_by: Option<Id>,
    verification_note: Option<String>,
    declined_by: Option<Id>,
}

impl From<ResponsibilityRow> for Columns {
    /// Derives the keys and `open` anew.
    fn from(row: ResponsibilityRow) -> Self {
        Self {
            code_key: persian::code_key(&row.code),
            search_key: search::key(&[Some(&row.code), Some(&row.title)]),
            open: rules::is_open(row.initiative_status, row.status),
            initiative_id: row.initiative_id,
            neighborhood_id: row.neighborhood_id,
            initiative_status: row.initiative_status,
            code: row.code,
            agency_id: row.agency_id,
            part: row.part,
            title: row.title,
            deliverable: row.deliverable,
            acceptance_criterion: row.acceptance_criterion,
            weight: row.weight,
            due_on: row.due_on,
            baseline_due_on: row.baseline_due_on,
            status: row.status,
            status_since: row.status_since,
            reported_done_on: row.reported_done_on,
            report_note: row.report_note,
            verified_at: row.verified_at,
            verified_on: row.verified_on,
            verified_by: row.verified_by,
            verification_note: row.verification_note,
            declined_by: row.declined_by,
        }
    }
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// What an actor sees: those of drafts are for the province and the manager of the place; an agency sees its own,
/// those that it declined, and those of the initiatives that it takes part in.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    let no_draft = dsl::initiative_status.ne(InitiativeStatus::Draft);
    match actor.role {
        Role::Province => all,
        Role::Viewer => all.filter(no_draft),
        Role::NeighborhoodManager => all.filter(no_draft.or(among(dsl::neighborhood_id, actor.places.clone()))),
        Role::Agency => {
            let own: Vec<Id> = actor.agency_id.into_iter().collect();
            let declined = dsl::status.eq(ResponsibilityStatus::Declined).and(among(dsl::declined_by, own.clone()));
            let declined = dsl::declined_by.is_not_null().and(declined);
            let part = initiatives::queries::taking_part(actor.province_id, own.clone());
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
    for word in filter.q.into_iter().flat_map(|search| search.0) {
        query = query.filter(search::contains(conn, "responsibilities", &word));
    }
    query
}

/// Responsibilities as they are read.
pub struct Responsibilities;

impl Resource for Responsibilities {
    type Filter = ResponsibilityFilter;
    type Row = ResponsibilityRow;
    type Item = Responsibility;
    const PATH: &'static str = "/api/v1/responsibilities";
    const SORTS: &'static [&'static str] = &["due_on", "code", "updated_at"];
    const IS_REMEMBERED: bool = true;

    fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<ResponsibilityRow, ApiError> {
        Ok(visible(actor).filter(dsl::id.eq(id)).first(conn)?)
    }

    fn identity(row: &ResponsibilityRow) -> (Id, i32) {
        (row.id, row.version)
    }

    fn rows(conn: &mut Conn, scope: &Scope, filter: &ResponsibilityFilter, page: &PageRequest) -> Result<Vec<ResponsibilityRow>, ApiError> {
        let query = filtered(conn, scope, filter);
        let query = match page.sort {
            "code" => keyset!(query, page, String, dsl::code_key, dsl::id),
            "updated_at" => keyset!(query, page, Timestamp, dsl::updated_at, dsl::id),
            _ => keyset!(query, page, NaiveDate, dsl::due_on, dsl::id),
        };
        Ok(query.load(conn)?)
    }

    fn total(conn: &mut Conn, scope: &Scope, filter: &ResponsibilityFilter) -> Result<i64, ApiError> {
        Ok(filtered(conn, scope, filter).select(count_star()).get_result(conn)?)
    }

    fn key(row: &ResponsibilityRow, sort: &str) -> String {
        match sort {
            "code" => row.code_key.clone(),
            "updated_at" => row.updated_at.encode(),
            _ => row.due_on.encode(),
        }
    }

    fn items(_: &mut Conn, scope: &Scope, rows: Vec<ResponsibilityRow>) -> Result<Vec<Responsibility>, ApiError> {
        let item = |row: ResponsibilityRow| {
            let moves = rules::moves(&scope.actor, &row.state());
            Responsibility::new(row, scope.today, moves)
        };
        Ok(rows.into_iter().map(item).collect())
    }
}

/// The responsibility of an id, if it is within the actor's reach.
///
/// # Errors
/// Those of the database.
pub fn get_optional(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Option<ResponsibilityRow>, ApiError> {
    Ok(visible(actor).filter(dsl::id.eq(id)).first(conn).optional()?)
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
    let row = ResponsibilityRow::proposed(root, tx.id(), tx.now(), fields);
    diesel::insert_into(table::table).values(&row).execute(tx.conn)?;
    Ok(row)
}

/// Inserts new responsibilities, and who takes part by them.
///
/// # Errors
/// Those of the database.
pub fn insert_proposed(tx: &mut Tx<'_>, rows: &[ResponsibilityRow]) -> Result<(), ApiError> {
    insert_all!(tx.conn, table::table, rows);
    initiatives::queries::add_agencies(tx, &rows.iter().map(|row| (row.initiative_id, row.agency_id)).collect())
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
    let same = table::table.filter(dsl::province_id.eq(next.province_id).and(dsl::id.eq(next.id)).and(dsl::version.eq(next.version)));
    let moved = (dsl::version.eq(next.version + 1), dsl::updated_at.eq(tx.now()));
    let updated = diesel::update(same).set((Columns::from(next), moved)).returning(table::all_columns).get_result(tx.conn).optional()?;
    updated.ok_or_else(|| ApiError::new(Code::StaleVersion))
}

/// Copies the initiative's new status to its responsibilities; none of their own fields, so no new version.
///
/// # Errors
/// Those of the database.
pub fn follow_status(tx: &mut Tx<'_>, initiative: Id, status: InitiativeStatus) -> Result<(), ApiError> {
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)));
    diesel::update(below).set((dsl::initiative_status.eq(status), dsl::open.eq(false))).execute(tx.conn)?;
    if status.is_live() {
        let done = [ResponsibilityStatus::Verified, ResponsibilityStatus::Declined, ResponsibilityStatus::Withdrawn];
        diesel::update(below.filter(dsl::status.ne_all(done))).set(dsl::open.eq(true)).execute(tx.conn)?;
    }
    Ok(())
}

/// Copies a draft's new neighbourhood to its responsibilities.
///
/// # Errors
/// Those of the database.
pub fn follow_place(tx: &mut Tx<'_>, initiative: Id, place: Id) -> Result<(), ApiError> {
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)));
    diesel::update(below).set(dsl::neighborhood_id.eq(place)).execute(tx.conn)?;
    Ok(())
}

/// Removes one that nothing depends on and whose initiative is still a draft.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &ResponsibilityRow) -> Result<(), ApiError> {
    let asked = deferrals::table.filter(deferrals::province_id.eq(row.province_id).and(deferrals::responsibility_id.eq(row.id)));
    let has_deferrals = diesel::select(diesel::dsl::exists(asked)).get_result::<bool>(tx.conn)?;
    if row.initiative_status != InitiativeStatus::Draft || has_deferrals {
        return Err(ApiError::new(Code::InUse));
    }
    diesel::delete(table::table.filter(dsl::province_id.eq(row.province_id).and(dsl::id.eq(row.id)))).execute(tx.conn)?;
    Ok(())
}
