//! Bodies and answers.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    geo::{self, Boundary, BoundarySchema, Location, PointSchema},
    queries::NeighborhoodRow,
};
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Code, Count, Day, Field, Line, Refusal, field_from_json},
        page::page_of,
        patch::Patch,
        query::{AnyOf, CodeKey, Flag, Folded, Search},
        shape::Faults,
    },
};

text_enum! {
    /// What part a neighbourhood has in the programme.
    pub enum Designation {
        /// None yet.
        None = "none",
        /// Goes first.
        Model = "model",
        /// Follows the model.
        Expansion = "expansion",
    }
}

/// What can be written of a neighbourhood; the shape that changes are compared in.
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

/// A new neighbourhood.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"code": "niroogah", "name": "نیروگاه", "name_en": "Niroogah", "county": "قم", "city": "قم", "population": 42000}))]
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

/// Changes to a neighbourhood: absent leaves, null clears.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"population": 43150, "profile_as_of": "2026-03-20"}))]
pub struct NeighborhoodPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    pub(super) name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub(super) name_en: Patch<Option<Line<200>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub(super) county: Patch<Option<Line<100>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>, nullable = false)]
    pub(super) city: Patch<Line<100>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>)]
    pub(super) district: Patch<Option<Line<100>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(super) population: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(super) households: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(super) profile_as_of: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<BoundarySchema>)]
    pub(super) boundary: Patch<Option<Boundary>>,
    #[deserr(default)]
    #[schema(value_type = Option<PointSchema>)]
    pub(super) location: Patch<Option<Location>>,
    #[deserr(default)]
    #[schema(value_type = Option<Designation>, nullable = false)]
    pub(super) designation: Patch<Designation>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(super) designated_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(super) closed_on: Patch<Option<Day>>,
}

impl NeighborhoodPatch {
    /// The fields with the changes in them.
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

/// Who manages a place today.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Manager {
    /// The user.
    pub user_id: Id,
    /// His name for people.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// The mandate that makes him so.
    pub mandate_id: Id,
}

/// A neighbourhood.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Neighborhood {
    /// Its id.
    pub id: Id,
    /// Unique in the province, compared without case.
    #[schema(value_type = Code)]
    pub code: String,
    /// In Persian.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// In English.
    #[schema(value_type = Option<Line<200>>)]
    pub name_en: Option<String>,
    /// شهرستان.
    #[schema(value_type = Option<Line<100>>)]
    pub county: Option<String>,
    /// شهر.
    #[schema(value_type = Line<100>)]
    pub city: String,
    /// منطقه.
    #[schema(value_type = Option<Line<100>>)]
    pub district: Option<String>,
    /// Persons.
    #[schema(value_type = Option<Count>)]
    pub population: Option<i64>,
    /// Households.
    #[schema(value_type = Option<Count>)]
    pub households: Option<i64>,
    /// The day that the two figures are of.
    #[schema(value_type = Option<Day>)]
    pub profile_as_of: Option<NaiveDate>,
    /// GeoJSON Polygon or MultiPolygon, WGS84.
    #[schema(value_type = Option<BoundarySchema>)]
    pub boundary: Option<Value>,
    /// GeoJSON Point, WGS84.
    #[schema(value_type = Option<PointSchema>)]
    pub location: Option<Value>,
    /// Its part in the programme.
    pub designation: Designation,
    /// Since when.
    #[schema(value_type = Option<Day>)]
    pub designated_on: Option<NaiveDate>,
    /// The day from which it is closed.
    #[schema(value_type = Option<Day>)]
    pub closed_on: Option<NaiveDate>,
    /// Who manages it today.
    pub manager: Option<Manager>,
    /// Moved by changes of its own fields.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Neighborhood {
    /// A row with its manager of today.
    pub fn new(row: NeighborhoodRow, manager: Option<Manager>) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            county: row.county,
            city: row.city,
            district: row.district,
            population: row.population,
            households: row.households,
            profile_as_of: row.profile_as_of,
            boundary: row.boundary.map(|area| area.0),
            location: row.location.map(|point| point.0),
            designation: row.designation,
            designated_on: row.designated_on,
            closed_on: row.closed_on,
            manager,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// Longitude and latitude.
    pub fn lon_lat(&self) -> Option<(f64, f64)> {
        self.location.as_ref().and_then(geo::lon_lat)
    }
}

page_of!(NeighborhoodPage, Neighborhood);

/// A box on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Degrees.
    pub west: f64,
    /// Degrees.
    pub south: f64,
    /// Degrees.
    pub east: f64,
    /// Degrees.
    pub north: f64,
}

impl Field for BoundingBox {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let parts: Option<Vec<f64>> =
            text.split(',').map(|part| part.trim().parse::<f64>().ok().filter(|degrees| degrees.is_finite())).collect();
        match parts.as_deref() {
            Some(&[west, south, east, north])
                if west <= east && south <= north && west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0 =>
            {
                Ok(Self { west, south, east, north })
            }
            _ => Err((crate::fault::FaultCode::InvalidFormat, vec!["minlon,minlat,maxlon,maxlat".into()])),
        }
    }
}

field_from_json!(BoundingBox, Designation);

/// Which neighbourhoods.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeighborhoodFilter {
    /// Codes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub code: Option<AnyOf<CodeKey>>,
    /// Cities, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub city: Option<AnyOf<Folded>>,
    /// Counties, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub county: Option<AnyOf<Folded>>,
    /// Districts, separated by commas; compared folded.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub district: Option<AnyOf<Folded>>,
    /// `none`, `model`, `expansion`, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub designation: Option<AnyOf<Designation>>,
    /// Whether closed.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub closed: Option<Flag>,
    /// `minlon,minlat,maxlon,maxlat`, of the location.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub bbox: Option<BoundingBox>,
    /// Words, each a part of code, name or English name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
