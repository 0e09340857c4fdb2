//! Whether fields may become a responsibility: rights, what is fixed, conflicts and references, all at once. Pure; requests
//! and imports share it.

use super::{
    dto::ResponsibilityFields,
    rules::{self, State},
};
use crate::{
    auth::Actor,
    error::{ApiError, Code},
    events::Changes,
    fault::{Fault, FaultCode},
    initiatives::{
        InitiativeStatus,
        queries::InitiativeRow,
        rules::{is_outside, leads_beside},
    },
    verdict::Verdict,
    writable::check_frozen,
};

/// What the fields refer to beside their initiative.
#[derive(Debug, Clone, Copy)]
pub struct References {
    /// The agency: `None` where it is not there, else whether it may newly be referred to.
    pub agency: Option<bool>,
    /// Whether another responsibility of the initiative has the code.
    pub taken: bool,
}

/// Judges a new responsibility of an initiative; `None` where the initiative is not there or out of reach.
pub fn judge_new(actor: &Actor, root: Option<&InitiativeRow>, fields: &ResponsibilityFields, references: &References) -> Verdict {
    let mut verdict = Verdict::default();
    let Some(root) = root else {
        verdict.faults(Fault::reference("/initiative_id", None));
        verdict.faults(Fault::reference("/agency_id", references.agency));
        return verdict;
    };
    if !rules::plans(actor, root.neighborhood_id, root.status) {
        verdict.rights(Err(ApiError::forbidden()));
    }
    if root.status.is_over() {
        verdict.conflict(Err(ApiError::on_fields(Code::Frozen, FaultCode::Frozen, &["initiative_id"])));
    }
    verdict.conflict(untaken(*references));
    verdict.faults(Fault::reference("/agency_id", references.agency));
    verdict.faults(misfits(root, fields, true));
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
    verdict.rights(rules::writable(actor, state).check(changes));
    verdict.conflict(check_frozen(changes, |field| rules::is_frozen(state, field)));
    verdict.conflict(untaken(*references));
    if new.agency_id != old.agency_id {
        verdict.faults(Fault::reference("/agency_id", references.agency));
    }
    if changes.fields().any(|field| matches!(field, "due_on" | "part" | "agency_id")) {
        verdict.faults(misfits(root, new, false));
    }
    verdict
}

fn untaken(references: References) -> Result<(), ApiError> {
    if references.taken { Err(ApiError::taken("code")) } else { Ok(()) }
}

/// What does not fit its initiative. A draft may still be unfinished and is judged when it is proposed; a deadline is judged there and where
/// it is moved, not where a responsibility is added (DESIGN §2).
fn misfits(root: &InitiativeRow, fields: &ResponsibilityFields, is_new: bool) -> Vec<Fault> {
    if root.status == InitiativeStatus::Draft {
        return Vec::new();
    }
    let whole = root.fields();
    let outside = !is_new && is_outside(&whole, fields.due_on);
    let beside = leads_beside(&whole, fields.part, fields.agency_id);
    let outside = outside.then(|| Fault::at("/due_on", FaultCode::DueOnOutsideInitiative).with(&fields.code));
    let beside = beside.then(|| Fault::at("/part", FaultCode::LeadPartOfOtherAgency).with(&fields.code));
    outside.into_iter().chain(beside).collect()
}
