//! The writes, with their rules and events; requests, imports and the demo all go through here.

use super::{
    dto::AgencyFields,
    queries::{self, Agencies, AgencyRow},
};
use crate::{
    db::{Id, Root},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    fault::Referent,
    http::conditional::IfMatch,
    policy::Kind,
    tx::Tx,
};

/// Adds an agency, with its event. Only its code has to be judged, and the unique key does that.
///
/// # Errors
/// 409 `already_exists`.
pub fn create(tx: &mut Tx<'_>, fields: AgencyFields) -> Result<AgencyRow, ApiError> {
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes an agency; `patch` makes the new fields from the old ones.
///
/// # Errors
/// 404, 412, 409, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(AgencyFields) -> AgencyFields,
) -> Result<AgencyRow, ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Agencies>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    let changes = Changes::between(&old, &new)?;
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
pub fn change(tx: &mut Tx<'_>, row: &AgencyRow, new: AgencyFields, changes: &Changes) -> Result<AgencyRow, ApiError> {
    if row.active && !new.active {
        tx.lock_ending()?;
    }
    let row = queries::update(tx, row, new)?;
    events::record(tx, EventAction::Updated, &subject(&row), changes, None)?;
    Ok(row)
}

/// Whether an agency may be referred to; one that may stays so until the transaction ends.
///
/// # Errors
/// Those of the database.
pub fn refer_to(tx: &mut Tx<'_>, id: Id) -> Result<Referent, ApiError> {
    tx.lock_referred(None)?;
    Ok(Referent::of(tx.get_optional::<Agencies>(id)?.map(|agency| agency.active)))
}

/// Removes an agency that nothing depends on.
///
/// # Errors
/// 404, 412, 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Agencies>(id)?;
    if_match.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

fn subject(row: &AgencyRow) -> Subject {
    Subject::new(Kind::Agency, row.id, row.version)
}
