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

/// The writable fields of a user except the password; changes are found by comparing two of these.
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
    /// What the user's access depends on.
    pub const fn grant(&self) -> Grant {
        Grant { role: self.role, agency_id: self.agency_id, active: self.active }
    }
}

/// A new user.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewUser {
    username: Code,
    display_name: Line<200>,
    role: Role,
    /// The agency that the user works for: required for the role `agency`, refused for any other.
    #[deserr(default)]
    agency_id: Option<Id>,
    /// Whether the user may log in; true where nothing is said.
    #[deserr(default)]
    active: Option<bool>,
    /// A first password, which the user must change; without one there is no login.
    #[deserr(default)]
    #[schema(write_only = true)]
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

/// Changes to a user: an absent field stays as it is, null clears one that may be null. A password, another role or agency, and `active: false`
/// end the user's sessions.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
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
    /// The agency that the user works for: required for the role `agency`, refused for any other.
    #[deserr(default)]
    #[schema(value_type = Option<Id>)]
    pub(super) agency_id: Patch<Option<Id>>,
    #[deserr(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub(super) active: Patch<bool>,
    /// A new password, which the user must change.
    #[deserr(default)]
    #[schema(value_type = Option<NewPassword>, nullable = false, write_only = true)]
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

    /// `fields` with these changes made.
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
    /// The user's id.
    pub id: Id,
    /// Login name, unique in the province; case does not count.
    #[schema(value_type = Code)]
    pub username: String,
    /// Display name.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// Role, which decides what the user may do.
    pub role: Role,
    /// The agency that the user works for; null unless the role is `agency`.
    pub agency_id: Option<Id>,
    /// Whether the user may log in.
    pub active: bool,
    /// Whether the password must be changed, because somebody else chose it.
    pub must_change_password: bool,
    /// Counts from 1; each change of the user's own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When the user was added.
    pub created_at: Timestamp,
    /// When the user's own fields last changed.
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

/// The filter of the list of users.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// Roles, separated by commas: `province`, `agency`, `neighborhood_manager`, `viewer`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub role: Option<AnyOf<Role>>,
    /// Ids of agencies, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// Only active ones (`true`) or only inactive ones (`false`).
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub active: Option<Flag>,
    /// Words, each of which must occur in the username or the display name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
