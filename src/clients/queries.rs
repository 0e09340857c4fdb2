//! Rows, reach, filter, and the writes.

mod reach;
mod row;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

pub use self::{reach::neighborhoods_of, row::ClientRow};
use self::{
    reach::{add_neighborhoods, neighborhoods, remove_neighborhoods},
    row::Columns,
};
use super::{
    dto::{Client, ClientFields, ClientFilter},
    secrets::{self, SecretRow},
};
use crate::{
    auth::{Actor, Claims, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among, insert_row,
        schema::{client_secrets, clients as table, clients::dsl, provinces},
        update_row,
    },
    error::{ApiError, ProblemCode},
    events::queries::has_acted,
    http::{
        query::AnyOf,
        resource::{Resource, reads},
    },
    persian,
    policy::Kind,
    tx::Tx,
};

type Query = table::BoxedQuery<'static, MultiBackend>;

/// The province sees its service accounts; nobody else gets here ([`crate::policy::allows`]).
pub fn visible(actor: &Actor) -> Query {
    table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed()
}

fn filtered(_: &Conn, scope: &Scope, filter: &ClientFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(roles)) = filter.role {
        query = query.filter(among(dsl::role, roles));
    }
    if let Some(AnyOf(agencies)) = filter.agency_id {
        query = query.filter(among(dsl::agency_id, agencies));
    }
    if let Some(flag) = filter.active {
        query = query.filter(dsl::active.eq(flag.0));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    query
}

/// Service accounts as lists and totals see them.
pub struct Clients;

impl Resource for Clients {
    type Filter = ClientFilter;
    type Row = ClientRow;
    type Item = Client;
    const KIND: Kind = Kind::Client;
    const PATH: &'static str = "/api/v1/clients";

    reads! {
        "name" => name_sort: Vec<u8>,
        "updated_at" => updated_at: Timestamp,
    }

    fn items(conn: &mut Conn, scope: &Scope, rows: Vec<ClientRow>) -> Result<Vec<Client>, ApiError> {
        let (province, ids) = (scope.actor.province_id, rows.iter().map(|row| row.id).collect::<Vec<_>>());
        let mut reach = neighborhoods(conn, province, &ids)?;
        let mut known: BTreeMap<Id, Vec<SecretRow>> = BTreeMap::new();
        for secret in secrets::of(conn, province, &ids)? {
            known.entry(secret.client_id).or_default().push(secret);
        }
        let item = |row: ClientRow| {
            let (places, secrets) = (reach.remove(&row.id).unwrap_or_default(), known.remove(&row.id).unwrap_or_default());
            Client::new(row, places, secrets)
        };
        Ok(rows.into_iter().map(item).collect())
    }
}

/// The client of an id, in whichever province, with the code of that province: a token request names none.
///
/// # Errors
/// Those of the database.
pub fn get_anywhere(conn: &mut Conn, id: Id) -> Result<Option<(ClientRow, String)>, ApiError> {
    Ok(table::table
        .inner_join(provinces::table.on(provinces::id.eq(dsl::province_id)))
        .filter(dsl::id.eq(id))
        .select((table::all_columns, provinces::code))
        .first(conn)
        .optional()?)
}

/// The service account of a token, if it and the secret that gave the token are still good.
///
/// # Errors
/// 401 `invalid_token` where they are not.
pub fn load_actor(conn: &mut Conn, claims: &Claims, now: Timestamp, today: NaiveDate) -> Result<Actor, ApiError> {
    let secret = client_secrets::province_id.eq(dsl::province_id).and(client_secrets::client_id.eq(dsl::id));
    let found = table::table
        .inner_join(provinces::table.on(provinces::id.eq(dsl::province_id)))
        .inner_join(client_secrets::table.on(secret.and(client_secrets::id.eq(claims.sid))))
        .filter(provinces::code_key.eq(persian::code_key(&claims.province)).and(dsl::id.eq(claims.sub)))
        .filter(client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(now).assume_not_null()))
        .select(table::all_columns)
        .first::<ClientRow>(conn)
        .optional()?;
    let Some(row) = found.filter(|row| row.is_usable(today) && claims.client_id == Some(row.id)) else {
        return Err(ApiError::new(ProblemCode::InvalidToken));
    };
    let reach = neighborhoods_of(conn, &row)?;
    Ok(row.actor(claims.sid, reach))
}

/// A service account as it is now, whatever secret it showed; none where it may no longer be used.
///
/// # Errors
/// Those of the database.
pub fn get_actor(conn: &mut Conn, province_id: i32, id: Id, today: NaiveDate) -> Result<Option<Actor>, ApiError> {
    let row: Option<ClientRow> = table::table.find((province_id, id)).first(conn).optional()?;
    let Some(row) = row.filter(|row| row.is_usable(today)) else { return Ok(None) };
    let places = neighborhoods_of(conn, &row)?;
    Ok(Some(row.actor(Id::NOBODY, places)))
}

/// Inserts a row.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, fields: &ClientFields) -> Result<ClientRow, ApiError> {
    let row: ClientRow = insert_row!(tx, Columns::of(fields))?;
    add_neighborhoods(tx, row.id, &fields.neighborhood_ids)?;
    Ok(row)
}

/// Writes the fields into the row that was read, and the differences to the neighbourhoods that it had.
///
/// # Errors
/// `stale_version` where it has changed since.
pub fn update(tx: &mut Tx<'_>, row: &ClientRow, fields: &ClientFields, had: &[Id]) -> Result<ClientRow, ApiError> {
    let updated: ClientRow = update_row!(tx, row, Columns::of(fields))?;
    let beyond = |places: &[Id], others: &[Id]| places.iter().filter(|place| !others.contains(place)).copied().collect::<Vec<_>>();
    remove_neighborhoods(tx, row.id, beyond(had, &fields.neighborhood_ids))?;
    add_neighborhoods(tx, row.id, &beyond(&fields.neighborhood_ids, had))?;
    Ok(updated)
}

/// Removes a client that has done nothing; its secrets go with it.
///
/// # Errors
/// 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, row: &ClientRow) -> Result<(), ApiError> {
    if has_acted(tx.conn, row.province_id, row.id)? {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    diesel::delete(table::table.find((row.province_id, row.id))).execute(tx.conn)?;
    Ok(())
}
