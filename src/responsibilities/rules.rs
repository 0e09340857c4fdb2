//! The lifecycle of a responsibility, who may move and write it, and what must hold (DESIGN §2). Pure.

use chrono::NaiveDate;

use super::dto::{Part, ResponsibilityFields, ResponsibilityStatus, ResponsibilityTransition};
use crate::{
    auth::Actor,
    db::Id,
    fault::{Fault, FaultCode},
    initiatives::InitiativeStatus,
    lifecycle::{Lifecycle, Move},
    policy::Role,
    writable::FieldSet,
};

/// A responsibility, as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Its status.
    pub status: ResponsibilityStatus,
    /// The agency that is responsible.
    pub agency_id: Id,
    /// The agency that declined it last.
    pub declined_by: Option<Id>,
    /// The neighbourhood of its initiative.
    pub neighborhood_id: Id,
    /// The status of its initiative.
    pub initiative: InitiativeStatus,
}

/// Nothing moves under an initiative that is over.
impl Lifecycle for State {
    type Status = ResponsibilityStatus;

    fn judge_move(&self, actor: &Actor, to: ResponsibilityStatus) -> Move {
        use ResponsibilityStatus::{Accepted, Declined, Proposed, Reported, Returned, Verified, Withdrawn};
        if self.initiative.is_over() {
            return Move::Absent;
        }
        let planned = matches!(self.initiative, InitiativeStatus::Draft | InitiativeStatus::Proposed);
        let (own, place) = (actor.is_of(self.agency_id), actor.manages(self.neighborhood_id));
        match (self.status, to) {
            (Proposed, Accepted) => Move::allowed_if(own || actor.is_province()),
            (Proposed, Declined) | (Accepted | Returned, Reported) => Move::allowed_if(own),
            (Declined, Proposed) => Move::allowed_if(actor.is_province() || (place && planned)),
            (Reported, Verified | Returned) => Move::allowed_if((actor.is_province() || place) && !own),
            (Proposed | Accepted | Returned, Withdrawn) => Move::allowed_if(actor.is_province()),
            _ => Move::Absent,
        }
    }
}

/// Every condition of a move that is not met.
pub fn unmet(state: &State, wish: &ResponsibilityTransition, today: NaiveDate) -> Vec<Fault> {
    use InitiativeStatus::{Blocked, InProgress};
    use ResponsibilityStatus::{Accepted, Declined, Proposed, Reported, Returned, Verified, Withdrawn};
    let mut faults = Vec::new();
    let mut need = |met: bool, fault: Fault| {
        if !met {
            faults.push(fault);
        }
    };
    let initiative_in = |open: &[InitiativeStatus]| open.contains(&state.initiative);
    let not_open = || Fault::at("/to", FaultCode::InitiativeNotOpen).with(state.initiative);
    match wish.to {
        Accepted | Declined => need(initiative_in(&InitiativeStatus::ASKING), not_open()),
        Proposed => need(state.declined_by != Some(state.agency_id), Fault::at("/to", FaultCode::AgencyUnchanged)),
        Reported => {
            need(initiative_in(&[InProgress]), not_open());
            need(wish.note.is_some(), Fault::at("/note", FaultCode::Required));
            need(wish.reported_done_on.is_some(), Fault::at("/reported_done_on", FaultCode::Required));
            need(wish.reported_done_on.is_none_or(|day| day.0 <= today), Fault::at("/reported_done_on", FaultCode::InTheFuture));
        }
        Verified | Returned => need(initiative_in(&[InProgress, Blocked]), not_open()),
        Withdrawn => {}
    }
    need(wish.reason.is_some() || !matches!(wish.to, Declined | Returned | Withdrawn), Fault::at("/reason", FaultCode::Required));
    need(wish.reported_done_on.is_none() || wish.to == Reported, Fault::at("/reported_done_on", FaultCode::UnknownField));
    faults
}

/// Whether an actor may add responsibilities to an initiative of this status in this place, and remove them.
pub fn plans(actor: &Actor, neighborhood: Id, initiative: InitiativeStatus) -> bool {
    match actor.role {
        Role::Province => true,
        Role::NeighborhoodManager => initiative == InitiativeStatus::Draft && actor.manages(neighborhood),
        Role::Agency | Role::Viewer => false,
    }
}

/// The fields that an actor may write of a responsibility.
pub fn writable(actor: &Actor, state: &State) -> FieldSet {
    let declined = state.initiative == InitiativeStatus::Proposed && state.status == ResponsibilityStatus::Declined;
    if plans(actor, state.neighborhood_id, state.initiative) {
        FieldSet::All
    } else if declined && actor.role == Role::NeighborhoodManager && actor.manages(state.neighborhood_id) {
        // Who may make it proposed again may first give it to another agency.
        FieldSet::Only(&["agency_id"])
    } else {
        FieldSet::None
    }
}

