//! The writes, with their rules and events.

use super::{
    dto::ClientFields,
    queries::{self, ClientRow, Clients},
    rules, secrets,
};
use crate::{
    agencies,
    db::{Id, Root},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    fault::{Fault, Referent},
    http::conditional::IfMatch,
    neighborhoods,
    tx::Tx,
};

/// Adds a service account with its first secret.
///
/// # Errors
/// 422.
pub fn create(tx: &mut Tx<'_>, fields: &ClientFields, secret: &str) -> Result<ClientRow, ApiError> {
    check(tx, fields, None)?;
    let fields = fields.settled();
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, &fields)?;
    secrets::replace(tx, row.id, secret, 0)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes a service account; `patch` makes the new fields from the old ones.
///
/// # Errors
/// 404, 412, 422, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(ClientFields) -> ClientFields,
) -> Result<ClientRow, ApiError> {
    tx.lock(Root::Client(id))?;
    let row = tx.find::<Clients>(id)?;
    let places = queries::neighborhoods_of(tx.conn, &row)?;
    let old = row.fields(places);
    let sent = patch(old.clone());
    let new = sent.settled();
    let changes = Changes::between(&old, &new)?;
    if_match.check(row.version)?;
    if changes.is_empty() {
        return Ok(row);
    }
    check(tx, &sent, Some(&old))?;
    let row = queries::update(tx, &row, &new, &old.neighborhood_ids)?;
    // As a user's sessions end: undoing the change while a token still lives does not bring it back.
    if old.grant().ends_with(new.grant()) {
        secrets::end_tokens(tx, row.id)?;
    }
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)?;
    tx.invalidate_user(row.id);
    Ok(row)
}

/// Gives it a new secret; the present one stays good for some hours.
///
/// # Errors
/// 404.
pub fn rotate(tx: &mut Tx<'_>, id: Id, secret: &str, overlap_hours: i64) -> Result<ClientRow, ApiError> {
    // Two at once would leave three secrets.
    tx.lock(Root::Client(id))?;
    let row = tx.find::<Clients>(id)?;
    secrets::replace(tx, row.id, secret, overlap_hours)?;
    let changes = Changes::one("overlap_hours", serde_json::Value::Null, overlap_hours);
    events::record(tx, EventAction::KeyRotated, &Subject::client(row.id, None), &changes, None)?;
    tx.invalidate_user(row.id);
    Ok(row)
}

/// Removes a service account that has done nothing.
///
/// # Errors
/// 404, 412, 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Client(id))?;
    let row = tx.find::<Clients>(id)?;
    let places = queries::neighborhoods_of(tx.conn, &row)?;
    if_match.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields(places))?, None)?;
    tx.invalidate_user(row.id);
    Ok(())
}

/// Checks that role and reach go together, and that what is new in the reach may be referred to.
fn check(tx: &mut Tx<'_>, fields: &ClientFields, old: Option<&ClientFields>) -> Result<(), ApiError> {
    let mut faults: Vec<Fault> = rules::reach_faults(fields);
    if let Some(id) = fields.agency_id.filter(|id| old.is_none_or(|old| old.agency_id != Some(*id))) {
        faults.extend(Fault::reference("/agency_id", agencies::write::refer_to(tx, id)?));
    }
    // Behind the lock, which may have been waited for.
    let today = tx.today();
    let (conn, scope) = tx.split();
    let open = neighborhoods::queries::open_among(conn, &scope.actor, &fields.neighborhood_ids, today)?;
    let is_new = |place: &Id| old.is_none_or(|old| !old.neighborhood_ids.contains(place));
    for (index, place) in fields.neighborhood_ids.iter().enumerate().filter(|(_, place)| is_new(place)) {
        faults.extend(Fault::reference(&format!("/neighborhood_ids/{index}"), Referent::of(open.get(place).copied())));
    }
    ApiError::refuse(faults)
}

fn subject(row: &ClientRow) -> Subject {
    Subject::client(row.id, Some(row.version))
}
