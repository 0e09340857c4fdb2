//! A user as a row of a file.

use super::{dto::User, queries::Users};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Users {
    const SHEET: &'static str = "کاربران";
    const COLUMNS: &'static [Column] = &[
        Column::writable("username", "نام کاربری"),
        Column::writable("display_name", "نام نمایشی"),
        Column::writable("role", "نقش"),
        Column::writable("agency_code", "دستگاه"),
        Column::writable("active", "فعال"),
        Column::read_only("id", "شناسه"),
        Column::read_only("agency_id", "شناسهٔ دستگاه"),
        Column::read_only("must_change_password", "گذرواژه باید عوض شود"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<User>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let codes = names::agency_codes(conn, scope.actor.province_id, items.iter().filter_map(|item| item.agency_id))?;
        let code = |item: &User| item.agency_id.and_then(|agency| codes.get(&agency).cloned());
        Ok(items.into_iter().map(|item| row(code(&item), item)).collect())
    }
}

fn row(agency_code: Option<String>, item: User) -> Vec<Cell> {
    vec![
        item.username.into(),
        item.display_name.into(),
        item.role.as_str().into(),
        agency_code.into(),
        item.active.into(),
        item.id.into(),
        item.agency_id.into(),
        item.must_change_password.into(),
        item.version.into(),
        item.created_at.into(),
        item.updated_at.into(),
    ]
}
