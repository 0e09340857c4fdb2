//! The lifecycle of an initiative, who may move and write it, and what must hold (DESIGN §2). Pure.

use chrono::NaiveDate;

use super::dto::{InitiativeFields, InitiativeStatus};
use crate::{
    auth::Actor,
    db::Id,
    fault::{Fault, FaultCode},
    lifecycle::{Lifecycle, Move},
    policy::Role,
    responsibilities::{Part, ResponsibilityStatus},
    writable::FieldSet,
};

/// How many codes the message of a condition names.
const NAMED: usize = 10;
/// What the lead agency keeps up to date; booked late, so never frozen.
const BOOKED_LATE: &[&str] = &["budget_spent_rial", "beneficiaries_reached"];

/// An initiative, as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Its status.
    pub status: InitiativeStatus,
    /// The neighbourhood it runs in.
    pub neighborhood_id: Id,
    /// The agency that leads it.
    pub lead_agency_id: Option<Id>,
}

/// A responsibility, as its initiative's rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its code.
    pub code: String,
    /// The agency that is responsible.
    pub agency_id: Id,
    /// Lead or support.
    pub part: Part,
    /// Its status.
    pub status: ResponsibilityStatus,
    /// Its deadline.
    pub due_on: NaiveDate,
}

impl Lifecycle for State {
    type Status = InitiativeStatus;

    fn judge_move(&self, actor: &Actor, to: InitiativeStatus) -> Move {
        use InitiativeStatus::{Approved, Blocked, Cancelled, Completed, Draft, InProgress, Proposed};
        let leads = self.lead_agency_id.is_some_and(|lead| actor.is_of(lead));
        match (self.status, to) {
            (Draft, Proposed) => Move::allowed_if(actor.is_province() || actor.manages(self.neighborhood_id)),
            (Proposed, Draft | Approved) | (Draft | Proposed | Approved | InProgress | Blocked, Cancelled) => {
                Move::allowed_if(actor.is_province())
            }
            (Approved | Blocked, InProgress) | (InProgress, Blocked | Completed) => Move::allowed_if(actor.is_province() || leads),
            _ => Move::Absent,
        }
    }
}

/// Every condition of a move that is not met.
pub fn unmet(fields: &InitiativeFields, children: &[Child], from: InitiativeStatus, to: InitiativeStatus, has_reason: bool) -> Vec<Fault> {
    use InitiativeStatus::{Approved, Blocked, Cancelled, Completed, Draft, InProgress, Proposed};
    let mut faults = Vec::new();
    let needs_reason = matches!((from, to), (Proposed, Draft) | (InProgress, Blocked) | (_, Cancelled));
    if needs_reason && !has_reason {
        faults.push(Fault::at("/reason", FaultCode::Required));
    }
    match to {
        Proposed => faults.extend(not_ready(fields, children)),
        Approved => {
            let accepted = |child: &Child| {
                child.part == Part::Lead && child.status == ResponsibilityStatus::Accepted && Some(child.agency_id) == fields.lead_agency_id
            };
            if !children.iter().any(accepted) {
                faults.push(Fault::at("/to", FaultCode::AcceptedLeadRequired));
            }
            // The province may have changed dates and lead since it was proposed; from here on they are fixed.
            faults.extend(undated(fields));
            faults.extend(unfitting(fields, children));
        }
        Completed => faults.extend(not_done(children)),
        Draft | InProgress | Blocked | Cancelled => {}
    }
    faults
}

/// What keeps a draft from being proposed.
fn not_ready(fields: &InitiativeFields, children: &[Child]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if fields.lead_agency_id.is_none() {
        faults.push(Fault::at("/to", FaultCode::LeadAgencyRequired));
    }
    faults.extend(undated(fields));
    if !children.iter().any(|child| child.status.counts()) {
        faults.push(Fault::at("/to", FaultCode::ResponsibilityRequired));
    }
    faults.extend(unfitting(fields, children));
    faults
}

fn undated(fields: &InitiativeFields) -> Option<Fault> {
    (fields.starts_on.is_none() || fields.due_on.is_none()).then(|| Fault::at("/to", FaultCode::DatesRequired))
}

/// The faults of responsibilities that do not fit the initiative's dates or its lead.
fn unfitting(fields: &InitiativeFields, children: &[Child]) -> Vec<Fault> {
    let counted = || children.iter().filter(|child| child.status.counts());
    let outside = named(FaultCode::DueOnOutsideInitiative, counted().filter(|child| is_outside(fields, child.due_on)));
    let leading = named(FaultCode::LeadPartOfOtherAgency, counted().filter(|child| leads_beside(fields, child.part, child.agency_id)));
    outside.into_iter().chain(leading).collect()
}

/// Whether a deadline lies outside the initiative's dates.
pub fn is_outside(fields: &InitiativeFields, due_on: NaiveDate) -> bool {
    fields.starts_on.is_some_and(|starts| due_on < starts) || fields.due_on.is_some_and(|due| due_on > due)
}

/// Whether an agency that is not the lead has the part `lead`.
pub fn leads_beside(fields: &InitiativeFields, part: Part, agency: Id) -> bool {
    part == Part::Lead && fields.lead_agency_id.is_some_and(|lead| lead != agency)
}

