//! Whether fields may become a responsibility: rights, what is fixed, conflicts and references, all at once. Pure; requests
//! and imports share it.

use super::{
    dto::{Part, ResponsibilityFields},
    rules::{self, State},
};
use crate::{
    auth::Actor,
    error::{ApiError, ProblemCode},
    events::Changes,
    fault::{Fault, FaultCode, Referent},
    initiatives::{
        InitiativeStatus,
        queries::InitiativeRow,
        rules::{is_outside, leads_beside},
    },
    verdict::Verdict,
    writable::check_frozen,
};

/// What the fields refer to beside their initiative.
#[derive(Debug, Clone, Copy, Default)]
pub struct References {
    /// The agency.
    pub agency: Referent,
    /// Whether another responsibility of the initiative has the code.
    pub taken: bool,
}

/// Judges a new responsibility of an initiative; `None` where the initiative is not there or out of reach.
pub fn judge_new(actor: &Actor, root: Option<&InitiativeRow>, fields: &ResponsibilityFields, references: &References) -> Verdict {
    let mut verdict = Verdict::default();
    let Some(root) = root else {
        verdict.faults(Fault::reference("/initiative_id", Referent::Missing));
        verdict.faults(Fault::reference("/agency_id", references.agency));
        return verdict;
    };
    if !rules::plans(actor, root.neighborhood_id, root.status) {
        verdict.rights(Err(ApiError::forbidden()));
    }
    if root.status.is_over() {
        verdict.conflict(Err(ApiError::on_fields(ProblemCode::Frozen, FaultCode::Frozen, &["initiative_id"])));
    }
    verdict.conflict(untaken(*references));
    verdict.faults(Fault::reference("/agency_id", references.agency));
    verdict.faults(lead_beside(root, fields));
    verdict
}

/// Judges a change; references are looked at where they are new.
pub fn judge_change(
    actor: &Actor,
    root: &InitiativeRow,
    old: (&State, &ResponsibilityFields),
    new: &ResponsibilityFields,
    changes: &Changes,
    references: &References,
) -> Verdict {
    let mut verdict = Verdict::default();
    let (state, old) = old;
    // What follows from giving it away is nobody's own change.
    let follows = new.part == Part::Support && rules::is_given_away(state, old, new, root.lead_agency_id);
    let own = if follows { &changes.without("part") } else { changes };
    verdict.rights(rules::writable(actor, state).check(own));
    verdict.conflict(check_frozen(own, |field| rules::is_frozen(state, field)));
    verdict.conflict(untaken(*references));
    if new.agency_id != old.agency_id {
        verdict.faults(Fault::reference("/agency_id", references.agency));
    }
    // Each only where its field changes: giving a declined one to another agency must not demand a new deadline, which may be fixed by now.
    if new.due_on != old.due_on {
        verdict.faults(due_outside(root, new));
    }
    if (new.part, new.agency_id) != (old.part, old.agency_id) {
        verdict.faults(lead_beside(root, new));
    }
    verdict
}

fn untaken(references: References) -> Result<(), ApiError> {
    if references.taken { Err(ApiError::taken("code")) } else { Ok(()) }
}

/// The fault of a deadline outside the initiative's dates. It is judged when the initiative is proposed and when the deadline is
/// moved later, not when a responsibility is added (DESIGN §2).
fn due_outside(root: &InitiativeRow, fields: &ResponsibilityFields) -> Option<Fault> {
    let outside = root.status != InitiativeStatus::Draft && is_outside(&root.fields(), fields.due_on);
    outside.then(|| Fault::at("/due_on", FaultCode::DueOnOutsideInitiative).with(&fields.code))
}

/// The fault of the part `lead` for another agency. A draft may still be unfinished; it is judged when it is proposed.
fn lead_beside(root: &InitiativeRow, fields: &ResponsibilityFields) -> Option<Fault> {
    let beside = root.status != InitiativeStatus::Draft && leads_beside(&root.fields(), fields.part, fields.agency_id);
    beside.then(|| Fault::at("/part", FaultCode::LeadPartOfOtherAgency).with(&fields.code))
}
