//! Who may write what of a neighbourhood, and when it is closed.

use chrono::NaiveDate;

use crate::{auth::Actor, db::Id, policy::Role, writable::FieldSet};

/// What a place's own manager keeps up to date: profile figures and location.
const PROFILE: &[&str] = &["population", "households", "profile_as_of", "location"];

/// Whether a neighbourhood is closed on a day.
pub fn is_closed(closed_on: Option<NaiveDate>, day: NaiveDate) -> bool {
    closed_on.is_some_and(|closed| closed <= day)
}

/// The fields that an actor may write of a neighbourhood.
pub fn writable(actor: &Actor, neighborhood: Id) -> FieldSet {
    match actor.role {
        Role::Province => FieldSet::All,
        Role::NeighborhoodManager if actor.manages(neighborhood) => FieldSet::Only(PROFILE),
        Role::NeighborhoodManager | Role::Agency | Role::Viewer => FieldSet::None,
    }
}
