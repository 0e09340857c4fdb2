//! Rows, reach, filter, and the writes.

mod row;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, dsl::exists,
};

use super::{
    dto::{Manager, Neighborhood, NeighborhoodFields, NeighborhoodFilter},
    rules::is_closed,
};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{client_neighborhoods, initiatives, mandates, neighborhoods as table, neighborhoods::dsl, users},
        search, update_row,
    },
    error::{ApiError, ProblemCode},
    http::{
        query::{AnyOf, CodeKey, Folded, Search},
        resource::{Resource, reads},
    },
    mandates::queries::valid_on,
    policy::Kind,
    tx::Tx,
};

pub use row::NeighborhoodRow;

use row::Columns;

type Query = table::BoxedQuery<'static, MultiBackend>;

/// Everybody sees all neighbourhoods of their province.
pub fn visible(actor: &Actor) -> Query {
    table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed()
}

/// The condition that a neighbourhood is open on a day, as [`is_closed`] has it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn open_on(day: NaiveDate) -> _ {
    dsl::closed_on.is_null().or(dsl::closed_on.gt(day).assume_not_null())
}

fn filtered(conn: &Conn, scope: &Scope, filter: &NeighborhoodFilter) -> Query {
    let filter = filter.clone();
    let keys = |any: AnyOf<Folded>| any.0.into_iter().map(|folded| folded.0).collect::<Vec<_>>();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(codes)) = filter.code {
        query = query.filter(among(dsl::code_key, codes.into_iter().map(|CodeKey(key)| key)));
    }
    if let Some(cities) = filter.city {
        query = query.filter(among(dsl::city_key, keys(cities)));
    }
    if let Some(counties) = filter.county {
        query = query.filter(among(dsl::county_key, keys(counties)));
    }
    if let Some(districts) = filter.district {
        query = query.filter(among(dsl::district_key, keys(districts)));
    }
    if let Some(AnyOf(words)) = filter.designation {
        query = query.filter(among(dsl::designation, words));
    }
    match filter.closed {
        Some(flag) if flag.0 => query = query.filter(dsl::closed_on.le(scope.today).assume_not_null()),
        Some(_) => query = query.filter(open_on(scope.today)),
        None => {}
    }
    if let Some(map) = filter.bbox {
        query = query
            .filter(dsl::longitude.between(map.west, map.east).assume_not_null())
            .filter(dsl::latitude.between(map.south, map.north).assume_not_null());
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    for condition in filter.q.iter().flat_map(|Search(words)| search::contains(conn, "neighborhoods", words)) {
        query = query.filter(condition);
    }
    query
}

/// Neighbourhoods as lists, totals and exports see them.
pub struct Neighborhoods;

impl Resource for Neighborhoods {
    type Filter = NeighborhoodFilter;
    type Row = NeighborhoodRow;
    type Item = Neighborhood;
    const KIND: Kind = Kind::Neighborhood;
    const PATH: &'static str = "/api/v1/neighborhoods";
    const HAS_MAP: bool = true;
    const IS_CACHED: bool = true;

    reads! {
        "name" => name_sort: Vec<u8>,
        "code" => code_key: String,
        "population" => population_order: i64,
        "updated_at" => updated_at: Timestamp,
    }

    fn items(conn: &mut Conn, scope: &Scope, rows: Vec<NeighborhoodRow>) -> Result<Vec<Neighborhood>, ApiError> {
        let mut managers = managers(conn, scope, rows.iter().map(|row| row.id))?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let manager = managers.remove(&row.id);
                Neighborhood::new(row, manager)
            })
            .collect())
    }
}

