//! An event as a row of a file.

use super::{dto::Event, queries::Events};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Events {
    const NAME: &'static str = "events";
    const KIND: &'static str = "event";
    const COLUMNS: &'static [&'static str] = &[
        "seq",
        "id",
        "at",
        "actor_id",
        "actor_username",
        "role",
        "action",
        "resource_type",
        "resource_id",
        "version",
        "changes",
        "reason",
        "request_id",
        "prev_hash",
        "hash",
    ];

    fn cells(_: &mut Conn, _: &Scope, items: Vec<Event>) -> Result<Vec<Vec<Cell>>, ApiError> {
        Ok(items.into_iter().map(row).collect())
    }
}

fn row(item: Event) -> Vec<Cell> {
    let changes = serde_json::to_value(&item.changes).unwrap_or_default();
    vec![
        item.seq.into(),
        item.id.into(),
        item.at.into(),
        item.actor.as_ref().map(|actor| actor.id).into(),
        item.actor.as_ref().map(|actor| actor.username.clone()).into(),
        item.actor.map(|actor| actor.role).into(),
        item.action.as_str().into(),
        item.resource_type.into(),
        item.resource_id.into(),
        item.version.into(),
        Cell::Json(changes),
        item.reason.into(),
        item.request_id.into(),
        item.prev_hash.into(),
        item.hash.into(),
    ]
}
