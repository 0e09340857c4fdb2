//! Whether anything in a province has changed, as its events tell (DESIGN §4, decision 8).

use std::fmt::{self, Display};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::{count_star, exists, sum},
};

use super::waiting;
use crate::{
    db::{
        Conn, Id,
        schema::{event_bulks, event_heads, events},
    },
    error::ApiError,
};

/// Which state a province's register is in; several servers on one database name it alike. It depends on which changes were made and not
/// on what is sealed, while the `seq` of the last change, as DESIGN has it, would rise with the sealing of a login before it. And what is
/// done after a copy was put back makes another state than what had been done before, since ids rise with the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterState {
    /// How many changes it has seen; each makes it rise.
    pub changes: i64,
    /// The greatest of their ids.
    pub last_change_id: Option<Id>,
}

impl Display for RegisterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.changes, self.last_change_id.unwrap_or(Id::NOBODY))
    }
}

/// Of what is sealed, of single events that wait, and of bulks that do.
type Parts<T> = (Option<T>, Option<T>, Option<T>);

/// The state now, for who asks again and again: where nothing waits to be sealed, nothing is counted.
///
/// # Errors
/// Those of the database.
pub fn polled_state(conn: &mut Conn, province_id: i32) -> Result<RegisterState, ApiError> {
    match settled(conn, province_id)? {
        Some(state) => Ok(state),
        None => state(conn, province_id),
    }
}

/// The state now, whether its changes are sealed or wait for it, in one statement.
///
/// # Errors
/// Those of the database.
pub fn state(conn: &mut Conn, province_id: i32) -> Result<RegisterState, ApiError> {
    let head = event_heads::table.find(province_id);
    let single = waiting::singles(province_id).filter(events::register);
    let bulk = waiting::bulks(province_id).filter(event_bulks::changes.gt(0));
    // One statement: between two, what waited may have been sealed.
    let changes = (
        head.select(event_heads::changes).single_value(),
        single.select(count_star()).single_value(),
        bulk.select(sum(event_bulks::changes)).single_value(),
    );
    let ids = (
        head.select(event_heads::last_change_id).single_value(),
        // By the flag first, which all of them have: by id alone SQLite walks the key of all events, sealed ones too.
        single.order((events::register.desc(), events::id.desc())).select(events::id).single_value(),
        bulk.order(event_bulks::last_id.desc()).select(event_bulks::last_id).single_value(),
    );
    let ((sealed, single, bulk), (last_sealed, last_single, last_bulk)): (Parts<i64>, Parts<Id>) =
        diesel::select((changes, ids)).get_result(conn)?;
    Ok(RegisterState {
        changes: sealed.unwrap_or(0) + single.unwrap_or(0) + bulk.unwrap_or(0),
        last_change_id: last_sealed.max(last_single).max(last_bulk),
    })
}

/// The state, if no change waits to be sealed: one statement that does not count.
///
/// # Errors
/// Those of the database.
pub fn settled(conn: &mut Conn, province_id: i32) -> Result<Option<RegisterState>, ApiError> {
    // The first of them in their order, which has an index; within `exists` PostgreSQL drops the order, and reads all events where it
    // takes most of them for waiting.
    let single = waiting::singles(province_id).filter(events::register).order(events::intake).select(events::intake);
    let waits = single.single_value().is_not_null().or(exists(waiting::bulks(province_id).select(event_bulks::intake)));
    let head = event_heads::table.find(province_id).select((waits, event_heads::changes, event_heads::last_change_id));
    let found: Option<(bool, i64, Option<Id>)> = head.first(conn).optional()?;
    Ok(found.and_then(|(waits, changes, last_change_id)| (!waits).then_some(RegisterState { changes, last_change_id })))
}
