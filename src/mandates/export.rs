//! A mandate as a row of a file.

use super::{
    dto::Mandate,
    queries::{self, Mandates},
};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Mandates {
    const SHEET: &'static str = "حکم‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::read_only("username", "نام کاربری"),
        Column::read_only("neighborhood_code", "کد محله"),
        Column::read_only("order_no", "شمارهٔ حکم"),
        Column::read_only("valid_from", "از تاریخ"),
        Column::read_only("valid_to", "تا تاریخ"),
        Column::read_only("id", "شناسه"),
        Column::read_only("user_id", "شناسهٔ کاربر"),
        Column::read_only("neighborhood_id", "شناسهٔ محله"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Mandate>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let mut names = queries::names(conn, scope.actor.province_id, items.iter().map(|item| item.id))?;
        Ok(items.into_iter().map(|item| row(names.remove(&item.id), item)).collect())
    }
}

fn row(names: Option<(String, String)>, item: Mandate) -> Vec<Cell> {
    let (username, neighborhood_code) = names.unzip();
    vec![
        username.into(),
        neighborhood_code.into(),
        item.order_no.into(),
        item.valid_from.into(),
        item.valid_to.into(),
        item.id.into(),
        item.user_id.into(),
        item.neighborhood_id.into(),
        item.version.into(),
        item.created_at.into(),
        item.updated_at.into(),
    ]
}
