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
        /// None yet.
        None = "none",
        /// Goes first.
        Model = "model",
        /// Follows the model.
        Expansion = "expansion",
    }
}

field_from_json!(Designation);

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
