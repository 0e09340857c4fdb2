//! An agency as a row of a file.

use super::{dto::Agency, queries::Agencies};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Agencies {
    const NAME: &'static str = "agencies";
    const KIND: &'static str = "agency";
    const COLUMNS: &'static [&'static str] =
        &["code", "name", "name_en", "kind", "phone", "email", "active", "id", "version", "created_at", "updated_at"];

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
