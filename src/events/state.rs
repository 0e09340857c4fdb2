//! Whether anything in a province has changed, as its events tell (DESIGN §4, decision 8). The numbers name a state of the
//! register: they never fall, and several servers on one database agree on them.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::{exists, max},
};

use crate::{
    db::{Conn, schema::events},
    error::ApiError,
};

/// The number of the register's state: the highest sealed `seq` of a change, and how many changes wait to be sealed. It rises
/// with each change, and not with the sealing.
///
/// # Errors
/// Those of the database.
pub fn freshness(conn: &mut Conn, province_id: i32) -> Result<i64, ApiError> {
    let changes = || events::table.filter(events::province_id.eq(province_id)).filter(events::register);
    let sealed: Option<Option<i64>> =
        changes().filter(events::seq.is_not_null()).order(events::seq.desc()).select(events::seq).first(conn).optional()?;
    let waiting: i64 = changes().filter(events::seq.is_null()).count().get_result(conn)?;
    Ok(sealed.flatten().unwrap_or(0) + waiting)
}

/// The highest `seq` of a change, if no change waits to be sealed: a number that is read at the same cost however much is being
/// written, in one statement.
///
/// # Errors
/// Those of the database.
pub fn settled(conn: &mut Conn, province_id: i32) -> Result<Option<i64>, ApiError> {
    let changes = || events::table.filter(events::province_id.eq(province_id).and(events::register));
    let waiting = changes().filter(events::seq.is_null());
    let highest = changes().select(max(events::seq));
    let (waits, highest): (bool, Option<i64>) = diesel::select((exists(waiting), highest.single_value())).get_result(conn)?;
    Ok(highest.filter(|_| !waits))
}
