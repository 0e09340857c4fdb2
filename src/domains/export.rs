//! A domain as a row of a file.

use super::{dto::Domain, queries::Domains};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Domains {
    const NAME: &'static str = "domains";
    const KIND: &'static str = "domain";
    const COLUMNS: &'static [&'static str] =
        &["code", "name", "name_en", "position", "active", "id", "version", "created_at", "updated_at"];

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
