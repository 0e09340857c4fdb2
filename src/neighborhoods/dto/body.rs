//! The bodies of requests, and how a patch changes the fields.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Designation;
use crate::{
    http::{
        fields::{Code, Count, Day, Line},
        patch::Patch,
        shape::Faults,
    },
    neighborhoods::geo::{Boundary, BoundarySchema, Location, PointSchema},
};

/// The writable fields of a neighbourhood; changes are found by comparing two of these.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct NeighborhoodFields {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub county: Option<String>,
    pub city: String,
    pub district: Option<String>,
    pub population: Option<i64>,
    pub households: Option<i64>,
    pub profile_as_of: Option<NaiveDate>,
    pub boundary: Option<Value>,
    pub location: Option<Value>,
    pub designation: Designation,
    pub designated_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
}

/// A new neighbourhood; its designation is `none` where nothing is said.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewNeighborhood {
    code: Code,
    name: Line<200>,
    #[deserr(default)]
    name_en: Option<Line<200>>,
    #[deserr(default)]
    county: Option<Line<100>>,
    city: Line<100>,
    #[deserr(default)]
    district: Option<Line<100>>,
    #[deserr(default)]
    population: Option<Count>,
    #[deserr(default)]
    households: Option<Count>,
    #[deserr(default)]
    profile_as_of: Option<Day>,
    #[deserr(default)]
    #[schema(value_type = Option<BoundarySchema>)]
    boundary: Option<Boundary>,
    #[deserr(default)]
    #[schema(value_type = Option<PointSchema>)]
    location: Option<Location>,
    #[deserr(default)]
    designation: Option<Designation>,
    #[deserr(default)]
    designated_on: Option<Day>,
    #[deserr(default)]
    closed_on: Option<Day>,
}

impl From<NewNeighborhood> for NeighborhoodFields {
    fn from(new: NewNeighborhood) -> Self {
        Self {
            code: new.code.0,
            name: new.name.0,
            name_en: new.name_en.map(|text| text.0),
            county: new.county.map(|text| text.0),
            city: new.city.0,
            district: new.district.map(|text| text.0),
            population: new.population.map(|count| count.0),
            households: new.households.map(|count| count.0),
            profile_as_of: new.profile_as_of.map(|day| day.0),
            boundary: new.boundary.map(|area| area.0),
            location: new.location.map(|point| point.0),
            designation: new.designation.unwrap_or(Designation::None),
            designated_on: new.designated_on.map(|day| day.0),
            closed_on: new.closed_on.map(|day| day.0),
        }
    }
}

/// Changes to a neighbourhood: an absent field stays as it is, null clears one that may be null.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NeighborhoodPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(in crate::neighborhoods) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    pub(in crate::neighborhoods) name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub(in crate::neighborhoods) name_en: Patch<Option<Line<200>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub(in crate::neighborhoods) county: Patch<Option<Line<100>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>, nullable = false)]
    pub(in crate::neighborhoods) city: Patch<Line<100>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub(in crate::neighborhoods) district: Patch<Option<Line<100>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(in crate::neighborhoods) population: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(in crate::neighborhoods) households: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(in crate::neighborhoods) profile_as_of: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<BoundarySchema>)]
    pub(in crate::neighborhoods) boundary: Patch<Option<Boundary>>,
    #[deserr(default)]
    #[schema(value_type = Option<PointSchema>)]
    pub(in crate::neighborhoods) location: Patch<Option<Location>>,
    #[deserr(default)]
    #[schema(value_type = Option<Designation>, nullable = false)]
    pub(in crate::neighborhoods) designation: Patch<Designation>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(in crate::neighborhoods) designated_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(in crate::neighborhoods) closed_on: Patch<Option<Day>>,
}

impl NeighborhoodPatch {
    /// `fields` with these changes made.
    pub fn onto(self, mut fields: NeighborhoodFields) -> NeighborhoodFields {
        self.code.apply(&mut fields.code, |code| code.0);
        self.name.apply(&mut fields.name, |text| text.0);
        self.name_en.apply(&mut fields.name_en, |text| text.map(|text| text.0));
        self.county.apply(&mut fields.county, |text| text.map(|text| text.0));
        self.city.apply(&mut fields.city, |text| text.0);
        self.district.apply(&mut fields.district, |text| text.map(|text| text.0));
        self.population.apply(&mut fields.population, |count| count.map(|count| count.0));
        self.households.apply(&mut fields.households, |count| count.map(|count| count.0));
        self.profile_as_of.apply(&mut fields.profile_as_of, |day| day.map(|day| day.0));
        self.boundary.apply(&mut fields.boundary, |area| area.map(|area| area.0));
        self.location.apply(&mut fields.location, |point| point.map(|point| point.0));
        self.designation.apply(&mut fields.designation, |word| word);
        self.designated_on.apply(&mut fields.designated_on, |day| day.map(|day| day.0));
        self.closed_on.apply(&mut fields.closed_on, |day| day.map(|day| day.0));
        fields
    }
}
