//! A row, and what changes of it.

use chrono::NaiveDate;
use diesel::{AsChangeset, Insertable, Queryable};

use crate::{
    db::{Id, JsonDoc, Timestamp, schema::neighborhoods as table, search},
    neighborhoods::{
        dto::{Designation, NeighborhoodFields},
        geo, rules,
    },
    persian,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct NeighborhoodRow {
    pub province_id: i32,
    pub id: Id,
    pub code: String,
    pub code_key: String,
    pub name: String,
    pub name_sort: Vec<u8>,
    pub name_en: Option<String>,
    pub search_key: String,
    pub county: Option<String>,
    pub county_key: Option<String>,
    pub city: String,
    pub city_key: String,
    pub district: Option<String>,
    pub district_key: Option<String>,
    pub population: Option<i64>,
    pub population_order: i64,
    pub households: Option<i64>,
    pub profile_as_of: Option<NaiveDate>,
    pub boundary: Option<JsonDoc>,
    pub location: Option<JsonDoc>,
    pub longitude: Option<f64>,
    pub latitude: Option<f64>,
    pub designation: Designation,
    pub designated_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl NeighborhoodRow {
    /// Its writable fields.
    pub fn fields(&self) -> NeighborhoodFields {
        let row = self.clone();
        NeighborhoodFields {
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
        }
    }

    /// Whether it is closed on a day.
    pub fn is_closed(&self, today: NaiveDate) -> bool {
        rules::is_closed(self.closed_on, today)
    }
}

/// The fields with the keys that are derived from them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Columns {
    code: String,
    code_key: String,
    name: String,
    name_sort: Vec<u8>,
    name_en: Option<String>,
    search_key: String,
    county: Option<String>,
    county_key: Option<String>,
    city: String,
    city_key: String,
    district: Option<String>,
    district_key: Option<String>,
    population: Option<i64>,
    population_order: i64,
    households: Option<i64>,
    profile_as_of: Option<NaiveDate>,
    boundary: Option<JsonDoc>,
    location: Option<JsonDoc>,
    longitude: Option<f64>,
    latitude: Option<f64>,
    designation: Designation,
    designated_on: Option<NaiveDate>,
    closed_on: Option<NaiveDate>,
}

impl From<NeighborhoodFields> for Columns {
    fn from(fields: NeighborhoodFields) -> Self {
        let place = fields.location.as_ref().and_then(geo::lon_lat);
        Self {
            code_key: persian::code_key(&fields.code),
            name_sort: persian::sort_key(&fields.name),
            search_key: search::key(&[Some(&fields.code), Some(&fields.name), fields.name_en.as_deref()]),
            county_key: fields.county.as_deref().map(persian::search_key),
            city_key: persian::search_key(&fields.city),
            district_key: fields.district.as_deref().map(persian::search_key),
            // An unknown population counts as the lowest.
            population_order: fields.population.unwrap_or(-1),
            longitude: place.map(|(longitude, _)| longitude),
            latitude: place.map(|(_, latitude)| latitude),
            boundary: fields.boundary.map(JsonDoc),
            location: fields.location.map(JsonDoc),
            code: fields.code,
            name: fields.name,
            name_en: fields.name_en,
            county: fields.county,
            city: fields.city,
            district: fields.district,
            population: fields.population,
            households: fields.households,
            profile_as_of: fields.profile_as_of,
            designation: fields.designation,
            designated_on: fields.designated_on,
            closed_on: fields.closed_on,
        }
    }
}
