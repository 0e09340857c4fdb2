//! The writes, with their rules and events; requests, imports and the demo all go through here.

use super::{
    dto::{InitiativeFields, InitiativeTransition},
    judge::{References, judge},
    queries::{self, InitiativeRow, Initiatives},
    rules,
};
use crate::{
    agencies::queries::Agencies,
    db::{Id, Root},
    deferrals, domains,
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    fault::Referent,
    http::conditional::IfMatch,
    lifecycle::Lifecycle,
    neighborhoods::{queries::Neighborhoods, rules::is_closed},
    policy::Kind,
    responsibilities,
    tx::Tx,
    writable::FieldSet,
};

/// Adds a draft.
///
/// # Errors
/// 403, 409 `already_exists`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: InitiativeFields) -> Result<InitiativeRow, ApiError> {
    tx.lock_referred(Some(fields.neighborhood_id))?;
    let (fields, references) = look_up_new(tx, fields)?;
    let changes = Changes::created(&fields)?;
    let mut verdict = judge(tx.actor(), None, &fields, &references);
    if !verdict.is_clean() {
        // A taken code (409) comes before faults (422); where there are none, the unique key finds it at the insert.
        if queries::is_taken(tx.conn, tx.province_id(), &fields.code, None)? {
            verdict.conflict(Err(ApiError::taken("code")));
        }
        verdict.refuse(|| Ok(()))?;
    }
    let row = queries::insert(tx, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes an initiative; `patch` makes the new fields from the old ones.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(InitiativeFields) -> InitiativeFields,
) -> Result<InitiativeRow, ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    lock_new_references(tx, &old, &new)?;
    let (new, references) = look_up(tx, Some((&row, &old)), new)?;
    let changes = Changes::between(&old, &new)?;
    judge(tx.actor(), Some((&row.state(), &old, &changes)), &new, &references).refuse(|| if_match.check(row.version))?;
    if changes.is_empty() { Ok(row) } else { change(tx, &row, new, &changes) }
}

/// Writes a change that has been judged, with its event and what follows from it.
///
/// # Errors
/// `stale_version` where the row has changed since it was read.
fn change(tx: &mut Tx<'_>, old: &InitiativeRow, new: InitiativeFields, changes: &Changes) -> Result<InitiativeRow, ApiError> {
    let row = queries::update(tx, old, new)?;
    if is_copied_anew(old, &row) {
        responsibilities::queries::follow_fields(tx, [row.id].into())?;
    }
    if row.lead_agency_id != old.lead_agency_id {
        queries::sync_participants(tx, row.id, row.lead_agency_id)?;
    }
    events::record(tx, EventAction::Updated, &subject(&row), changes, None)?;
    Ok(row)
}

/// Whether a field has changed of which its responsibilities have a copy.
fn is_copied_anew(old: &InitiativeRow, new: &InitiativeRow) -> bool {
    (new.neighborhood_id, new.weight, &new.domain) != (old.neighborhood_id, old.weight, &old.domain)
}

/// Writes many changes that have been judged, each an old row that the transaction holds and the next one, with what follows from them;
/// their events are the caller's.
///
/// # Errors
/// Those of the database.
pub fn change_all(tx: &mut Tx<'_>, changed: Vec<(InitiativeRow, InitiativeRow)>) -> Result<(), ApiError> {
    let copied = changed.iter().filter(|(old, new)| is_copied_anew(old, new)).map(|(_, new)| new.id).collect();
    let led = changed.iter().filter(|(old, new)| old.lead_agency_id != new.lead_agency_id);
    let leads = led.map(|(_, new)| (new.id, new.lead_agency_id)).collect();
    let rows: Vec<InitiativeRow> = changed.into_iter().map(|(_, new)| new).collect();
    queries::update_changed(tx, &rows, &leads)?;
    responsibilities::queries::follow_fields(tx, copied)
}

/// Moves an initiative along its lifecycle, with what follows for its responsibilities.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn transition(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch, to: InitiativeTransition) -> Result<InitiativeRow, ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    row.state().check_move(tx.actor(), to.to, || if_match.check(row.version))?;
    let children = responsibilities::queries::children(tx.conn, row.province_id, row.id)?;
    let judged: Vec<rules::Child> = children.iter().map(responsibilities::queries::ResponsibilityRow::as_child).collect();
    ApiError::refuse(rules::unmet(&row.fields(), &judged, row.status, to.to, to.reason.is_some()))?;
    let next = queries::set_status(tx, &row, to.to)?;
    responsibilities::write::follow_initiative(tx, &row, &next, &children)?;
    if next.status.is_over() {
        deferrals::write::reject_all_open(tx, &next)?;
    }
    queries::sync_participants(tx, next.id, next.lead_agency_id)?;
    let mut changes = Changes::one("status", row.status.as_str(), next.status.as_str());
    if let Some(day) = next.completed_on.filter(|_| row.completed_on.is_none()) {
        changes.push("completed_on", serde_json::Value::Null, day.to_string());
    }
    if let Some(note) = to.note {
        changes.push("note", serde_json::Value::Null, note.0);
    }
    events::record(tx, EventAction::Transitioned, &subject(&next), &changes, to.reason.as_ref().map(|text| text.0.as_str()))?;
    Ok(next)
}

