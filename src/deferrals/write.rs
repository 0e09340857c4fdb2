//! The writes, with their rules and events; requests and the demo go through here.

use super::{
    dto::{DeferralFields, DeferralStatus, DeferralTransition},
    queries::{self, DeferralRow, Deferrals},
    rules,
};
use crate::{
    db::Id,
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, NewEvent, Subject},
    fault::{Fault, FaultCode},
    http::conditional::IfMatch,
    initiatives::{self, InitiativeStatus, queries::InitiativeRow},
    lifecycle::Lifecycle,
    policy::Kind,
    responsibilities::{self, queries::ResponsibilityRow},
    tx::Tx,
};

/// Asks for a later deadline.
///
/// # Errors
/// 403 where it is another agency's, 409 `deferral_open`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: DeferralFields) -> Result<DeferralRow, ApiError> {
    let found = responsibilities::write::find_locked(tx, fields.responsibility_id);
    let (of, _) = found.map_err(|error| match error.code {
        ProblemCode::NotFound => ApiError::at("/responsibility_id", FaultCode::UnknownReference),
        _ => error,
    })?;
    if !tx.actor().is_of(of.agency_id) {
        return Err(ApiError::forbidden());
    }
    if queries::get_open(tx.conn, of.province_id, of.id)?.is_some() {
        return Err(ApiError::new(ProblemCode::DeferralOpen));
    }
    ApiError::refuse(rules::unmet(of.initiative_status, of.status, of.due_on, fields.requested_due_on))?;
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx, &of, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Decides a request; an accepted one moves the deadline, and the initiative's where it passes it.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn transition(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch, wish: DeferralTransition) -> Result<DeferralRow, ApiError> {
    let of = tx.find::<Deferrals>(id)?.responsibility_id;
    let (of, root) = responsibilities::write::find_locked(tx, of)?;
    let row = tx.find::<Deferrals>(id)?;
    row.status.check_move(tx.actor(), wish.to, || if_match.check(row.version))?;
    if !InitiativeStatus::DECIDING.contains(&root.status) {
        return Err(ApiError::invalid(vec![Fault::at("/to", FaultCode::InitiativeNotOpen).with(root.status)]));
    }
    let reason = wish.reason.map(|text| text.0);
    let decided = decide(tx, &row, wish.to, wish.note.map(|text| text.0), reason.as_deref())?;
    if wish.to == DeferralStatus::Accepted {
        responsibilities::write::defer(tx, of, row.requested_due_on)?;
        if root.due_on.is_some_and(|due| due < row.requested_due_on) {
            initiatives::write::extend(tx, &root, row.requested_due_on)?;
        }
    }
    Ok(decided)
}

/// Rejects the open request of a responsibility that is verified or withdrawn.
///
/// # Errors
/// Those of the database.
pub fn reject_open(tx: &mut Tx<'_>, of: &ResponsibilityRow) -> Result<(), ApiError> {
    if let Some(open) = queries::get_open(tx.conn, of.province_id, of.id)? {
        decide(tx, &open, DeferralStatus::Rejected, None, Some(&format!("responsibility {}", of.status)))?;
    }
    Ok(())
}

/// Rejects the open requests of an initiative that is over, which nobody could decide any more.
///
/// # Errors
/// Those of the database.
pub fn reject_all_open(tx: &mut Tx<'_>, of: &InitiativeRow) -> Result<(), ApiError> {
    let (mut rejected, reason) = (queries::reject_all_open(tx, of.id)?, format!("initiative {}", of.status));
    rejected.sort_by_key(|row| (row.created_at, row.id));
    let events = rejected.iter().map(|row| {
        NewEvent::of(tx, EventAction::Transitioned, &subject(row), &decided_fields(DeferralStatus::Requested, row), Some(&reason))
    });
    let events = events.collect::<Result<Vec<_>, _>>()?;
    events::record_all(tx, events)
}

fn decide(
    tx: &mut Tx<'_>,
    row: &DeferralRow,
    to: DeferralStatus,
    note: Option<String>,
    reason: Option<&str>,
) -> Result<DeferralRow, ApiError> {
    let decided = queries::decide(tx, row, to, note)?;
    events::record(tx, EventAction::Transitioned, &subject(&decided), &decided_fields(row.status, &decided), reason)?;
    Ok(decided)
}

/// What a decision has changed.
fn decided_fields(before: DeferralStatus, decided: &DeferralRow) -> Changes {
    let mut changes = Changes::one("status", before.as_str(), decided.status.as_str());
    if let Some(note) = &decided.decision_note {
        changes.push("decision_note", serde_json::Value::Null, note.clone());
    }
    changes
}

/// What an event of a deferral speaks of.
fn subject(row: &DeferralRow) -> Subject {
    Subject::new(Kind::Deferral, row.id, row.version).in_neighborhood(row.neighborhood_id).of_initiative(row.initiative_id)
}
