//! When a deferral may be asked for and decided (DESIGN §2). Pure.

use chrono::NaiveDate;

use super::dto::DeferralStatus;
use crate::{
    auth::Actor,
    fault::{Fault, FaultCode},
    initiatives::InitiativeStatus,
    lifecycle::{Lifecycle, Move},
    responsibilities::ResponsibilityStatus,
};

/// The province decides what is requested.
impl Lifecycle for DeferralStatus {
    type Status = Self;

    fn judge_move(&self, actor: &Actor, to: Self) -> Move {
        match (self, to) {
            (Self::Requested, Self::Accepted | Self::Rejected) => Move::allowed_if(actor.is_province()),
            _ => Move::Absent,
        }
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
