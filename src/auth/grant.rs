//! What a user or a service account is let in for.

use crate::{db::Id, policy::Role};

/// What a token was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// As what.
    pub role: Role,
    /// Of which agency.
    pub agency_id: Option<Id>,
    /// Whether at all.
    pub active: bool,
}

impl Grant {
    /// Whether what was given no longer holds, so that sessions and tokens end for good.
    pub fn ends_with(self, next: Self) -> bool {
        self.role != next.role || self.agency_id != next.agency_id || (self.active && !next.active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
