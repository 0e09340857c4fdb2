//! An event as a row of a file.

use super::{dto::Event, queries::Events};
use crate::{
    auth::Scope,
    db::Conn,
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Events {
    const SHEET: &'static str = "رویدادها";
    const COLUMNS: &'static [Column] = &[
        Column::read_only("seq", "شماره"),
        Column::read_only("id", "شناسه"),
        Column::read_only("at", "زمان"),
        Column::read_only("actor_id", "شناسهٔ کاربر"),
        Column::read_only("actor_username", "نام کاربری"),
        Column::read_only("role", "نقش"),
        Column::read_only("action", "کار"),
        Column::read_only("resource_type", "نوع مورد"),
        Column::read_only("resource_id", "شناسهٔ مورد"),
        Column::read_only("version", "نسخه"),
        Column::read_only("changes", "تغییرها"),
        Column::read_only("reason", "دلیل"),
        Column::read_only("request_id", "شناسهٔ درخواست"),
        Column::read_only("prev_hash", "چکیدهٔ پیشین"),
        Column::read_only("hash", "چکیده"),
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