/// One fault for a condition, however many do not meet it (CONTRACT §3); it names the first of them.
fn named<'a>(code: FaultCode, unmet: impl Iterator<Item = &'a Child>) -> Option<Fault> {
    let mut codes: Vec<&str> = unmet.take(NAMED + 1).map(|child| child.code.as_str()).collect();
    if codes.len() > NAMED {
        codes.truncate(NAMED);
        codes.push("…");
    }
    (!codes.is_empty()).then(|| Fault::at("/to", code).with(codes.join(", ")))
}

fn not_done(children: &[Child]) -> Vec<Fault> {
    let is_settled = |child: &&Child| !child.status.counts() || child.status == ResponsibilityStatus::Verified;
    let mut faults: Vec<Fault> =
        named(FaultCode::UnsettledResponsibility, children.iter().filter(|child| !is_settled(child))).into_iter().collect();
    if !children.iter().any(|child| child.status == ResponsibilityStatus::Verified) {
        faults.push(Fault::at("/to", FaultCode::VerifiedResponsibilityRequired));
    }
    faults
}

/// The fields that an actor may write of it.
pub fn writable(actor: &Actor, state: &State) -> FieldSet {
    match actor.role {
        Role::Province => FieldSet::All,
        Role::NeighborhoodManager if state.status == InitiativeStatus::Draft && actor.manages(state.neighborhood_id) => FieldSet::All,
        Role::Agency if state.lead_agency_id.is_some_and(|lead| actor.is_of(lead)) => FieldSet::Only(BOOKED_LATE),
        Role::NeighborhoodManager | Role::Agency | Role::Viewer => FieldSet::None,
    }
}

/// Whether a field no longer changes at this stage.
pub fn is_frozen(status: InitiativeStatus, field: &str) -> bool {
    use InitiativeStatus::{Approved, Blocked, Cancelled, Completed, Draft, InProgress, Proposed};
    let identity = matches!(field, "code" | "neighborhood_id" | "domain");
    let plan = matches!(field, "starts_on" | "due_on" | "lead_agency_id" | "weight");
    match status {
        Draft => false,
        Proposed => identity,
        Approved | InProgress | Blocked => identity || plan,
        Completed | Cancelled => !BOOKED_LATE.contains(&field),
    }
}

/// Rules across the fields of one initiative.
pub fn inconsistencies(fields: &InitiativeFields) -> Vec<Fault> {
    match (fields.starts_on, fields.due_on) {
        (Some(starts), Some(due)) if starts > due => vec![Fault::at("/due_on", FaultCode::DatesOutOfOrder)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Id;

    fn actor(role: Role, agency_id: Option<Id>, neighborhood_ids: Vec<Id>) -> Actor {
        Actor { role, agency_id, neighborhood_ids, ..Actor::operator(1) }
    }

    fn id(number: u128) -> Id {
        Id(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn every_status_is_reached_only_by_the_listed_moves() {
        let listed = [
            "draft>proposed",
            "draft>cancelled",
            "proposed>draft",
            "proposed>approved",
            "proposed>cancelled",
            "approved>in_progress",
            "approved>cancelled",
            "in_progress>blocked",
            "in_progress>completed",
            "in_progress>cancelled",
            "blocked>in_progress",
            "blocked>cancelled",
        ];
        let mut found = Vec::new();
        for from in InitiativeStatus::ALL {
            for to in InitiativeStatus::ALL {
                let state = State { status: *from, neighborhood_id: id(1), lead_agency_id: Some(id(2)) };
                if state.judge_move(&actor(Role::Province, None, vec![]), *to) == Move::Own {
                    found.push(format!("{from}>{to}"));
                }
            }
        }
        assert_eq!(found.iter().collect::<std::collections::BTreeSet<_>>(), listed.map(String::from).iter().collect());
    }

    #[test]
    fn each_moves_what_is_his() {
        let state = |status| State { status, neighborhood_id: id(1), lead_agency_id: Some(id(2)) };
        let words = |who: &Actor, status| state(status).moves(who).into_iter().map(InitiativeStatus::as_str).collect::<Vec<_>>().join(" ");
        let (manager, other) = (actor(Role::NeighborhoodManager, None, vec![id(1)]), actor(Role::NeighborhoodManager, None, vec![id(9)]));
        let (lead, support) = (actor(Role::Agency, Some(id(2)), vec![]), actor(Role::Agency, Some(id(3)), vec![]));
        assert_eq!(words(&manager, InitiativeStatus::Draft), "proposed");
        assert_eq!(words(&other, InitiativeStatus::Draft), "");
        assert_eq!(words(&manager, InitiativeStatus::Approved), "");
        assert_eq!(words(&lead, InitiativeStatus::InProgress), "blocked completed");
        assert_eq!(words(&support, InitiativeStatus::InProgress), "");
        assert_eq!(words(&actor(Role::Viewer, None, vec![]), InitiativeStatus::Draft), "");
    }

    #[test]
    fn a_draft_lacks_all_that_it_lacks_at_once() {
        let fields = InitiativeFields {
            code: "a".into(),
            neighborhood_id: id(1),
            domain: "sport".into(),
            title: "t".into(),
            description: None,
            objective: None,
            starts_on: None,
            due_on: None,
            lead_agency_id: None,
            weight: 10,
            budget_planned_rial: None,
            budget_spent_rial: None,
            beneficiaries_planned: None,
            beneficiaries_reached: None,
        };
        let codes: Vec<_> =
            unmet(&fields, &[], InitiativeStatus::Draft, InitiativeStatus::Proposed, false).iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [FaultCode::LeadAgencyRequired, FaultCode::DatesRequired, FaultCode::ResponsibilityRequired]);
    }
}
