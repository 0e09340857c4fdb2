//! Rows, reach, filter, and the writes.

use std::collections::{BTreeSet, HashMap};

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::exists,
};

use super::dto::{Agency, AgencyFields, AgencyFilter, AgencyKind};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{agencies as table, agencies::dsl, clients, deferrals, initiative_agencies, initiatives, responsibilities, users},
        search, update_row,
    },
    error::{ApiError, ProblemCode},
    http::{
        query::{AnyOf, CodeKey, Search},
        resource::{Resource, reads},
    },
    persian,
    policy::Kind,
    tx::Tx,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct AgencyRow {
    pub province_id: i32,
    pub id: Id,
    pub code: String,
    pub code_key: String,
    pub name: String,
    pub name_sort: Vec<u8>,
    pub name_en: Option<String>,
    pub search_key: String,
    pub kind: AgencyKind,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub active: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl AgencyRow {
    /// Its writable fields.
    pub fn fields(&self) -> AgencyFields {
        let row = self.clone();
        AgencyFields {
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            kind: row.kind,
            phone: row.phone,
            email: row.email,
            active: row.active,
        }
    }
}

/// The fields with the keys that are derived from them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Columns {
    code: String,
    code_key: String,
    name: String,
    name_sort: Vec<u8>,
    name_en: Option<String>,
    search_key: String,
    kind: AgencyKind,
    phone: Option<String>,
    email: Option<String>,
    active: bool,
}

impl From<AgencyFields> for Columns {
    fn from(fields: AgencyFields) -> Self {
        Self {
            code_key: persian::code_key(&fields.code),
            name_sort: persian::sort_key(&fields.name),
            search_key: search::key(&[Some(&fields.code), Some(&fields.name), fields.name_en.as_deref()]),
            code: fields.code,
            name: fields.name,
            name_en: fields.name_en,
            kind: fields.kind,
            phone: fields.phone,
            email: fields.email,
            active: fields.active,
        }
    }
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// Everybody sees all agencies of their province.
pub fn visible(actor: &Actor) -> Query {
    table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed()
}

fn filtered(conn: &Conn, scope: &Scope, filter: &AgencyFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(codes)) = filter.code {
        query = query.filter(among(dsl::code_key, codes.into_iter().map(|CodeKey(key)| key)));
    }
    if let Some(AnyOf(kinds)) = filter.kind {
        query = query.filter(among(dsl::kind, kinds));
    }
    if let Some(flag) = filter.active {
        query = query.filter(dsl::active.eq(flag.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    for condition in filter.q.iter().flat_map(|Search(words)| search::contains(conn, "agencies", words)) {
        query = query.filter(condition);
    }
    query
}

/// Agencies as lists, totals and exports see them.
pub struct Agencies;

impl Resource for Agencies {
    type Filter = AgencyFilter;
    type Row = AgencyRow;
    type Item = Agency;
    const KIND: Kind = Kind::Agency;
    const PATH: &'static str = "/api/v1/agencies";
    const IS_CACHED: bool = true;

    reads! {
        "name" => name_sort: Vec<u8>,
        "code" => code_key: String,
        "updated_at" => updated_at: Timestamp,
    }

    fn items(_: &mut Conn, _: &Scope, rows: Vec<AgencyRow>) -> Result<Vec<Agency>, ApiError> {
        Ok(rows.into_iter().map(Agency::from).collect())
    }
}

/// The agency of a code, compared without case.
///
/// # Errors
/// Those of the database.
pub fn resolve(conn: &mut Conn, province_id: i32, code: &str) -> Result<Option<AgencyRow>, ApiError> {
    let same = dsl::province_id.eq(province_id).and(dsl::code_key.eq(persian::code_key(code)));
    Ok(table::table.filter(same).first(conn).optional()?)
}

/// Codes of the agencies that may be referred to, in their order.
///
/// # Errors
/// Those of the database.
pub fn usable_codes(conn: &mut Conn, province_id: i32) -> Result<Vec<String>, ApiError> {
    let active = table::table.filter(dsl::province_id.eq(province_id).and(dsl::active.eq(true)));
    Ok(active.order(dsl::code_key).select(dsl::code).load(conn)?)
}

/// The agencies of these codes' keys.
///
/// # Errors
/// Those of the database.
pub fn by_keys(conn: &mut Conn, province_id: i32, keys: BTreeSet<String>) -> Result<HashMap<String, AgencyRow>, ApiError> {
    let rows: Vec<AgencyRow> = table::table.filter(dsl::province_id.eq(province_id).and(among(dsl::code_key, keys))).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.code_key.clone(), row)).collect())
}

/// Inserts a row.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: AgencyFields) -> Result<AgencyRow, ApiError> {
    insert_row!(tx, Columns::from(fields))
}

/// Writes the fields into the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &AgencyRow, fields: AgencyFields) -> Result<AgencyRow, ApiError> {
    update_row!(tx, row, Columns::from(fields))
}

/// Removes a row on which nothing depends.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &AgencyRow) -> Result<(), ApiError> {
    let (province, id) = (row.province_id, row.id);
    let staffed = users::table.filter(users::province_id.eq(province).and(users::agency_id.eq(id)));
    let called = clients::table.filter(clients::province_id.eq(province).and(clients::agency_id.eq(id)));
    let leads = initiatives::table.filter(initiatives::province_id.eq(province).and(initiatives::lead_agency_id.eq(id)));
    let takes_part =
        initiative_agencies::table.filter(initiative_agencies::province_id.eq(province).and(initiative_agencies::agency_id.eq(id)));
    // Two conditions, each with its own index: for both in one PostgreSQL reads the whole province.
    let responsible = responsibilities::table.filter(responsibilities::province_id.eq(province).and(responsibilities::agency_id.eq(id)));
    let declined = responsibilities::table.filter(responsibilities::province_id.eq(province).and(responsibilities::declined_by.eq(id)));
    let deferred = deferrals::table.filter(deferrals::province_id.eq(province).and(deferrals::agency_id.eq(id)));
    let used = exists(staffed)
        .or(exists(called))
        .or(exists(leads))
        .or(exists(takes_part))
        .or(exists(responsible))
        .or(exists(declined))
        .or(exists(deferred));
    if diesel::select(used).get_result(tx.conn)? {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((province, id))).execute(tx.conn)?;
    Ok(())
}
