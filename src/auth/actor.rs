//! Who acts: a user as of now, or a service account; and on which day.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::{
    db::Id,
    http::language::Language,
    policy::{self, Action, Kind, Role},
};

/// A user as of now, or a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The tenant.
    pub province_id: i32,
    /// The user's id; of a service account its `client_id`.
    pub user_id: Id,
    /// Login name; of a service account its `client_id`.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// The neighbourhoods managed by a mandate valid today, or that a service account acts in; role `neighborhood_manager` only.
    pub neighborhood_ids: Vec<Id>,
    /// The session of the tokens; of a service account the secret that it showed.
    pub session_id: Id,
    /// Whether it is a service account, which never decides.
    pub is_client: bool,
}

impl Actor {
    /// The operator at the command line, who may do all in a province and is no user of it.
    pub const fn operator(province_id: i32) -> Self {
        Self {
            province_id,
            user_id: Id::NOBODY,
            username: String::new(),
            display_name: String::new(),
            role: Role::Province,
            agency_id: None,
            neighborhood_ids: Vec::new(),
            session_id: Id::NOBODY,
            is_client: false,
        }
    }

    /// Whether the actor may do this to some thing of this kind within reach.
    pub const fn may(&self, action: Action, kind: Kind) -> bool {
        policy::allows(self.role, action, kind) && (!self.is_client || policy::allowed_to_clients(action, kind))
    }

    /// Whether the actor manages this neighbourhood today.
    pub fn manages(&self, neighborhood: Id) -> bool {
        self.neighborhood_ids.contains(&neighborhood)
    }

    /// Whether the actor is of the province's office.
    pub fn is_province(&self) -> bool {
        self.role == Role::Province
    }

    /// Whether the actor is a user of this agency.
    pub fn is_of(&self, agency: Id) -> bool {
        self.agency_id == Some(agency)
    }
}

/// Who asks, on which day: what reach, derived figures and `allowed_transitions` depend on.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who asks.
    pub actor: Arc<Actor>,
    /// The day in Tehran.
    pub today: NaiveDate,
    /// The language of messages.
    pub language: Language,
}

impl Scope {
    /// A key that differs between callers who may get different answers to the same question in the same state of the register,
    /// apart from their language. Answers that depend on the very user, as the list of users does, need more.
    pub fn key(&self) -> String {
        // Every field is named, so that a new one has to be considered here.
        let Self { actor, today, language: _ } = self;
        let Actor { province_id, role, agency_id, neighborhood_ids, is_client, user_id: _, username: _, display_name: _, session_id: _ } =
            &**actor;
        let mut neighborhoods: Vec<String> = neighborhood_ids.iter().map(ToString::to_string).collect();
        neighborhoods.sort_unstable();
        format!("{province_id}\n{role}\n{agency_id:?}\n{is_client}\n{today}\n{}", neighborhoods.join(","))
    }
}
