//! An agency as a row of a file.

use super::{dto::Agency, queries::Agencies};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Agencies {
    const SHEET: &'static str = "دستگاه‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::writable("code", "کد"),
        Column::writable("name", "نام"),
        Column::writable("name_en", "نام انگلیسی"),
        Column::writable("kind", "نوع"),
        Column::writable("phone", "تلفن"),
        Column::writable("email", "رایانامه"),
        Column::writable("active", "فعال"),
        Column::read_only("id", "شناسه"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(_: &mut Conn, _: &Scope, items: Vec<Agency>) -> Result<Vec<Vec<Cell>>, ApiError> {
        Ok(items.into_iter().map(row).collect())
    }
}

fn row(item: Agency) -> Vec<Cell> {
    vec![
        item.code.into(),
        item.name.into(),
        item.name_en.into(),
        item.kind.as_str().into(),
        item.phone.into(),
        item.email.into(),
        item.active.into(),
        item.id.into(),
        item.version.into(),
        item.created_at.into(),
        item.updated_at.into(),
    ]
}
