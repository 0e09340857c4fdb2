//! The neighbourhoods in which service accounts act.

use std::collections::BTreeMap;

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};

use super::ClientRow;
use crate::{
    db::{Conn, Id, among, schema::client_neighborhoods as places},
    error::ApiError,
    tx::Tx,
};

/// The neighbourhoods of clients, in the order of their ids.
///
/// # Errors
/// Those of the database.
pub fn neighborhoods(conn: &mut Conn, province_id: i32, clients: &[Id]) -> Result<BTreeMap<Id, Vec<Id>>, ApiError> {
    let rows = places::table
        .filter(places::province_id.eq(province_id).and(among(places::client_id, clients)))
        .order((places::client_id, places::neighborhood_id))
        .select((places::client_id, places::neighborhood_id))
        .load::<(Id, Id)>(conn)?;
    let mut found: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (client, place) in rows {
        found.entry(client).or_default().push(place);
    }
    Ok(found)
}

/// The neighbourhoods of one client, in the order of their ids.
///
/// # Errors
/// Those of the database.
pub fn neighborhoods_of(conn: &mut Conn, client: &ClientRow) -> Result<Vec<Id>, ApiError> {
    Ok(neighborhoods(conn, client.province_id, &[client.id])?.remove(&client.id).unwrap_or_default())
}

/// Takes neighbourhoods from a client. Those that stay are not touched, so that whoever removes one of them meanwhile need not wait.
///
/// # Errors
/// Those of the database.
pub fn remove_neighborhoods(tx: &mut Tx<'_>, client: Id, gone: Vec<Id>) -> Result<(), ApiError> {
    if !gone.is_empty() {
        let own = places::table.filter(places::province_id.eq(tx.province_id()).and(places::client_id.eq(client)));
        diesel::delete(own.filter(among(places::neighborhood_id, gone))).execute(tx.conn)?;
    }
    Ok(())
}

/// Gives a client neighbourhoods, in one statement however many there are.
///
/// # Errors
/// Those of the database.
pub fn add_neighborhoods(tx: &mut Tx<'_>, client: Id, new: &[Id]) -> Result<(), ApiError> {
    let province = tx.province_id();
    let row = |place: &Id| (places::province_id.eq(province), places::client_id.eq(client), places::neighborhood_id.eq(*place));
    let rows: Vec<_> = new.iter().map(row).collect();
    if !rows.is_empty() {
        let new = diesel::insert_into(places::table).values(&rows);
        // The connection enum takes no batch.
        match tx.conn {
            Conn::Sqlite(sqlite) => new.execute(sqlite)?,
            Conn::Postgres(postgres) => new.execute(postgres)?,
        };
    }
    Ok(())
}
