//! The writes, with their rules and events; requests, imports and the demo all go through here.

use super::{
    dto::NeighborhoodFields,
    queries::{self, NeighborhoodRow, Neighborhoods},
    rules,
};
use crate::{
    db::{Id, Root},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    http::conditional::IfMatch,
    policy::Kind,
    tx::Tx,
};

/// Adds a neighbourhood, with its event. Only its code has to be judged, and the unique key does that.
///
/// # Errors
/// 409 `already_exists`.
pub fn create(tx: &mut Tx<'_>, fields: NeighborhoodFields) -> Result<NeighborhoodRow, ApiError> {
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes a neighbourhood; `patch` makes the new fields from the old ones.
///
/// # Errors
/// 404, 403, 412, 409, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(NeighborhoodFields) -> NeighborhoodFields,
) -> Result<NeighborhoodRow, ApiError> {
    tx.lock(Root::Neighborhood(id))?;
    let row = tx.find::<Neighborhoods>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    let changes = Changes::between(&old, &new)?;
    rules::writable(tx.actor(), row.id).check(&changes)?;
    if_match.check(row.version)?;
    if changes.is_empty() {
        return Ok(row);
    }
    change(tx, &row, new, &changes)
}

/// Writes a change that has been judged, with its event.
///
/// # Errors
/// `stale_version` where the row has changed since it was read.
pub fn change(tx: &mut Tx<'_>, row: &NeighborhoodRow, new: NeighborhoodFields, changes: &Changes) -> Result<NeighborhoodRow, ApiError> {
    let row = queries::update(tx, row, new)?;
    events::record(tx, EventAction::Updated, &subject(&row), changes, None)?;
    Ok(row)
}

/// Removes a neighbourhood that nothing depends on.
///
/// # Errors
/// 404, 412, 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Neighborhood(id))?;
    let row = tx.find::<Neighborhoods>(id)?;
    if_match.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

fn subject(row: &NeighborhoodRow) -> Subject {
    Subject::new(Kind::Neighborhood, row.id, row.version).in_neighborhood(row.id)
}
