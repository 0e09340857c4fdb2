//! What must hold of a user, whatever the request was.

use super::dto::UserFields;
use crate::{
    error::{ApiError, ProblemCode},
    events::Changes,
    fault::{Fault, Referent},
    policy::Role,
    verdict::Verdict,
    writable::FieldSet,
};

/// What the fields refer to.
#[derive(Debug, Clone, Copy)]
pub struct References {
    /// The agency, where there is one.
    pub agency: Referent,
    /// Whether another user has the name.
    pub taken: bool,
    /// Whether the province has no other administrator who can log in.
    pub last: bool,
}

/// Judges a new user, or a change of one; the agency is looked at where it is new.
pub fn judge(is_client: bool, old: Option<&UserFields>, new: &UserFields, changes: &Changes, references: References) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.rights(writable(is_client, old.is_none()).check(changes));
    if references.taken {
        verdict.conflict(Err(ApiError::taken("username")));
    }
    if references.last && old.is_some_and(|old| administers(old.role, old.active)) && !administers(new.role, new.active) {
        verdict.conflict(Err(ApiError::new(ProblemCode::LastAdministrator)));
    }
    verdict.faults(new.grant().agency_fault());
    if new.agency_id.is_some() && old.is_none_or(|old| old.agency_id != new.agency_id) {
        verdict.faults(Fault::reference("/agency_id", references.agency));
    }
    verdict
}

/// The fields of a user that a caller may write. A service account may not write a password nor, once the user exists, the role,
/// since it would decide who decides.
pub const fn writable(is_client: bool, is_new: bool) -> FieldSet {
    match (is_client, is_new) {
        (false, _) => FieldSet::All,
        (true, true) => FieldSet::Only(&["username", "display_name", "role", "agency_id", "active"]),
        (true, false) => FieldSet::Only(&["username", "display_name", "agency_id", "active"]),
    }
}

/// Whether it is an administrator, an active user with the role `province`; there must always be one who can log in, since nobody else
/// gives out passwords.
pub fn administers(role: Role, active: bool) -> bool {
    role == Role::Province && active
}
