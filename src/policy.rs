//! Who may do what, on one page (DESIGN §2, "Rights"; §4, decision 7).
//!
//! [`allows`] judges by role alone, before a row is known. Which fields of a row a caller may write, and where they may
//! move it, the feature's `rules.rs` judges once the row is known.

use crate::db::text_enum;

text_enum! {
    /// The role of a user or service account, which decides what it may do.
    pub enum Role {
        /// The province's office: leads the programme.
        Province = "province",
        /// A user of an agency that takes on responsibilities.
        Agency = "agency",
        /// Appointed for neighbourhoods by dated mandates.
        NeighborhoodManager = "neighborhood_manager",
        /// Reads all but drafts.
        Viewer = "viewer",
    }
}

text_enum! {
    /// What one does to a thing; the word is that of `permissions`.
    pub enum Action {
        /// List, read, search, export.
        Read = "read",
        /// Make a new one.
        Create = "create",
        /// Change fields.
        Update = "update",
        /// Remove one that nothing depends on.
        Delete = "delete",
        /// Move along a lifecycle.
        Transition = "transition",
    }
}

text_enum! {
    /// Kinds of things; the word is that of `permissions` and of an event's `resource_type`.
    #[expect(missing_docs, reason = "the resources' own names")]
    pub enum Kind {
        Domain = "domain",
        Agency = "agency",
        Neighborhood = "neighborhood",
        User = "user",
        Mandate = "mandate",
        Initiative = "initiative",
        Responsibility = "responsibility",
        Deferral = "deferral",
        Event = "event",
        Import = "import",
        Report = "report",
        Client = "client",
    }
}

/// Whether a role may do this to some thing of this kind within its reach.
///
/// No wildcard on roles or kinds: a new one does not compile until somebody has decided.
pub const fn allows(role: Role, action: Action, kind: Kind) -> bool {
    use Action::{Create, Delete, Read, Transition, Update};
    match (role, kind) {
        (Role::Province, Kind::Domain | Kind::Agency | Kind::Neighborhood | Kind::User | Kind::Mandate | Kind::Client) => {
            matches!(action, Read | Create | Update | Delete)
        }
        // A manager's rows are those of their place: managers write drafts, submit and verify. Who may create may also delete.
        (Role::Province | Role::NeighborhoodManager, Kind::Initiative | Kind::Responsibility) => true,
        (Role::Province, Kind::Deferral) => matches!(action, Read | Transition),

        // Update: what was spent and how many were reached, by the lead agency.
        (Role::Agency, Kind::Initiative) => matches!(action, Read | Update | Transition),
        (Role::Agency, Kind::Responsibility) => matches!(action, Read | Transition),
        (Role::Agency, Kind::Deferral) => matches!(action, Read | Create),

        // Update: profile figures and location of their own place.
        (Role::NeighborhoodManager, Kind::Neighborhood) => matches!(action, Read | Update),

        (Role::Agency | Role::NeighborhoodManager | Role::Viewer, Kind::Domain | Kind::Agency | Kind::User | Kind::Mandate)
        | (Role::Agency | Role::Viewer, Kind::Neighborhood)
        | (Role::Viewer, Kind::Initiative | Kind::Responsibility)
        | (Role::NeighborhoodManager | Role::Viewer, Kind::Deferral)
        | (Role::Province | Role::Agency | Role::NeighborhoodManager, Kind::Event)
        // Reports cover what each role sees in lists.
        | (Role::Province | Role::Agency | Role::NeighborhoodManager | Role::Viewer, Kind::Report) => matches!(action, Read),

        // `imports` judges which datasets a role may import.
        (Role::Province | Role::NeighborhoodManager, Kind::Import) => matches!(action, Read | Create),

        (Role::Viewer, Kind::Event)
        | (Role::Agency | Role::Viewer, Kind::Import)
        | (Role::Agency | Role::NeighborhoodManager | Role::Viewer, Kind::Client) => false,
    }
}

/// Whether a machine may do this where its role allows it (CONTRACT §2, "Service accounts"): it reads, creates and updates, but
/// never moves a thing along its lifecycle, which is how one approves, verifies, accepts and decides. Removing things, and
/// keeping service accounts, is for people too.
pub const fn allowed_to_clients(action: Action, kind: Kind) -> bool {
    match (action, kind) {
        (Action::Read, _) => true,
        (Action::Create | Action::Update, kind) => !matches!(kind, Kind::Client),
        (Action::Delete | Action::Transition, _) => false,
    }
}

/// The `resource:action` words of `/me` for a role, of a person or of a machine.
pub fn permissions(role: Role, is_client: bool) -> Vec<String> {
    Kind::ALL
        .iter()
        .flat_map(|kind| Action::ALL.iter().map(move |action| (*kind, *action)))
        .filter(|(kind, action)| allows(role, *action, *kind) && (!is_client || allowed_to_clients(*action, *kind)))
        .map(|(kind, action)| format!("{kind}:{action}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn who_may_do_what() {
        let mut matrix = String::new();
        let mut line = |kind: Kind, who: &str, may: &dyn Fn(Action) -> bool| {
            let may: Vec<_> = Action::ALL.iter().filter(|action| may(**action)).map(|action| action.as_str()).collect();
            let text = format!("{:<15} {who:<21} {}", kind.as_str(), may.join(" "));
            writeln!(matrix, "{}", text.trim_end()).expect("a string takes text");
        };
        for kind in Kind::ALL.iter().copied() {
            for role in Role::ALL {
                line(kind, role.as_str(), &|action| allows(*role, action, kind));
            }
            line(kind, "(any client)", &|action| allowed_to_clients(action, kind));
        }
        insta::assert_snapshot!(matrix);
    }
}
