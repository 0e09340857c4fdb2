//! The writes, with their rules and events; requests, imports and the demo all go through here.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    dto::{ResponsibilityFields, ResponsibilityPatch, ResponsibilityStatus, ResponsibilityTransition},
    judge::{References, judge_change, judge_new},
    queries::{self, Responsibilities, ResponsibilityRow},
    rules,
};
use crate::{
    agencies,
    db::{Id, Root, Timestamp},
    deferrals,
    error::ApiError,
    events::{self, Changes, EventAction, NewEvent, Subject},
    http::conditional::IfMatch,
    initiatives::{
        self, InitiativeStatus,
        queries::{InitiativeRow, Initiatives},
    },
    lifecycle::Lifecycle,
    policy::Kind,
    tx::Tx,
};

/// Adds a responsibility to an initiative.
///
/// # Errors
/// 403, 409, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: ResponsibilityFields) -> Result<ResponsibilityRow, ApiError> {
    tx.lock(Root::Initiative(fields.initiative_id))?;
    let actor = tx.actor().clone();
    let root = tx.get_optional::<Initiatives>(fields.initiative_id)?;
    let agency = agencies::write::refer_to(tx, fields.agency_id)?;
    let taken = match &root {
        Some(root) => queries::is_taken(tx.conn, actor.province_id, root.id, &fields.code, None)?,
        None => false,
    };
    judge_new(&actor, root.as_ref(), &fields, &References { agency, taken }).refuse(|| Ok(()))?;
    let root = root.ok_or_else(ApiError::not_found)?;
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, &root, fields)?;
    initiatives::queries::add_participants(tx, &[(root.id, row.agency_id)].into())?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes a responsibility. Before approval, a change of what was agreed upon makes an
/// accepted one proposed again.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn update(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch, patch: ResponsibilityPatch) -> Result<ResponsibilityRow, ApiError> {
    let (row, root) = find_locked(tx, id)?;
    let (old, actor) = (row.fields(), tx.actor().clone());
    let new = patch.of(&row.state(), root.lead_agency_id, &old);
    let changes = Changes::between(&old, &new)?;
    let mut references = References::default();
    if new.agency_id != old.agency_id {
        references.agency = agencies::write::refer_to(tx, new.agency_id)?;
    }
    if new.code != old.code {
        references.taken = queries::is_taken(tx.conn, row.province_id, row.initiative_id, &new.code, Some(row.id))?;
    }
    judge_change(&actor, &root, (&row.state(), &old), &new, &changes, &references).refuse(|| if_match.check(row.version))?;
    if changes.is_empty() { Ok(row) } else { change(tx, &root, row, new, changes) }
}

/// Writes a change that has been judged, with its event and what follows from it.
///
/// # Errors
/// `stale_version` where the row has changed since it was read.
fn change(
    tx: &mut Tx<'_>,
    root: &InitiativeRow,
    row: ResponsibilityRow,
    new: ResponsibilityFields,
    mut changes: Changes,
) -> Result<ResponsibilityRow, ApiError> {
    let next = changed(&row, tx.now(), new, &mut changes);
    let row = queries::update(tx, next)?;
    initiatives::queries::sync_participants(tx, root.id, root.lead_agency_id)?;
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)?;
    Ok(row)
}

/// The row with other fields, and among the changes what follows from them. Another agency is asked only now.
pub fn changed(row: &ResponsibilityRow, now: Timestamp, new: ResponsibilityFields, changes: &mut Changes) -> ResponsibilityRow {
    let mut next = with_fields(row.clone(), new);
    if row.status == ResponsibilityStatus::Proposed && next.agency_id != row.agency_id {
        next.status_since = now;
    }
    if rules::needs_new_acceptance(&row.state(), &changes.fields().collect::<Vec<_>>()) {
        next.status = ResponsibilityStatus::Proposed;
        next.status_since = now;
        changes.push("status", row.status.as_str(), next.status.as_str());
    }
    next
}

/// Moves a responsibility along its lifecycle.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn transition(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch, wish: ResponsibilityTransition) -> Result<ResponsibilityRow, ApiError> {
    let (row, root) = find_locked(tx, id)?;
    row.state().check_move(tx.actor(), wish.to, || if_match.check(row.version))?;
    ApiError::refuse(rules::unmet(&row.state(), &wish, tx.today()))?;
    let next = queries::update(tx, moved(tx, row.clone(), &wish))?;
    if matches!(next.status, ResponsibilityStatus::Verified | ResponsibilityStatus::Withdrawn) {
        deferrals::write::reject_open(tx, &next)?;
    }
    initiatives::queries::sync_participants(tx, root.id, root.lead_agency_id)?;
    let mut changes = moved_fields(&row, &next);
    if let Some(note) = wish.note.filter(|_| !keeps_note(wish.to)) {
        changes.push("note", Value::Null, note.0);
    }
    events::record(tx, EventAction::Transitioned, &subject(&next), &changes, wish.reason.as_ref().map(|text| text.0.as_str()))?;
    Ok(next)
}

/// Whether a move to this status keeps its note in the row; any other note is only in the event.
const fn keeps_note(status: ResponsibilityStatus) -> bool {
    matches!(status, ResponsibilityStatus::Reported | ResponsibilityStatus::Verified | ResponsibilityStatus::Returned)
}

