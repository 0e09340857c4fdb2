//! The writes, with their rules and events; requests, imports and the demo all go through here.

use super::{
    dto::{InitiativeFields, InitiativeTransition},
    queries::{self, InitiativeRow, Initiatives},
    rules,
};
use crate::{
    agencies,
    db::{Id, Root},
    domains,
    error::ApiError,
    events::{self, Changes, Deed, Subject},
    fault::{Fault, FaultCode},
    http::conditional::Seen,
    neighborhoods, responsibilities,
    tx::Tx,
    writable::{FieldSet, check_frozen},
};

/// Adds a draft.
///
/// # Errors
/// 403, 409 `already_exists`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: InitiativeFields) -> Result<InitiativeRow, ApiError> {
    tx.lock(Root::Neighborhood(fields.neighborhood_id))?;
    let (fields, faults) = settle_references(tx, None, fields)?;
    if !may_plan_in(tx, &fields, &faults) {
        return Err(ApiError::forbidden());
    }
    queries::check_code(tx.conn, tx.province_id(), &fields.code, None)?;
    ApiError::refuse(faults)?;
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, fields)?;
    queries::keep_agencies(tx, row.id, row.lead_agency_id)?;
    events::record(tx, Deed::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes an initiative: what `patch` makes of its fields.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    seen: &Seen,
    patch: impl FnOnce(InitiativeFields) -> InitiativeFields,
) -> Result<InitiativeRow, ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    let old = row.fields();
    let (new, faults) = settle_references(tx, Some(&old), patch(old.clone()))?;
    let changes = Changes::between(&old, &new)?;
    rules::writable(tx.actor(), &row.state()).check(&changes)?;
    if new.neighborhood_id != old.neighborhood_id && !may_plan_in(tx, &new, &faults) {
        return Err(ApiError::forbidden());
    }
    seen.check(row.version)?;
    check_frozen(&changes, |field| rules::is_frozen(row.status, field))?;
    queries::check_code(tx.conn, row.province_id, &new.code, Some(row.id))?;
    ApiError::refuse(faults)?;
    if changes.is_empty() {
        return Ok(row);
    }
    let row = queries::update(tx, &row, new)?;
    if row.neighborhood_id != old.neighborhood_id {
        responsibilities::queries::follow_place(tx, row.id, row.neighborhood_id)?;
    }
    queries::keep_agencies(tx, row.id, row.lead_agency_id)?;
    events::record(tx, Deed::Updated, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Moves an initiative along its lifecycle, with what follows for its responsibilities.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn transition(tx: &mut Tx<'_>, id: Id, seen: Option<&Seen>, to: InitiativeTransition) -> Result<InitiativeRow, ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    rules::check_move(tx.actor(), &row.state(), to.to, || seen.map_or(Ok(()), |seen| seen.check(row.version)))?;
    let children = responsibilities::queries::children(tx.conn, row.province_id, row.id)?;
    let judged: Vec<rules::Child> = children.iter().map(responsibilities::queries::ResponsibilityRow::as_child).collect();
    ApiError::refuse(rules::unmet(&row.fields(), &judged, row.status, to.to, to.reason.is_some()))?;
    let next = queries::set_status(tx, &row, to.to)?;
    responsibilities::write::follow_initiative(tx, &row, &next, children)?;
    queries::keep_agencies(tx, next.id, next.lead_agency_id)?;
    let mut changes = Changes::one("status", row.status.as_str(), next.status.as_str());
    if let Some(day) = next.completed_on.filter(|_| row.completed_on.is_none()) {
        changes.push("completed_on", serde_json::Value::Null, day.to_string());
    }
    if let Some(note) = to.note {
        changes.push("note", serde_json::Value::Null, note.0);
    }
    events::record(tx, Deed::Transitioned, &subject(&next), &changes, to.reason.as_ref().map(|text| text.0.as_str()))?;
    Ok(next)
}

/// Lets an accepted deferral pass the initiative's own deadline, as an event of its own.
///
/// # Errors
/// Those of the database.
pub fn extend(tx: &mut Tx<'_>, row: &InitiativeRow, due_on: chrono::NaiveDate) -> Result<(), ApiError> {
    let old = row.fields();
    let new = InitiativeFields { due_on: Some(due_on), ..old.clone() };
    let changes = Changes::between(&old, &new)?;
    let row = queries::update(tx, row, new)?;
    events::record(tx, Deed::Updated, &subject(&row), &changes, None)
}

/// Removes a draft that has no responsibilities.
///
/// # Errors
/// 404, 403, 412, 409 `in_use`, in this order.
pub fn delete(tx: &mut Tx<'_>, id: Id, seen: &Seen) -> Result<(), ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    if rules::writable(tx.actor(), &row.state()) != FieldSet::All {
        return Err(ApiError::forbidden());
    }
    seen.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, Deed::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

/// Whether the actor plans in this neighbourhood; where it is not there, that is said instead.
fn may_plan_in(tx: &Tx<'_>, fields: &InitiativeFields, faults: &[Fault]) -> bool {
    let unknown = faults.iter().any(|fault| fault.place() == "/neighborhood_id" && fault.code == FaultCode::UnknownReference);
    unknown || tx.actor().is_province() || tx.actor().manages(fields.neighborhood_id)
}

/// Looks up what the fields refer to, as far as it is new, and gives the domain its own spelling.
fn settle_references(
    tx: &mut Tx<'_>,
    old: Option<&InitiativeFields>,
    mut fields: InitiativeFields,
) -> Result<(InitiativeFields, Vec<Fault>), ApiError> {
    let mut faults = rules::inconsistencies(&fields);
    let (actor, today) = (tx.actor().clone(), tx.today());
    if old.is_none_or(|old| old.neighborhood_id != fields.neighborhood_id) {
        let place = neighborhoods::queries::get_optional(tx.conn, &actor, fields.neighborhood_id)?;
        faults.extend(Fault::reference("/neighborhood_id", place.map(|place| !place.is_closed(today))));
    }
    if old.is_none_or(|old| old.domain != fields.domain) {
        let domain = domains::queries::resolve(tx.conn, actor.province_id, &fields.domain)?;
        let same = domain.as_ref().is_some_and(|domain| old.is_some_and(|old| old.domain == domain.code));
        faults.extend(Fault::reference("/domain", domain.as_ref().map(|domain| domain.active || same)));
        fields.domain = domain.map_or(fields.domain, |domain| domain.code);
    }
    if let Some(lead) = fields.lead_agency_id
        && old.is_none_or(|old| old.lead_agency_id != Some(lead))
    {
        let agency = agencies::queries::get_optional(tx.conn, &actor, lead)?;
        faults.extend(Fault::reference("/lead_agency_id", agency.map(|agency| agency.active)));
    }
    Ok((fields, faults))
}

/// What an event of an initiative speaks of.
fn subject(row: &InitiativeRow) -> Subject {
    Subject::new("initiative", row.id, row.version).in_neighborhood(row.neighborhood_id).of_initiative(row.id)
}
