//! Whether anything in a province has changed, as its events tell (DESIGN §4, decision 8). What they give names a state of the
//! register, on which several servers on one database agree.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, exists, sum},
};

use super::waiting;
use crate::{
    db::{
        Conn,
        schema::{event_bulks, event_heads, events},
    },
    error::ApiError,
};

/// How many changes the register has seen, whether they are sealed or wait for it: the number of its state. It never falls, rises with
/// each change, and not with the sealing (DESIGN §4, decision 8; the `seq` of the last change, as it is said there, would rise with the
/// sealing of a login before it).
///
/// # Errors
/// Those of the database.
pub fn change_count(conn: &mut Conn, province_id: i32) -> Result<i64, ApiError> {
    let single = waiting::singles(province_id).filter(events::register).select(count_star());
    let bulk = waiting::bulks(province_id).select(sum(event_bulks::changes));
    // One statement: between two, what waited may have been sealed.
    let sealed = event_heads::table.find(province_id).select(event_heads::register_changes);
    let found = diesel::select((sealed.single_value(), single.single_value(), bulk.single_value()));
    let (sealed, single, bulk): (Option<i64>, Option<i64>, Option<i64>) = found.get_result(conn)?;
    Ok(sealed.unwrap_or(0) + single.unwrap_or(0) + bulk.unwrap_or(0))
}

/// The hash of the highest sealed change, if no change waits to be sealed: it names the register's history and not only its
/// length, in one statement that does not count.
///
/// # Errors
/// Those of the database.
pub fn settled(conn: &mut Conn, province_id: i32) -> Result<Option<String>, ApiError> {
    // The first of them in their order, which has an index; within `exists` PostgreSQL drops the order, and reads all events where it
    // takes most of them for waiting.
    let single = waiting::singles(province_id).filter(events::register).order(events::intake).select(events::intake);
    let waits = single.single_value().is_not_null().or(exists(waiting::bulks(province_id).select(event_bulks::intake)));
    let sealed = event_heads::table.find(province_id).select(event_heads::register_hash);
    let (waits, hash): (bool, Option<String>) = diesel::select((waits, sealed.single_value())).get_result(conn)?;
    Ok(hash.filter(|_| !waits))
}
