//! When a deferral may be asked for and decided (DESIGN §2). Pure.

use chrono::NaiveDate;

use super::dto::DeferralStatus;
use crate::{
    auth::Actor,
    error::ApiError,
    fault::{Fault, FaultCode},
    initiatives::InitiativeStatus,
    policy::Role,
    responsibilities::ResponsibilityStatus,
};

/// Where an actor may move it: the province decides what is requested.
pub fn moves(actor: &Actor, status: DeferralStatus) -> Vec<DeferralStatus> {
    match (actor.role, status) {
        (Role::Province, DeferralStatus::Requested) if !actor.machine => vec![DeferralStatus::Accepted, DeferralStatus::Rejected],
        (Role::Province | Role::Agency | Role::NeighborhoodManager | Role::Viewer, _) => Vec::new(),
    }
}

/// Refuses a move that does not exist.
///
/// # Errors
/// 409 `illegal_transition` with what is allowed.
pub fn check_move(actor: &Actor, status: DeferralStatus, to: DeferralStatus) -> Result<(), ApiError> {
    let allowed = moves(actor, status);
    if allowed.contains(&to) {
        Ok(())
    } else {
        Err(ApiError::illegal_transition(allowed.into_iter().map(DeferralStatus::as_str).collect()))
    }
}

/// Every condition of asking that is not met.
pub fn unmet(initiative: InitiativeStatus, responsibility: ResponsibilityStatus, due_on: NaiveDate, requested: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !matches!(responsibility, ResponsibilityStatus::Accepted | ResponsibilityStatus::Returned) {
        faults.push(Fault::at("/responsibility_id", FaultCode::ResponsibilityNotOpen).with(responsibility));
    }
    if !InitiativeStatus::DECIDING.contains(&initiative) {
        faults.push(Fault::at("/responsibility_id", FaultCode::InitiativeNotOpen).with(initiative));
    }
    if requested <= due_on {
        faults.push(Fault::at("/requested_due_on", FaultCode::NotAfterDueOn).with(due_on));
    }
    faults
}
