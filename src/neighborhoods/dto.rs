//! Bodies and answers.

mod body;
mod filter;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub use body::{NeighborhoodFields, NeighborhoodPatch, NewNeighborhood};
pub use filter::NeighborhoodFilter;

use super::{
    geo::{self, BoundarySchema, PointSchema},
    queries::NeighborhoodRow,
};
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Code, Count, Day, Line, field_from_json},
        page::page_of,
    },
};

text_enum! {
    /// What part a neighbourhood has in the programme.
    pub enum Designation {
        /// It has none yet.
        None = "none",
        /// It goes first.
        Model = "model",
        /// It follows the model neighbourhoods.
        Expansion = "expansion",
    }
}

field_from_json!(Designation);

/// The manager of a neighbourhood today.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Manager {
    /// The manager's user id.
    pub user_id: Id,
    /// Display name.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// The mandate by which the manager has it.
    pub mandate_id: Id,
}

/// A neighbourhood.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Neighborhood {
    /// Its id.
    pub id: Id,
    /// Its code, unique in the province; case does not count.
    #[schema(value_type = Code)]
    pub code: String,
    /// Its name in Persian.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Its name in English; null where none is given.
    #[schema(value_type = Option<Line<200>>)]
    pub name_en: Option<String>,
    /// The county (شهرستان) it lies in; null where not given.
    #[schema(value_type = Option<Line<100>>)]
    pub county: Option<String>,
    /// The city (شهر) it lies in.
    #[schema(value_type = Line<100>)]
    pub city: String,
    /// The district (منطقه) of the city it lies in; null where not given.
    #[schema(value_type = Option<Line<100>>)]
    pub district: Option<String>,
    /// How many persons live there; null where unknown.
    #[schema(value_type = Option<Count>)]
    pub population: Option<i64>,
    /// How many households there are; null where unknown.
    #[schema(value_type = Option<Count>)]
    pub households: Option<i64>,
    /// The date of `population` and `households`; null where not given.
    #[schema(value_type = Option<Day>)]
    pub profile_as_of: Option<NaiveDate>,
    /// Its boundary, a GeoJSON Polygon or MultiPolygon in WGS84; null where not given.
    #[schema(value_type = Option<BoundarySchema>)]
    pub boundary: Option<Value>,
    /// Its place on the map, a GeoJSON Point in WGS84; null where not given.
    #[schema(value_type = Option<PointSchema>)]
    pub location: Option<Value>,
    /// Its part in the programme.
    pub designation: Designation,
    /// The day on which it got its designation; null where not given.
    #[schema(value_type = Option<Day>)]
    pub designated_on: Option<NaiveDate>,
    /// The day from which on it is closed; null while none is set.
    #[schema(value_type = Option<Day>)]
    pub closed_on: Option<NaiveDate>,
    /// Its manager today; null where no mandate is valid today.
    pub manager: Option<Manager>,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Neighborhood {
    /// The answer for a row, with its manager of today.
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

    /// The longitude and latitude of its location.
    pub fn lon_lat(&self) -> Option<(f64, f64)> {
        self.location.as_ref().and_then(geo::lon_lat)
    }
}

page_of!(NeighborhoodPage, Neighborhood);