/// The row after a move.
fn moved(tx: &Tx<'_>, row: ResponsibilityRow, wish: &ResponsibilityTransition) -> ResponsibilityRow {
    let note = wish.note.as_ref().map(|text| text.0.clone());
    let mut next = ResponsibilityRow { status: wish.to, status_since: tx.now(), ..row };
    match wish.to {
        // One that came after the approval.
        ResponsibilityStatus::Accepted if next.initiative_status.is_live() => {
            next.baseline_due_on.get_or_insert(next.due_on);
        }
        ResponsibilityStatus::Declined => next.declined_by = Some(next.agency_id),
        ResponsibilityStatus::Reported => {
            next.reported_done_on = wish.reported_done_on.map(|day| day.0);
            next.report_note = note;
        }
        ResponsibilityStatus::Verified => {
            next.verified_at = Some(tx.now());
            next.verified_on = Some(tx.today());
            next.verified_by = (tx.actor().user_id != Id::NOBODY).then(|| tx.actor().user_id);
            next.verification_note = note;
        }
        ResponsibilityStatus::Returned => next.verification_note = note,
        ResponsibilityStatus::Accepted | ResponsibilityStatus::Proposed | ResponsibilityStatus::Withdrawn => {}
    }
    next
}

/// What an initiative's move does to all of its responsibilities at once: they follow its status, being proposed asks the agencies,
/// going back to draft takes back answers, approval freezes the baseline.
///
/// # Errors
/// Those of the database.
pub fn follow_initiative(
    tx: &mut Tx<'_>,
    before: &InitiativeRow,
    after: &InitiativeRow,
    children: &[ResponsibilityRow],
) -> Result<(), ApiError> {
    let changed = match (before.status, after.status) {
        (InitiativeStatus::Draft, InitiativeStatus::Proposed) => {
            queries::ask(tx, after.id)?;
            Vec::new()
        }
        (InitiativeStatus::Proposed, InitiativeStatus::Draft) => queries::take_back_answers(tx, after.id)?,
        (InitiativeStatus::Proposed, InitiativeStatus::Approved) => queries::freeze_baselines(tx, after.id)?,
        _ => Vec::new(),
    };
    let changed: HashMap<Id, ResponsibilityRow> = changed.into_iter().map(|row| (row.id, row)).collect();
    let pairs = children.iter().filter_map(|child| Some((child, changed.get(&child.id)?)));
    let events = pairs.map(|(child, next)| {
        if next.status == child.status {
            let frozen = Changes::one("baseline_due_on", day(child.baseline_due_on), day(next.baseline_due_on));
            NewEvent::of(tx, EventAction::Updated, &subject(next), &frozen, None)
        } else {
            NewEvent::of(tx, EventAction::Transitioned, &subject(next), &moved_fields(child, next), None)
        }
    });
    let events = events.collect::<Result<Vec<_>, _>>()?;
    events::record_all(tx, events)?;
    queries::follow_status(tx, after.id, after.status)
}

/// Moves the deadline of a responsibility, as an accepted deferral says.
///
/// # Errors
/// Those of the database.
pub fn defer(tx: &mut Tx<'_>, row: ResponsibilityRow, due_on: chrono::NaiveDate) -> Result<ResponsibilityRow, ApiError> {
    let changes = Changes::one("due_on", row.due_on.to_string(), due_on.to_string());
    let row = queries::update(tx, ResponsibilityRow { due_on, ..row })?;
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Removes a responsibility of a draft.
///
/// # Errors
/// 404, 403, 412, 409 `in_use`, in this order.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    let (row, root) = find_locked(tx, id)?;
    if !rules::plans(tx.actor(), row.neighborhood_id, row.initiative_status) {
        return Err(ApiError::forbidden());
    }
    if_match.check(row.version)?;
    queries::delete(tx, &row, &root)?;
    initiatives::queries::sync_participants(tx, root.id, root.lead_agency_id)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

/// A responsibility in reach, its initiative locked before either is judged.
///
/// # Errors
/// `not_found`.
pub fn find_locked(tx: &mut Tx<'_>, id: Id) -> Result<(ResponsibilityRow, InitiativeRow), ApiError> {
    let initiative = tx.find::<Responsibilities>(id)?.initiative_id;
    tx.lock(Root::Initiative(initiative))?;
    let root = initiatives::queries::find_root(tx.conn, tx.province_id(), initiative)?;
    Ok((tx.find::<Responsibilities>(id)?, root))
}

fn with_fields(row: ResponsibilityRow, fields: ResponsibilityFields) -> ResponsibilityRow {
    // Taken apart, so that a new field can't be forgotten here.
    let ResponsibilityFields { code, initiative_id: _, agency_id, part, title, deliverable, acceptance_criterion, weight, due_on } = fields;
    ResponsibilityRow { code, agency_id, part, title, deliverable, acceptance_criterion, weight, due_on, ..row }
}

/// What a move has changed.
fn moved_fields(before: &ResponsibilityRow, after: &ResponsibilityRow) -> Changes {
    let mut changes = Changes::one("status", before.status.as_str(), after.status.as_str());
    let mut differ = |field: &str, before: Value, after: Value| {
        if before != after {
            changes.push(field, before, after);
        }
    };
    differ("baseline_due_on", day(before.baseline_due_on), day(after.baseline_due_on));
    differ("reported_done_on", day(before.reported_done_on), day(after.reported_done_on));
    differ("report_note", before.report_note.clone().into(), after.report_note.clone().into());
    differ("verified_at", json!(before.verified_at), json!(after.verified_at));
    differ("verified_by", json!(before.verified_by), json!(after.verified_by));
    differ("verification_note", before.verification_note.clone().into(), after.verification_note.clone().into());
    changes
}

fn day(day: Option<chrono::NaiveDate>) -> Value {
    day.map(|day| day.to_string()).into()
}

/// What an event of a responsibility speaks of.
pub fn subject(row: &ResponsibilityRow) -> Subject {
    Subject::new(Kind::Responsibility, row.id, row.version).in_neighborhood(row.neighborhood_id).of_initiative(row.initiative_id)
}
