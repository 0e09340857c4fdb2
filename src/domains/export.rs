//! A domain as a row of a file.

use super::{dto::Domain, queries::Domains};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Domains {
    const SHEET: &'static str = "حوزه‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::read_only("code", "کد"),
        Column::read_only("name", "نام"),
        Column::read_only("name_en", "نام انگلیسی"),
        Column::read_only("position", "ترتیب"),
        Column::read_only("active", "فعال"),
        Column::read_only("id", "شناسه"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(_: &mut Conn, _: &Scope, items: Vec<Domain>) -> Result<Vec<Vec<Cell>>, ApiError> {
        Ok(items.into_iter().map(row).collect())
    }
}

fn row(item: Domain) -> Vec<Cell> {
    vec![
        item.code.into(),
        item.name.into(),
        item.name_en.into(),
        item.position.into(),
        item.active.into(),
        item.id.into(),
        item.version.into(),
        item.created_at.into(),
        item.updated_at.into(),
    ]
}
