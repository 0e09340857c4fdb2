//! Rows, reach, filter, and the writes.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};

use super::dto::{Mandate, MandateFields, MandateFilter};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{mandates as table, mandates::dsl, neighborhoods, users},
        update_row,
    },
    error::{ApiError, ProblemCode},
    http::{
        query::AnyOf,
        resource::{Resource, reads},
    },
    policy::{Kind, Role},
    tx::Tx,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct MandateRow {
    pub province_id: i32,
    pub id: Id,
    pub user_id: Id,
    pub neighborhood_id: Id,
    pub order_no: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl MandateRow {
    /// Its writable fields.
    pub fn fields(&self) -> MandateFields {
        MandateFields {
            user_id: self.user_id,
            neighborhood_id: self.neighborhood_id,
            order_no: self.order_no.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

type Query = table::BoxedQuery<'static, MultiBackend>;

/// The province sees all mandates; everybody else their own.
pub fn visible(actor: &Actor) -> Query {
    let province = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    match actor.role {
        Role::Province => province,
        Role::Agency | Role::NeighborhoodManager | Role::Viewer => province.filter(dsl::user_id.eq(actor.user_id)),
    }
}

/// The condition that a mandate is valid on a day; both ends belong to it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn valid_on(day: NaiveDate) -> _ {
    dsl::valid_from.le(day).and(dsl::valid_to.is_null().or(dsl::valid_to.ge(day).assume_not_null()))
}

fn filtered(_: &Conn, scope: &Scope, filter: &MandateFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(users)) = filter.user_id {
        query = query.filter(among(dsl::user_id, users));
    }
    if let Some(AnyOf(places)) = filter.neighborhood_id {
        query = query.filter(among(dsl::neighborhood_id, places));
    }
    if let Some(day) = filter.on {
        query = query.filter(valid_on(day.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    query
}

/// Mandates as lists, totals and exports see them.
pub struct Mandates;

impl Resource for Mandates {
    type Filter = MandateFilter;
    type Row = MandateRow;
    type Item = Mandate;
    const KIND: Kind = Kind::Mandate;
    const PATH: &'static str = "/api/v1/mandates";

    reads! {
        "valid_from" => valid_from: NaiveDate,
    }

    fn items(_: &mut Conn, _: &Scope, rows: Vec<MandateRow>) -> Result<Vec<Mandate>, ApiError> {
        Ok(rows.into_iter().map(Mandate::from).collect())
    }
}

/// The username and the neighbourhood's code of each mandate.
///
/// # Errors
/// Those of the database.
pub fn names(conn: &mut Conn, province_id: i32, ids: impl Iterator<Item = Id>) -> Result<HashMap<Id, (String, String)>, ApiError> {
    let person = users::province_id.eq(dsl::province_id).and(users::id.eq(dsl::user_id));
    let place = neighborhoods::province_id.eq(dsl::province_id).and(neighborhoods::id.eq(dsl::neighborhood_id));
    let found = table::table
        .inner_join(users::table.on(person))
        .inner_join(neighborhoods::table.on(place))
        .filter(dsl::province_id.eq(province_id).and(among(dsl::id, ids)))
        .select((dsl::id, users::username, neighborhoods::code))
        .load::<(Id, String, String)>(conn)?;
    Ok(found.into_iter().map(|(id, username, code)| (id, (username, code))).collect())
}

/// Refuses a mandate where the neighbourhood has another on any of its days.
///
/// # Errors
/// 409 `overlapping_mandate`.
pub fn check_overlap(conn: &mut Conn, province_id: i32, fields: &MandateFields, own: Option<Id>) -> Result<(), ApiError> {
    let mut others: Query = table::table
        .filter(dsl::province_id.eq(province_id).and(dsl::neighborhood_id.eq(fields.neighborhood_id)))
        .filter(dsl::valid_to.is_null().or(dsl::valid_to.ge(fields.valid_from).assume_not_null()))
        .into_boxed();
    if let Some(last) = fields.valid_to {
        others = others.filter(dsl::valid_from.le(last));
    }
    if let Some(own) = own {
        others = others.filter(dsl::id.ne(own));
    }
    let taken: Option<Id> = others.select(dsl::id).first(conn).optional()?;
    if taken.is_some() { Err(ApiError::new(ProblemCode::OverlappingMandate)) } else { Ok(()) }
}

/// Inserts a row.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: MandateFields) -> Result<MandateRow, ApiError> {
    insert_row!(tx, fields)
}

/// Writes the fields into the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &MandateRow, fields: MandateFields) -> Result<MandateRow, ApiError> {
    update_row!(tx, row, fields)
}

/// Removes a row.
///
/// # Errors
/// Those of the database.
pub fn delete(tx: &mut Tx<'_>, row: &MandateRow) -> Result<(), ApiError> {
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
