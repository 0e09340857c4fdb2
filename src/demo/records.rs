//! The rows of the demo's files.

use chrono::NaiveDate;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::Account;
use crate::{
    agencies::{AgencyFields, AgencyKind},
    db::Id,
    error::ApiError,
    initiatives::InitiativeFields,
    neighborhoods::{Designation, NeighborhoodFields},
    policy::Role,
    responsibilities::{Part, ResponsibilityFields},
    users::UserFields,
};

/// Reads a file of records.
pub(super) fn read<T: DeserializeOwned>(file: &str) -> Result<Vec<T>, ApiError> {
    csv::Reader::from_reader(file.as_bytes()).into_deserialize().collect::<Result<_, _>>().map_err(ApiError::internal)
}

#[derive(Deserialize)]
pub(super) struct AgencyRecord {
    code: String,
    name: String,
    name_en: Option<String>,
    kind: AgencyKind,
    phone: Option<String>,
    email: Option<String>,
    active: bool,
}

impl From<AgencyRecord> for AgencyFields {
    fn from(record: AgencyRecord) -> Self {
        let AgencyRecord { code, name, name_en, kind, phone, email, active } = record;
        Self { code, name, name_en, kind, phone, email, active }
    }
}

#[derive(Deserialize)]
pub(super) struct NeighborhoodRecord {
    code: String,
    name: String,
    name_en: Option<String>,
    county: Option<String>,
    city: String,
    district: Option<String>,
    population: Option<i64>,
    households: Option<i64>,
    profile_as_of: Option<NaiveDate>,
    designation: Designation,
    designated_on: Option<NaiveDate>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl NeighborhoodRecord {
    pub(super) fn fields(self, day: impl Fn(NaiveDate) -> NaiveDate) -> NeighborhoodFields {
        let place = self.longitude.zip(self.latitude);
        NeighborhoodFields {
            code: self.code,
            name: self.name,
            name_en: self.name_en,
            county: self.county,
            city: self.city,
            district: self.district,
            population: self.population,
            households: self.households,
            profile_as_of: self.profile_as_of.map(&day),
            boundary: None,
            location: place.map(|(longitude, latitude)| json!({"type": "Point", "coordinates": [longitude, latitude]})),
            designation: self.designation,
            designated_on: self.designated_on.map(&day),
            closed_on: None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct UserRecord {
    pub(super) username: String,
    display_name: String,
    role: Role,
    pub(super) agency_code: Option<String>,
    active: bool,
}

impl UserRecord {
    pub(super) fn account(self) -> Account {
        Account { username: self.username, display_name: self.display_name, role: self.role }
    }

    pub(super) fn fields(self, agency_id: Option<Id>) -> UserFields {
        UserFields { username: self.username, display_name: self.display_name, role: self.role, agency_id, active: self.active }
    }
}

#[derive(Deserialize)]
pub(super) struct MandateRecord {
    pub(super) order_no: String,
    pub(super) username: String,
    pub(super) neighborhood_code: String,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
pub(super) struct InitiativeRecord {
    pub(super) code: String,
    pub(super) neighborhood_code: String,
    domain: String,
    title: String,
    description: Option<String>,
    objective: Option<String>,
    starts_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    pub(super) lead_agency_code: Option<String>,
    weight: i32,
    budget_planned_rial: Option<i64>,
    budget_spent_rial: Option<i64>,
    beneficiaries_planned: Option<i64>,
    beneficiaries_reached: Option<i64>,
}

impl InitiativeRecord {
    pub(super) fn fields(self, neighborhood_id: Id, lead_agency_id: Option<Id>, day: impl Fn(NaiveDate) -> NaiveDate) -> InitiativeFields {
        InitiativeFields {
            code: self.code,
            neighborhood_id,
            domain: self.domain,
            title: self.title,
            description: self.description,
            objective: self.objective,
            starts_on: self.starts_on.map(&day),
            due_on: self.due_on.map(&day),
            lead_agency_id,
            weight: self.weight,
            budget_planned_rial: self.budget_planned_rial,
            budget_spent_rial: self.budget_spent_rial,
            beneficiaries_planned: self.beneficiaries_planned,
            beneficiaries_reached: self.beneficiaries_reached,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ResponsibilityRecord {
    pub(super) initiative_code: String,
    pub(super) code: String,
    pub(super) agency_code: String,
    part: Part,
    title: String,
    deliverable: Option<String>,
    acceptance_criterion: Option<String>,
    weight: i32,
    due_on: NaiveDate,
}

impl ResponsibilityRecord {
    pub(super) fn fields(self, initiative_id: Id, agency_id: Id, day: impl Fn(NaiveDate) -> NaiveDate) -> ResponsibilityFields {
        ResponsibilityFields {
            code: self.code,
            initiative_id,
            agency_id,
            part: self.part,
            title: self.title,
            deliverable: self.deliverable,
            acceptance_criterion: self.acceptance_criterion,
            weight: self.weight,
            due_on: day(self.due_on),
        }
    }
}

/// The things that the story moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Thing {
    Initiative,
    Responsibility,
    Deferral,
}

/// One deed of the story.
#[derive(Deserialize)]
pub(super) struct StoryRecord {
    pub(super) day: NaiveDate,
    pub(super) actor: String,
    pub(super) resource: Thing,
    pub(super) initiative_code: String,
    pub(super) code: Option<String>,
    pub(super) to: String,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
    pub(super) reported_done_on: Option<NaiveDate>,
    pub(super) requested_due_on: Option<NaiveDate>,
}
