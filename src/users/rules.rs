//! What must hold of a user, whatever the request was.

use super::dto::UserFields;
use crate::{
    fault::{Fault, FaultCode},
    policy::Role,
    writable::FieldSet,
};

/// A user of an agency names it; nobody else does.
pub fn agency_fault(fields: &UserFields) -> Option<Fault> {
    match (fields.role, fields.agency_id) {
        (Role::Agency, None) => Some(Fault::at("/agency_id", FaultCode::Required)),
        (Role::Province | Role::NeighborhoodManager | Role::Viewer, Some(_)) => Some(Fault::at("/agency_id", FaultCode::AgencyNotAllowed)),
        (Role::Agency, Some(_)) | (Role::Province | Role::NeighborhoodManager | Role::Viewer, None) => None,
    }
}

/// What a service account may write of a user: neither his password nor, once he is there, his role, since it would decide
/// who decides.
pub const fn writable(machine: bool, is_new: bool) -> FieldSet {
    match (machine, is_new) {
        (false, _) => FieldSet::All,
        (true, true) => FieldSet::Only(&["username", "display_name", "role", "agency_id", "active"]),
        (true, false) => FieldSet::Only(&["username", "display_name", "agency_id", "active"]),
    }
}

/// Whether he leads the province's register: there must always be one who does.
pub fn administers(fields: &UserFields) -> bool {
    fields.role == Role::Province && fields.active
}

/// Whether what he was let in for no longer holds, so that his sessions end.
pub fn ends_sessions(old: &UserFields, new: &UserFields) -> bool {
    old.role != new.role || old.agency_id != new.agency_id || (old.active && !new.active)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Id;

    fn user(role: Role, agency_id: Option<Id>) -> UserFields {
        UserFields { username: "a".into(), display_name: "a".into(), role, agency_id, active: true }
    }

    #[test]
    fn an_agency_goes_with_the_role_agency_alone() {
        let agency = Some(crate::clock::NOBODY);
        for role in Role::ALL.iter().copied() {
            let fault = |agency_id| agency_fault(&user(role, agency_id)).map(|fault| fault.code);
            let expected = if role == Role::Agency { (Some(FaultCode::Required), None) } else { (None, Some(FaultCode::AgencyNotAllowed)) };
            assert_eq!((fault(None), fault(agency)), expected, "{role}");
        }
    }

    #[test]
    fn a_new_name_ends_no_session_but_a_new_role_does() {
        let old = user(Role::Viewer, None);
        assert!(!ends_sessions(&old, &UserFields { display_name: "b".into(), ..old.clone() }));
        assert!(!ends_sessions(&UserFields { active: false, ..old.clone() }, &old));
        assert!(ends_sessions(&old, &UserFields { role: Role::Province, ..old.clone() }));
        assert!(ends_sessions(&old, &UserFields { active: false, ..old.clone() }));
    }
}
