//! A neighbourhood as a row of a file.

use serde_json::Value;

use super::{dto::Neighborhood, geo::right_handed, queries::Neighborhoods};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Neighborhoods {
    const SHEET: &'static str = "محله‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::writable("code", "کد"),
        Column::writable("name", "نام"),
        Column::writable("name_en", "نام انگلیسی"),
        Column::writable("county", "شهرستان"),
        Column::writable("city", "شهر"),
        Column::writable("district", "منطقه"),
        Column::writable("population", "جمعیت"),
        Column::writable("households", "خانوار"),
        Column::writable("profile_as_of", "تاریخ آمار"),
        Column::writable("designation", "نوع محله"),
        Column::writable("designated_on", "تاریخ تعیین"),
        Column::writable("latitude", "عرض جغرافیایی"),
        Column::writable("longitude", "طول جغرافیایی"),
        Column::read_only("id", "شناسه"),
        Column::read_only("closed_on", "تاریخ بسته‌شدن"),
        Column::read_only("boundary", "مرز"),
        Column::read_only("location", "موقعیت"),
        Column::read_only("manager", "مدیر محله"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(_: &mut Conn, _: &Scope, items: Vec<Neighborhood>) -> Result<Vec<Vec<Cell>>, ApiError> {
        Ok(items.into_iter().map(row).collect())
    }

    /// The boundary, or the location where there is none.
    fn geometry(cells: &[Cell]) -> Value {
        let of = |column: &str| match Self::COLUMNS.iter().zip(cells).find(|(known, _)| known.name == column) {
            Some((_, Cell::Json(value))) => Some(value.clone()),
            _ => None,
        };
        of("boundary").map(right_handed).or_else(|| of("location")).unwrap_or_default()
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
