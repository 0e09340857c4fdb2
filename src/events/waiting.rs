//! What waits to be sealed: single events, and bulks of them.
//!
//! Nobody sees what an import has written before its end, and until then PostgreSQL would look at each of its events in vain
//! whenever somebody asks what waits. So where it writes many at once, as of initiatives and responsibilities, they are in no index
//! of what waits, and one row tells of the whole bulk.

use std::collections::BTreeSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::{auto_type, max, sum},
};

use super::queries::EventRow;
use crate::{
    db::{
        Conn, Id, among,
        schema::{event_bulks, events},
    },
    error::ApiError,
};

/// The single events that wait, of all provinces.
#[auto_type]
fn all_singles() -> _ {
    events::table.filter(events::seq.is_null().and(events::bulk.is_null()))
}

/// The single events of a province that wait.
#[auto_type]
pub fn singles(province_id: i32) -> _ {
    all_singles().filter(events::province_id.eq(province_id))
}

/// The bulks of a province that wait.
#[auto_type]
pub fn bulks(province_id: i32) -> _ {
    event_bulks::table.filter(event_bulks::province_id.eq(province_id))
}

/// The provinces in which something waits: one statement each and one more, since the way to the next is by the order of an index,
/// whatever the database takes the table to hold.
///
/// # Errors
/// Those of the database.
pub fn provinces(conn: &mut Conn) -> Result<BTreeSet<i32>, ApiError> {
    let mut found: BTreeSet<i32> = event_bulks::table.select(event_bulks::province_id).distinct().load(conn)?.into_iter().collect();
    let mut last = i32::MIN;
    let order = (events::province_id, events::intake);
    let next = |last| all_singles().filter(events::province_id.gt(last)).order(order).select(events::province_id);
    while let Some(next) = next(last).first(conn).optional()? {
        found.insert(next);
        last = next;
    }
    Ok(found)
}

/// The place of what came last and waits in a province.
///
/// # Errors
/// Those of the database.
pub fn latest(conn: &mut Conn, province_id: i32) -> Result<Option<i64>, ApiError> {
    let single: Option<i64> = singles(province_id).select(max(events::intake)).get_result(conn)?;
    let bulk: Option<i64> = bulks(province_id).select(max(event_bulks::intake)).get_result(conn)?;
    Ok(single.max(bulk))
}

/// How many events wait in a province.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Conn, province_id: i32) -> Result<i64, ApiError> {
    let single: i64 = singles(province_id).count().get_result(conn)?;
    let bulk: Option<i64> = bulks(province_id).select(sum(event_bulks::events)).get_result(conn)?;
    Ok(single + bulk.unwrap_or(0))
}

/// What is to be sealed next.
#[derive(Default)]
pub struct Next {
    /// Events, in the order in which they are sealed.
    pub events: Vec<EventRow>,
    /// The bulks that they were written with.
    pub bulks: Vec<i64>,
    /// The place of the last of them; none where nothing waits.
    pub last: Option<i64>,
}

/// What is to be sealed next in a province, in the order of intake, where a bulk has the place of its beginning: some `most` events.
///
/// # Errors
/// Those of the database.
pub fn next(conn: &mut Conn, province_id: i32, most: i64) -> Result<Next, ApiError> {
    let (single, waiting) = at_one_instant(conn, province_id, most)?;
    let (mut single, mut waiting) = (single.into_iter().peekable(), waiting.into_iter().peekable());
    let (mut next, most) = (Next::default(), usize::try_from(most).unwrap_or(usize::MAX));
    while next.events.len() < most {
        let before = waiting.peek().map_or(i64::MAX, |bulk| bulk.intake);
        if let Some(event) = single.next_if(|event| event.intake < before) {
            next.last = Some(event.intake);
            next.events.push(event);
        } else if let Some(bulk) = waiting.next() {
            next.last = Some(bulk.intake);
            next.events.extend(bulk.events(conn)?);
            next.bulks.push(bulk.intake);
        } else {
            break;
        }
    }
    Ok(next)
}

/// What waits, the single events and the bulks as they are at one instant: else one that came of another could be seen without it, and
/// be sealed before it.
fn at_one_instant(conn: &mut Conn, province_id: i32, most: i64) -> Result<(Vec<EventRow>, Vec<Bulk>), ApiError> {
    let waiting = |conn: &mut Conn| {
        let (place, ids) = (event_bulks::intake, (event_bulks::first_id, event_bulks::last_id));
        bulks(province_id).select((event_bulks::province_id, place, ids)).order(place).limit(most).load::<Bulk>(conn)
    };
    let mut before = waiting(conn)?;
    loop {
        // Each statement sees what is committed when it begins. Bulks are taken away by this transaction alone, so where they are the
        // same before and after, no transaction with a bulk has ended between.
        let single = singles(province_id).order(events::intake).limit(most).load(conn)?;
        let after = waiting(conn)?;
        if after == before {
            return Ok((single, after));
        }
        before = after;
    }
}

/// Deletes bulks whose events have been sealed.
///
/// # Errors
/// Those of the database.
pub fn delete_bulks(conn: &mut Conn, province_id: i32, sealed: Vec<i64>) -> Result<(), ApiError> {
    if !sealed.is_empty() {
        diesel::delete(bulks(province_id).filter(among(event_bulks::intake, sealed))).execute(conn)?;
    }
    Ok(())
}

/// A bulk that waits.
#[derive(Queryable, PartialEq, Eq)]
struct Bulk {
    province_id: i32,
    intake: i64,
    ids: (Id, Id),
}

impl Bulk {
    /// Its events, in their order. Their ids are of one moment, so that the range holds little else.
    fn events(&self, conn: &mut Conn) -> Result<Vec<EventRow>, ApiError> {
        let near = events::province_id.eq(self.province_id).and(events::id.between(self.ids.0, self.ids.1));
        let waiting = events::bulk.eq(self.intake).and(events::seq.is_null());
        Ok(events::table.filter(near.and(waiting)).order(events::intake).load(conn)?)
    }
}