/// Whether a field no longer changes at this stage.
pub fn is_frozen(state: &State, field: &str) -> bool {
    use InitiativeStatus::{Approved, Blocked, Cancelled, Completed, Draft, InProgress, Proposed};
    match (state.initiative, field) {
        (Completed | Cancelled, _) | (_, "initiative_id") | (Approved | InProgress | Blocked, "due_on" | "weight" | "part") => true,
        (Approved | InProgress | Blocked, "agency_id") => state.status != ResponsibilityStatus::Declined,
        (Approved | InProgress | Blocked | Draft | Proposed, _) => false,
    }
}

/// Whether a change gives a declined responsibility with the part of lead to an agency that does not lead. It becomes a supporting one
/// by that: its part is fixed or not the manager's to change, and giving it away is the way out that DESIGN §2 leaves.
pub fn is_given_away(state: &State, old: &ResponsibilityFields, new: &ResponsibilityFields, lead: Option<Id>) -> bool {
    let to_another = state.status == ResponsibilityStatus::Declined && new.agency_id != old.agency_id;
    to_another && old.part == Part::Lead && lead.is_some_and(|lead| lead != new.agency_id)
}

/// Whether a change before approval takes back what the agency has accepted.
pub fn needs_new_acceptance(state: &State, changed: &[&str]) -> bool {
    let planned = matches!(state.initiative, InitiativeStatus::Draft | InitiativeStatus::Proposed);
    let agreed = ["agency_id", "due_on", "weight", "deliverable", "acceptance_criterion"];
    planned && state.status == ResponsibilityStatus::Accepted && changed.iter().any(|field| agreed.contains(field))
}

/// Whether it is open: live and not verified.
pub fn is_open(initiative: InitiativeStatus, status: ResponsibilityStatus) -> bool {
    initiative.is_live() && status.counts() && status != ResponsibilityStatus::Verified
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Id {
        Id(uuid::Uuid::from_u128(number))
    }

    fn actor(role: Role, agency_id: Option<Id>, neighborhood_ids: Vec<Id>) -> Actor {
        Actor { role, agency_id, neighborhood_ids, ..Actor::operator(1) }
    }

    fn state(status: ResponsibilityStatus, initiative: InitiativeStatus) -> State {
        State { status, agency_id: id(2), declined_by: None, neighborhood_id: id(1), initiative }
    }

    #[test]
    fn every_status_is_reached_only_by_the_listed_moves() {
        let listed = [
            "proposed>accepted",
            "proposed>declined",
            "proposed>withdrawn",
            "declined>proposed",
            "accepted>reported",
            "accepted>withdrawn",
            "returned>reported",
            "returned>withdrawn",
            "reported>verified",
            "reported>returned",
        ];
        let everybody = [
            actor(Role::Province, None, vec![]),
            actor(Role::Agency, Some(id(2)), vec![]),
            actor(Role::NeighborhoodManager, None, vec![id(1)]),
        ];
        let mut found = std::collections::BTreeSet::new();
        for from in ResponsibilityStatus::ALL {
            for to in ResponsibilityStatus::ALL {
                let state = state(*from, InitiativeStatus::InProgress);
                if everybody.iter().any(|who| state.judge_move(who, *to) == Move::Own) {
                    found.insert(format!("{from}>{to}"));
                }
            }
        }
        assert_eq!(found, listed.map(String::from).into_iter().collect());
    }

    #[test]
    fn the_doer_never_verifies_and_nothing_moves_when_it_is_over() {
        let (doer, manager) = (actor(Role::Agency, Some(id(2)), vec![]), actor(Role::NeighborhoodManager, None, vec![id(1)]));
        let reported = state(ResponsibilityStatus::Reported, InitiativeStatus::InProgress);
        assert_eq!(reported.judge_move(&doer, ResponsibilityStatus::Verified), Move::Others);
        assert_eq!(reported.judge_move(&manager, ResponsibilityStatus::Verified), Move::Own);
        for over in [InitiativeStatus::Completed, InitiativeStatus::Cancelled] {
            for status in ResponsibilityStatus::ALL {
                assert!(state(*status, over).moves(&actor(Role::Province, None, vec![])).is_empty());
            }
        }
    }

    #[test]
    fn what_is_open_is_live_and_not_verified() {
        assert!(is_open(InitiativeStatus::Approved, ResponsibilityStatus::Proposed));
        assert!(!is_open(InitiativeStatus::Proposed, ResponsibilityStatus::Accepted));
        assert!(!is_open(InitiativeStatus::InProgress, ResponsibilityStatus::Verified));
        assert!(!is_open(InitiativeStatus::InProgress, ResponsibilityStatus::Withdrawn));
        assert!(!is_open(InitiativeStatus::Cancelled, ResponsibilityStatus::Accepted));
    }
}
