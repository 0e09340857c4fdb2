//! Rows, reach, filter, and the writes.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::{exists, max},
};

use super::dto::{Domain, DomainFields, DomainFilter, MAX_POSITION};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp,
        schema::{domains as table, domains::dsl, initiatives},
        update_row,
    },
    error::{ApiError, ProblemCode},
    http::resource::{Resource, reads},
    persian,
    policy::Kind,
    tx::Tx,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct DomainRow {
    pub province_id: i32,
    pub id: Id,
    pub code: String,
    pub code_key: String,
    pub name: String,
    pub name_en: Option<String>,
    pub position: i32,
    pub active: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl DomainRow {
    /// Its writable fields.
    pub fn fields(&self) -> DomainFields {
        let row = self.clone();
        DomainFields { code: row.code, name: row.name, name_en: row.name_en, position: row.position, active: row.active }
    }
}

/// The fields with the keys that are derived from them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Columns {
    code: String,
    code_key: String,
    name: String,
    name_en: Option<String>,
    position: i32,
    active: bool,
}

impl From<DomainFields> for Columns {
    fn from(fields: DomainFields) -> Self {
        Self {
            code_key: persian::code_key(&fields.code),
            code: fields.code,
            name: fields.name,
            name_en: fields.name_en,
            position: fields.position,
            active: fields.active,
        }
    }
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// Everybody sees all domains of their province.
pub fn visible(actor: &Actor) -> Query {
    table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed()
}

fn filtered(_: &Conn, scope: &Scope, filter: &DomainFilter) -> Query {
    let mut query = visible(&scope.actor);
    if let Some(flag) = filter.active {
        query = query.filter(dsl::active.eq(flag.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    query
}

/// Domains as lists, totals and exports see them.
pub struct Domains;

impl Resource for Domains {
    type Filter = DomainFilter;
    type Row = DomainRow;
    type Item = Domain;
    const KIND: Kind = Kind::Domain;
    const PATH: &'static str = "/api/v1/domains";
    const IS_CACHED: bool = true;

    reads! {
        "position" => position: i32,
        "code" => code_key: String,
    }

    fn items(_: &mut Conn, _: &Scope, rows: Vec<DomainRow>) -> Result<Vec<Domain>, ApiError> {
        Ok(rows.into_iter().map(Domain::from).collect())
    }
}

/// The domain of a code, compared without case.
///
/// # Errors
/// Those of the database.
pub fn resolve(conn: &mut Conn, province_id: i32, code: &str) -> Result<Option<DomainRow>, ApiError> {
    let same = dsl::province_id.eq(province_id).and(dsl::code_key.eq(persian::code_key(code)));
    Ok(table::table.filter(same).first(conn).optional()?)
}

/// All domains of a province, of which there are few.
///
/// # Errors
/// Those of the database.
pub fn all(conn: &mut Conn, province_id: i32) -> Result<Vec<DomainRow>, ApiError> {
    Ok(table::table.filter(dsl::province_id.eq(province_id)).load(conn)?)
}

/// The position after the last.
///
/// # Errors
/// Those of the database.
pub fn next_position(conn: &mut Conn, province_id: i32) -> Result<i32, ApiError> {
    let last: Option<i32> = table::table.filter(dsl::province_id.eq(province_id)).select(max(dsl::position)).first(conn)?;
    let end = i32::try_from(MAX_POSITION).unwrap_or(i32::MAX);
    Ok(last.map_or(1, |last| last.saturating_add(1).min(end)))
}

/// Inserts a row; without a [`Tx`], since a province gets its built-in domains before it has a user.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, province_id: i32, id: Id, now: Timestamp, fields: DomainFields) -> Result<DomainRow, ApiError> {
    let own = (dsl::province_id.eq(province_id), dsl::id.eq(id), dsl::version.eq(1), dsl::created_at.eq(now), dsl::updated_at.eq(now));
    Ok(diesel::insert_into(table::table).values((own, Columns::from(fields))).returning(table::all_columns).get_result(conn)?)
}

/// Writes the fields into the row that was read; the foreign key carries a changed code into the initiatives that name it.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &DomainRow, fields: DomainFields) -> Result<DomainRow, ApiError> {
    update_row!(tx, row, Columns::from(fields))
}

/// Removes a row on which nothing depends.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &DomainRow) -> Result<(), ApiError> {
    let named = initiatives::table.filter(initiatives::province_id.eq(row.province_id).and(initiatives::domain.eq(row.code.clone())));
    if diesel::select(exists(named)).get_result(tx.conn)? {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
