//! The writes, with their rules and events; requests and the demo all go through here.

use std::collections::BTreeSet;

use super::{
    dto::MandateFields,
    queries::{self, MandateRow, Mandates},
    rules,
};
use crate::{
    db::{self, Id, Root},
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, Subject},
    fault::Fault,
    http::conditional::IfMatch,
    neighborhoods::queries::Neighborhoods,
    policy::Kind,
    tx::Tx,
    users::queries::Users,
    writable,
};

/// Appoints a manager.
///
/// # Errors
/// 409 `overlapping_mandate`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: MandateFields) -> Result<MandateRow, ApiError> {
    tx.lock(Root::Neighborhood(fields.neighborhood_id))?;
    check(tx, &fields, None)?;
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    tx.invalidate_user(row.user_id);
    Ok(row)
}

/// Changes a mandate. `patch` makes the new fields from the old ones twice: first to know which places to lock, then under the locks.
///
/// # Errors
/// 404, 412, 409, 422, in this order.
pub fn update(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch, patch: impl Fn(MandateFields) -> MandateFields) -> Result<MandateRow, ApiError> {
    let places = |old: &MandateFields, new: &MandateFields| BTreeSet::from([old.neighborhood_id, new.neighborhood_id]);
    let old = tx.find::<Mandates>(id)?.fields();
    let held = places(&old, &patch(old.clone()));
    // In the order of their ids, so that two that change places do not wait for each other.
    for place in &held {
        tx.lock(Root::Neighborhood(*place))?;
    }
    let row = tx.find::<Mandates>(id)?;
    if_match.check(row.version)?;
    let old = row.fields();
    let new = patch(old.clone());
    if places(&old, &new) != held {
        // Moved to another place in between: the caller's next try locks that one.
        return Err(ApiError::busy());
    }
    let changes = Changes::between(&old, &new)?;
    if changes.is_empty() {
        return Ok(row);
    }
    let today = tx.today();
    writable::check_frozen(&changes, |field| rules::is_frozen(row.valid_from, today, field))?;
    check(tx, &new, Some(&row))?;
    let before = row.user_id;
    let row = queries::update(tx, &row, new)?;
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)?;
    tx.invalidate_user(before);
    tx.invalidate_user(row.user_id);
    Ok(row)
}

/// Removes a mandate that has not begun.
///
/// # Errors
/// 404, 412, 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    let row = find_locked(tx, id)?;
    if_match.check(row.version)?;
    if rules::has_begun(row.valid_from, tx.today()) {
        return Err(ApiError::new(ProblemCode::InUse));
    }
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)?;
    tx.invalidate_user(row.user_id);
    Ok(())
}

/// The row, read again once its neighbourhood is locked: only the row tells which that is.
fn find_locked(tx: &mut Tx<'_>, id: Id) -> Result<MandateRow, ApiError> {
    let place = tx.find::<Mandates>(id)?.neighborhood_id;
    tx.lock(Root::Neighborhood(place))?;
    let row = tx.find::<Mandates>(id)?;
    // Moved to another place in between: another try locks that one.
    if row.neighborhood_id == place { Ok(row) } else { Err(ApiError::busy()) }
}

/// Checks that its days are free and in order, and that what it newly refers to may be referred to.
fn check(tx: &mut Tx<'_>, fields: &MandateFields, old: Option<&MandateRow>) -> Result<(), ApiError> {
    if !rules::is_empty(fields) {
        queries::check_overlap(tx.conn, tx.province_id(), fields, old.map(|row| row.id))?;
    }
    let mut faults: Vec<Fault> = rules::dates_fault(fields).into_iter().collect();
    if old.is_none_or(|row| row.user_id != fields.user_id) {
        // So that the user does not become inactive, or get another role, meanwhile.
        db::lock_user(tx.conn, tx.province_id(), fields.user_id)?;
        let user = tx.get_optional::<Users>(fields.user_id)?;
        faults.extend(rules::user_faults(user.as_ref()));
    }
    if old.is_none_or(|row| row.neighborhood_id != fields.neighborhood_id) {
        let place = tx.get_optional::<Neighborhoods>(fields.neighborhood_id)?;
        faults.extend(rules::place_fault(place.as_ref(), tx.today()));
    }
    ApiError::refuse(faults)
}

fn subject(row: &MandateRow) -> Subject {
    Subject { user_id: Some(row.user_id), ..Subject::new(Kind::Mandate, row.id, row.version).in_neighborhood(row.neighborhood_id) }
}