/// Who manages these places today.
///
/// # Errors
/// Those of the database.
pub fn managers(conn: &mut Conn, scope: &Scope, places: impl Iterator<Item = Id>) -> Result<HashMap<Id, Manager>, ApiError> {
    let person = users::province_id.eq(mandates::province_id).and(users::id.eq(mandates::user_id));
    let found = mandates::table
        .inner_join(users::table.on(person))
        .filter(mandates::province_id.eq(scope.actor.province_id).and(among(mandates::neighborhood_id, places)))
        .filter(valid_on(scope.today))
        .select((mandates::neighborhood_id, users::id, users::display_name, mandates::id))
        .load::<(Id, Id, String, Id)>(conn)?;
    let manager = |(place, user_id, display_name, mandate_id)| (place, Manager { user_id, display_name, mandate_id });
    Ok(found.into_iter().map(manager).collect())
}

/// The neighbourhoods of these codes' keys.
///
/// # Errors
/// Those of the database.
pub fn by_keys(conn: &mut Conn, province_id: i32, keys: BTreeSet<String>) -> Result<HashMap<String, NeighborhoodRow>, ApiError> {
    let rows: Vec<NeighborhoodRow> = table::table.filter(dsl::province_id.eq(province_id).and(among(dsl::code_key, keys))).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.code_key.clone(), row)).collect())
}

/// Id and day of closing of the neighbourhoods of these codes' keys.
///
/// # Errors
/// Those of the database.
pub fn places_by_keys(
    conn: &mut Conn,
    province_id: i32,
    keys: BTreeSet<String>,
) -> Result<HashMap<String, (Id, Option<NaiveDate>)>, ApiError> {
    let named = table::table.filter(dsl::province_id.eq(province_id).and(among(dsl::code_key, keys)));
    let rows: Vec<(String, Id, Option<NaiveDate>)> = named.select((dsl::code_key, dsl::id, dsl::closed_on)).load(conn)?;
    Ok(rows.into_iter().map(|(key, id, closed)| (key, (id, closed))).collect())
}

/// Inserts a row.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: NeighborhoodFields) -> Result<NeighborhoodRow, ApiError> {
    insert_row!(tx, Columns::from(fields))
}

/// Writes the fields into the row that was read.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &NeighborhoodRow, fields: NeighborhoodFields) -> Result<NeighborhoodRow, ApiError> {
    update_row!(tx, row, Columns::from(fields))
}

/// Codes of the neighbourhoods that are open on a day, in their order.
///
/// # Errors
/// Those of the database.
pub fn open_codes(conn: &mut Conn, province_id: i32, day: NaiveDate) -> Result<Vec<String>, ApiError> {
    let open = table::table.filter(dsl::province_id.eq(province_id).and(open_on(day)));
    Ok(open.order(dsl::code_key).select(dsl::code).load(conn)?)
}

/// Which of these neighbourhoods there are within the actor's reach, and whether each is open on a day.
///
/// # Errors
/// Those of the database.
pub fn open_among(conn: &mut Conn, actor: &Actor, ids: &[Id], today: NaiveDate) -> Result<HashMap<Id, bool>, ApiError> {
    let rows = visible(actor)
        .filter(among(dsl::id, ids.iter().copied()))
        .select((dsl::id, dsl::closed_on))
        .load::<(Id, Option<NaiveDate>)>(conn)?;
    Ok(rows.into_iter().map(|(id, closed)| (id, !is_closed(closed, today))).collect())
}

/// Removes a row on which nothing depends.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &NeighborhoodRow) -> Result<(), ApiError> {
    let mandated = mandates::table.filter(mandates::province_id.eq(row.province_id).and(mandates::neighborhood_id.eq(row.id)));
    let at_work = initiatives::table.filter(initiatives::province_id.eq(row.province_id).and(initiatives::neighborhood_id.eq(row.id)));
    let reached = client_neighborhoods::table
        .filter(client_neighborhoods::province_id.eq(row.province_id).and(client_neighborhoods::neighborhood_id.eq(row.id)));
    if diesel::select(exists(mandated).or(exists(at_work)).or(exists(reached))).get_result(tx.conn)? {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
