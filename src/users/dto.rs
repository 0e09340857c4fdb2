//! Bodies and answers.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::UserRow;
use crate::{
    auth::{Grant, password::NewPassword},
    db::{Id, Timestamp},
    http::{
        fields::{Code, Line, field_from_json},
        page::page_of,
        patch::Patch,
        query::{AnyOf, Flag, Search},
        shape::Faults,
    },
    policy::Role,
};

field_from_json!(Role);

/// What can be written of a user beside his password; the shape that changes are compared in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct UserFields {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub agency_id: Option<Id>,
    pub active: bool,
}

impl UserFields {
    /// What he is let in for.
    pub const fn grant(&self) -> Grant {
        Grant { role: self.role, agency_id: self.agency_id, active: self.active }
    }
}

/// A new user.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"username": "manager-niroogah", "display_name": "مدیر محلهٔ نیروگاه", "role": "neighborhood_manager", "password": "a-longer-secret"}))]
pub struct NewUser {
    username: Code,
    display_name: Line<200>,
    role: Role,
    /// Required for the role `agency`, and only for it.
    #[deserr(default)]
    agency_id: Option<Id>,
    #[deserr(default)]
    active: Option<bool>,
    /// A first password, which he must change; without one he can't log in.
    #[deserr(default)]
    #[schema(value_type = Option<String>, format = Password, min_length = 10, max_length = 200, write_only = true)]
    password: Option<NewPassword>,
}

impl NewUser {
    /// Takes the password out, to be hashed before the transaction.
    pub const fn take_password(&mut self) -> Option<NewPassword> {
        self.password.take()
    }
}

impl From<NewUser> for UserFields {
    fn from(new: NewUser) -> Self {
        Self {
            username: new.username.0,
            display_name: new.display_name.0,
            role: new.role,
            agency_id: new.agency_id,
            active: new.active.unwrap_or(true),
        }
    }
}

/// Changes to a user: absent leaves, null clears. A password, another role or agency, and `active: false` end his sessions.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub struct UserPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) username: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    pub(super) display_name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Role>, nullable = false)]
    pub(super) role: Patch<Role>,
    /// Required for the role `agency`, and only for it.
    #[deserr(default)]
    #[schema(value_type = Option<Id>)]
    pub(super) agency_id: Patch<Option<Id>>,
    #[deserr(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub(super) active: Patch<bool>,
    /// A new password, which he must change.
    #[deserr(default)]
    #[schema(value_type = Option<String>, nullable = false, format = Password, min_length = 10, max_length = 200, write_only = true)]
    pub(super) password: Patch<NewPassword>,
}

impl UserPatch {
    /// Takes the password out, to be hashed before the transaction.
    pub fn take_password(&mut self) -> Option<NewPassword> {
        match std::mem::take(&mut self.password) {
            Patch::Set(password) => Some(password),
            Patch::Leave => None,
        }
    }

    /// The fields with the changes in them.
    pub fn onto(self, mut fields: UserFields) -> UserFields {
        self.username.apply(&mut fields.username, |name| name.0);
        self.display_name.apply(&mut fields.display_name, |name| name.0);
        self.role.apply(&mut fields.role, |role| role);
        self.agency_id.apply(&mut fields.agency_id, |agency| agency);
        self.active.apply(&mut fields.active, |flag| flag);
        fields
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct User {
    /// His id.
    pub id: Id,
    /// His name for logging in; unique in the province, compared without case.
    #[schema(value_type = Code)]
    pub username: String,
    /// His name for people.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// What he is.
    pub role: Role,
    /// Of which agency; role `agency` only.
    pub agency_id: Option<Id>,
    /// Whether he may log in.
    pub active: bool,
    /// Whether his password is one that somebody else chose.
    pub must_change_password: bool,
    /// Moved by changes of his own fields.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When he was added.
    pub created_at: Timestamp,
    /// When his own fields last changed.
    pub updated_at: Timestamp,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            role: row.role,
            agency_id: row.agency_id,
            active: row.active,
            must_change_password: row.must_change_password,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(UserPage, User);

/// Which users.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// `province`, `agency`, `neighborhood_manager`, `viewer`, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub role: Option<AnyOf<Role>>,
    /// Ids of agencies, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// Whether active.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub active: Option<Flag>,
    /// Words, each a part of username or display name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
