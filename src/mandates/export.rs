//! A mandate as a row of a file.

use super::{
    dto::Mandate,
    queries::{self, Mandates},
};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Mandates {
    const NAME: &'static str = "mandates";
    const KIND: &'static str = "mandate";
    const COLUMNS: &'static [&'static str] = &[
        "username",
        "neighborhood_code",
        "order_no",
        "valid_from",
        "valid_to",
        "id",
        "user_id",
        "neighborhood_id",
        "version",
        "created_at",
        "updated_at",
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
