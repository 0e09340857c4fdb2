//! Whether anything in a province has changed, as its events tell (DESIGN §4, decision 8). What they give names a state of the
//! register, on which several servers on one database agree.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, exists},
};

use crate::{
    db::{Conn, schema::events},
    error::ApiError,
};

/// The number of the register's state: the highest sealed `seq` of a change, and how many changes wait to be sealed. It never
/// falls, and rises with each change.
///
/// # Errors
/// Those of the database.
pub fn freshness(conn: &mut Conn, province_id: i32) -> Result<i64, ApiError> {
    let changes = || events::table.filter(events::province_id.eq(province_id).and(events::register));
    let highest = changes().filter(events::seq.is_not_null()).order(events::seq.desc()).select(events::seq);
    let waiting = changes().filter(events::seq.is_null()).select(count_star());
    // One statement: between two, what waited may have been sealed.
    let (sealed, waiting): (Option<i64>, Option<i64>) =
        diesel::select((highest.single_value(), waiting.single_value())).get_result(conn)?;
    Ok(sealed.unwrap_or(0) + waiting.unwrap_or(0))
}

/// The hash of the highest sealed change, if no change waits to be sealed: it names the register's history and not only its
/// length, in one statement that does not count.
///
/// # Errors
/// Those of the database.
pub fn settled(conn: &mut Conn, province_id: i32) -> Result<Option<String>, ApiError> {
    let changes = || events::table.filter(events::province_id.eq(province_id).and(events::register));
    let waiting = changes().filter(events::seq.is_null()).select(events::intake);
    let highest = changes().filter(events::seq.is_not_null()).order(events::seq.desc()).select(events::hash);
    let (waits, hash): (bool, Option<String>) = diesel::select((exists(waiting), highest.single_value())).get_result(conn)?;
    Ok(hash.filter(|_| !waits))
}
