//! A neighbourhood as a row of a file.

use serde_json::Value;

use super::{dto::Neighborhood, queries::Neighborhoods};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Neighborhoods {
    const NAME: &'static str = "neighborhoods";
    const KIND: &'static str = "neighborhood";
    const ON_MAP: bool = true;
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "name",
        "name_en",
        "county",
        "city",
        "district",
        "population",
        "households",
        "profile_as_of",
        "designation",
        "designated_on",
        "latitude",
        "longitude",
        "id",
        "closed_on",
        "boundary",
        "location",
        "manager",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(_: &mut Conn, _: &Scope, items: Vec<Neighborhood>) -> Result<Vec<Vec<Cell>>, ApiError> {
        Ok(items.into_iter().map(row).collect())
    }

    /// The boundary, or the location where there is none.
    fn geometry(cells: &[Cell]) -> Value {
        let of = |column: &str| match Self::COLUMNS.iter().zip(cells).find(|(name, _)| **name == column) {
            Some((_, Cell::Json(value))) => Some(value.clone()),
            _ => None,
        };
        of("boundary").or_else(|| of("location")).unwrap_or_default()
    }
}

fn row(item: Neighborhood) -> Vec<Cell> {
    let place = item.lon_lat();
    vec![
        item.code.into(),
        item.name.into(),
        item.name_en.into(),
        item.county.into(),
        item.city.into(),
        item.district.into(),
        item.population.into(),
        item.households.into(),
        item.profile_as_of.into(),
        item.designation.as_str().into(),
        item.designated_on.into(),
        place.map(|(_, latitude)| latitude).into(),
        place.map(|(longitude, _)| longitude).into(),
        item.id.into(),
        item.closed_on.into(),
        item.boundary.map_or(Cell::Empty, Cell::Json),
        item.location.map_or(Cell::Empty, Cell::Json),
        item.manager.map(|manager| manager.display_name).into(),
        item.version.into(),
        item.created_at.into(),
        item.updated_at.into(),
    ]
}
