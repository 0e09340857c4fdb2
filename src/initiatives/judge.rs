//! Whether fields may become an initiative: rights, what is fixed, conflicts and references, all at once. Pure; requests and
//! imports share it.

use super::{
    dto::InitiativeFields,
    rules::{self, State},
};
use crate::{
    auth::Actor,
    error::ApiError,
    events::Changes,
    fault::{Fault, Referent},
    verdict::Verdict,
    writable::check_frozen,
};

/// What the fields refer to.
#[derive(Debug, Clone, Copy, Default)]
pub struct References {
    /// The neighbourhood.
    pub place: Referent,
    /// The domain.
    pub domain: Referent,
    /// The lead agency, where there is one.
    pub lead: Referent,
    /// Whether another initiative has the code.
    pub taken: bool,
}

/// Judges a new initiative, or what changes one; references are looked at where they are new.
pub fn judge(
    actor: &Actor,
    old: Option<(&State, &InitiativeFields, &Changes)>,
    new: &InitiativeFields,
    references: &References,
) -> Verdict {
    let mut verdict = Verdict::default();
    let before = old.map(|(_, fields, _)| fields);
    let new_place = before.is_none_or(|before| before.neighborhood_id != new.neighborhood_id);
    let new_domain = before.is_none_or(|before| before.domain != new.domain);
    let new_lead = before.is_none_or(|before| before.lead_agency_id != new.lead_agency_id);
    if let Some((state, _, changes)) = old {
        verdict.rights(rules::writable(actor, state).check(changes));
        verdict.conflict(check_frozen(changes, |field| rules::is_frozen(state.status, field)));
    }
    // Where the place does not exist, that fault is given instead.
    let plans = references.place == Referent::Missing || actor.is_province() || actor.manages(new.neighborhood_id);
    if new_place && !plans {
        verdict.rights(Err(ApiError::forbidden()));
    }
    if references.taken {
        verdict.conflict(Err(ApiError::taken("code")));
    }
    verdict.faults(rules::inconsistencies(new));
    if new_place {
        verdict.faults(Fault::reference("/neighborhood_id", references.place));
    }
    if new_domain {
        verdict.faults(Fault::reference("/domain", references.domain));
    }
    if new_lead && new.lead_agency_id.is_some() {
        verdict.faults(Fault::reference("/lead_agency_id", references.lead));
    }
    verdict
}