/// Moves the initiative's own deadline to that of an accepted deferral that passes it, with an event of its own.
///
/// # Errors
/// Those of the database.
pub fn extend(tx: &mut Tx<'_>, row: &InitiativeRow, due_on: chrono::NaiveDate) -> Result<(), ApiError> {
    let old = row.fields();
    let new = InitiativeFields { due_on: Some(due_on), ..old.clone() };
    let changes = Changes::between(&old, &new)?;
    let row = queries::update(tx, row, new)?;
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)
}

/// Removes a draft that has no responsibilities.
///
/// # Errors
/// 404, 403, 412, 409 `in_use`, in this order.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Initiative(id))?;
    let row = tx.find::<Initiatives>(id)?;
    if rules::writable(tx.actor(), &row.state()) != FieldSet::All {
        return Err(ApiError::forbidden());
    }
    if_match.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

/// Holds what a change newly refers to. Locking a neighbourhood after the initiative is safe: nobody who holds one exclusively waits for
/// an initiative.
fn lock_new_references(tx: &mut Tx<'_>, old: &InitiativeFields, new: &InitiativeFields) -> Result<(), ApiError> {
    let place = (new.neighborhood_id != old.neighborhood_id).then_some(new.neighborhood_id);
    let refers = place.is_some() || new.domain != old.domain || new.lead_agency_id != old.lead_agency_id;
    if refers { tx.lock_referred(place) } else { Ok(()) }
}

/// Looks up what a new initiative refers to, in one statement where its place exists; gives the domain its own spelling.
fn look_up_new(tx: &mut Tx<'_>, mut fields: InitiativeFields) -> Result<(InitiativeFields, References), ApiError> {
    let today = tx.today();
    let Some(found) = queries::referred_to(tx.conn, tx.province_id(), &fields)? else { return look_up(tx, None, fields) };
    let references = References {
        place: Referent::of(Some(!is_closed(found.closed_on, today))),
        domain: Referent::of(found.domain.as_ref().map(|(_, active)| *active)),
        lead: if fields.lead_agency_id.is_some() { Referent::of(found.lead_active) } else { Referent::Usable },
        taken: false,
    };
    fields.domain = found.domain.map_or(fields.domain, |(code, _)| code);
    Ok((fields, references))
}

/// Looks up what the fields refer to, as far as it is new, and gives the domain its own spelling.
fn look_up(
    tx: &mut Tx<'_>,
    old: Option<(&InitiativeRow, &InitiativeFields)>,
    mut fields: InitiativeFields,
) -> Result<(InitiativeFields, References), ApiError> {
    let (actor, today) = (tx.actor().clone(), tx.today());
    let known = old.map(|(_, old)| old);
    let mut references = References::default();
    if known.is_none_or(|old| old.neighborhood_id != fields.neighborhood_id) {
        let place = tx.get_optional::<Neighborhoods>(fields.neighborhood_id)?;
        references.place = Referent::of(place.map(|place| !place.is_closed(today)));
    }
    if known.is_none_or(|old| old.domain != fields.domain) {
        let domain = domains::queries::resolve(tx.conn, actor.province_id, &fields.domain)?;
        references.domain = Referent::of(domain.as_ref().map(|domain| domain.active));
        fields.domain = domain.map_or(fields.domain, |domain| domain.code);
    }
    if let Some(lead) = fields.lead_agency_id
        && known.is_none_or(|old| old.lead_agency_id != Some(lead))
    {
        let agency = tx.get_optional::<Agencies>(lead)?;
        references.lead = Referent::of(agency.map(|agency| agency.active));
    }
    if known.is_none_or(|old| old.code != fields.code) {
        references.taken = queries::is_taken(tx.conn, actor.province_id, &fields.code, old.map(|(row, _)| row.id))?;
    }
    Ok((fields, references))
}

/// What an event of an initiative speaks of.
pub fn subject(row: &InitiativeRow) -> Subject {
    Subject::new(Kind::Initiative, row.id, row.version).in_neighborhood(row.neighborhood_id).of_initiative(row.id)
}
