//! Bodies and answers.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{queries::ClientRow, secrets::SecretRow};
use crate::{
    auth::Grant,
    db::{Id, Timestamp},
    fault::FaultCode,
    http::{
        fields::{Day, Line, Whole},
        page::page_of,
        patch::Patch,
        query::{AnyOf, Flag},
        shape::Faults,
    },
    policy::Role,
};

/// The most neighbourhoods that a service account may have.
const MAX_NEIGHBORHOODS: usize = 200;
/// Hours that the previous secret stays good, where the request does not say.
const OVERLAP_HOURS: i64 = 24;

/// Ids of neighbourhoods, as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places(Vec<Id>);

impl Deserr<Faults> for Places {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let ids = Vec::<Id>::deserialize_from_value(value, location)?;
        if ids.len() > MAX_NEIGHBORHOODS {
            return Err(Faults::one(location, FaultCode::TooLong, vec![MAX_NEIGHBORHOODS.to_string()]));
        }
        Ok(Self(ids))
    }
}

/// The writable fields of a service account; changes are found by comparing two of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientFields {
    pub name: String,
    pub role: Role,
    pub agency_id: Option<Id>,
    pub neighborhood_ids: Vec<Id>,
    pub valid_to: Option<NaiveDate>,
    pub active: bool,
}

impl ClientFields {
    /// What its access depends on.
    pub const fn grant(&self) -> Grant {
        Grant { role: self.role, agency_id: self.agency_id, active: self.active }
    }

    /// The same with its neighbourhoods in order and each only once, however they were sent.
    #[must_use]
    pub fn settled(&self) -> Self {
        let places: BTreeSet<Id> = self.neighborhood_ids.iter().copied().collect();
        Self { neighborhood_ids: places.into_iter().collect(), ..self.clone() }
    }
}

/// A new service account.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewClient {
    name: Line<200>,
    role: Role,
    /// The agency it acts for: required for the role `agency`, refused for any other.
    #[deserr(default)]
    agency_id: Option<Id>,
    /// The neighbourhoods it acts in, at most 200: required for the role `neighborhood_manager`, refused for any other.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<Id>>, max_items = 200)]
    neighborhood_ids: Option<Places>,
    /// The last day on which it may be used; null for no such day.
    #[deserr(default)]
    valid_to: Option<Day>,
    /// Whether it may be used; true where nothing is said.
    #[deserr(default)]
    active: Option<bool>,
}

impl From<NewClient> for ClientFields {
    fn from(new: NewClient) -> Self {
        Self {
            name: new.name.0,
            role: new.role,
            agency_id: new.agency_id,
            neighborhood_ids: new.neighborhood_ids.map(|places| places.0).unwrap_or_default(),
            valid_to: new.valid_to.map(|day| day.0),
            active: new.active.unwrap_or(true),
        }
    }
}

/// Changes to a service account: an absent field stays as it is, null clears one that may be null, the list of neighbourhoods is replaced
/// whole. Another role or agency, a `valid_to` that has passed and `active: false` end its access within ten seconds.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ClientPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Role>, nullable = false)]
    role: Patch<Role>,
    /// The agency it acts for: required for the role `agency`, refused for any other.
    #[deserr(default)]
    #[schema(value_type = Option<Id>)]
    agency_id: Patch<Option<Id>>,
    /// The neighbourhoods it acts in, at most 200: required for the role `neighborhood_manager`, refused for any other.
    #[deserr(default)]
    #[schema(value_type = Option<Vec<Id>>, max_items = 200)]
    neighborhood_ids: Patch<Option<Places>>,
    /// The last day on which it may be used; null for no such day.
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    valid_to: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    active: Patch<bool>,
}

impl ClientPatch {
    /// `fields` with these changes made.
    pub fn onto(self, mut fields: ClientFields) -> ClientFields {
        self.name.apply(&mut fields.name, |name| name.0);
        self.role.apply(&mut fields.role, |role| role);
        self.agency_id.apply(&mut fields.agency_id, |agency| agency);
        self.neighborhood_ids.apply(&mut fields.neighborhood_ids, |places| places.map(|places| places.0).unwrap_or_default());
        self.valid_to.apply(&mut fields.valid_to, |day| day.map(|day| day.0));
        self.active.apply(&mut fields.active, |flag| flag);
        fields
    }
}

/// A request for a new secret in the place of the present one.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct SecretRotation {
    /// Hours that the present secret stays good beside the new one, 0 to 168; 24 by default, 0 for a secret that has leaked.
    #[deserr(default)]
    overlap_hours: Option<Whole<0, 168>>,
}

impl SecretRotation {
    /// The hours asked for, or the default.
    pub fn hours(&self) -> i64 {
        self.overlap_hours.map_or(OVERLAP_HOURS, |hours| hours.0)
    }
}

/// What is known of a secret, without the secret itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClientSecret {
    /// Its id, which is the `sid` of the tokens that it gave; they end with it.
    pub id: Id,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being good; null while it is the present one.
    pub expires_at: Option<Timestamp>,
}

impl From<SecretRow> for ClientSecret {
    fn from(row: SecretRow) -> Self {
        Self { id: row.id, created_at: row.created_at, expires_at: row.expires_at }
    }
}

/// A service account: a machine that calls the API under a name of its own.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "OAuth has them")]
pub struct Client {
    /// Its id.
    pub id: Id,
    /// Its `client_id` at `/api/v1/oauth/token` and in tokens, the same as `id`.
    pub client_id: Id,
    /// The secret, only in the answer to the request that made it; null in every other answer.
    #[schema(min_length = 47, max_length = 47, pattern = "^mhs_[A-Za-z0-9_-]{43}$")]
    pub client_secret: Option<String>,
    /// Its display name, which events show too.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Its role, which decides what it may do.
    pub role: Role,
    /// The agency it acts for; null unless its role is `agency`.
    pub agency_id: Option<Id>,
    /// The neighbourhoods it acts in; empty unless its role is `neighborhood_manager`.
    #[schema(max_items = 200)]
    pub neighborhood_ids: Vec<Id>,
    /// The last day on which it may be used; null for no such day.
    #[schema(value_type = Option<Day>)]
    pub valid_to: Option<NaiveDate>,
    /// Whether it may be used.
    pub active: bool,
    /// The present secret, and the previous one until it has expired and been removed.
    #[schema(max_items = 2)]
    pub secrets: Vec<ClientSecret>,
    /// Counts from 1; each change of its own fields adds one, a new secret does not.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Client {
    /// The answer for a row with its neighbourhoods and secrets.
    pub fn new(row: ClientRow, places: Vec<Id>, secrets: Vec<SecretRow>) -> Self {
        Self {
            id: row.id,
            client_id: row.id,
            client_secret: None,
            name: row.name,
            role: row.role,
            agency_id: row.agency_id,
            neighborhood_ids: places,
            valid_to: row.valid_to,
            active: row.active,
            secrets: secrets.into_iter().map(ClientSecret::from).collect(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(ClientPage, Client);

/// The filter of the list of service accounts.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClientFilter {
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
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
