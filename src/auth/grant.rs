//! What the access of a user or a service account depends on.

use crate::{
    db::Id,
    fault::{Fault, FaultCode},
    policy::Role,
};

/// What a token is given for: role, agency and activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// Whether access is given at all.
    pub active: bool,
}

impl Grant {
    /// The role `agency` needs an agency, and no other role has one.
    pub fn agency_fault(self) -> Option<Fault> {
        match (self.role, self.agency_id) {
            (Role::Agency, None) => Some(Fault::at("/agency_id", FaultCode::Required)),
            (Role::Province | Role::NeighborhoodManager | Role::Viewer, Some(_)) => {
                Some(Fault::at("/agency_id", FaultCode::AgencyNotAllowed))
            }
            (Role::Agency, Some(_)) | (Role::Province | Role::NeighborhoodManager | Role::Viewer, None) => None,
        }
    }

    /// Whether a change to `next` ends sessions and tokens for good.
    pub fn ends_with(self, next: Self) -> bool {
        self.role != next.role || self.agency_id != next.agency_id || (self.active && !next.active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_goes_with_the_role_agency_alone() {
        let agency = Some(Id::NOBODY);
        for role in Role::ALL.iter().copied() {
            let fault = |agency_id| Grant { role, agency_id, active: true }.agency_fault().map(|fault| fault.code);
            let expected = if role == Role::Agency { (Some(FaultCode::Required), None) } else { (None, Some(FaultCode::AgencyNotAllowed)) };
            assert_eq!((fault(None), fault(agency)), expected, "{role}");
        }
    }

    #[test]
    fn a_new_role_or_agency_or_the_end_ends_it_and_a_return_does_not() {
        let old = Grant { role: Role::Viewer, agency_id: None, active: true };
        let gone = Grant { active: false, ..old };
        assert!(!old.ends_with(old) && !gone.ends_with(old));
        assert!(old.ends_with(gone));
        assert!(old.ends_with(Grant { role: Role::Province, ..old }));
        assert!(old.ends_with(Grant { agency_id: Some(Id::NOBODY), ..old }));
    }
}
