//! A deferral as a row of a file.

use super::{dto::Deferral, queries::Deferrals};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Deferrals {
    const NAME: &'static str = "deferrals";
    const KIND: &'static str = "deferral";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "responsibility_id",
        "agency_code",
        "requested_due_on",
        "reason",
        "status",
        "decision_note",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Deferral>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let agencies = names::agency_codes(conn, scope.actor.province_id, items.iter().map(|item| item.agency_id))?;
        let row = |item: Deferral| {
            vec![
                item.id.into(),
                item.responsibility_id.into(),
                agencies.get(&item.agency_id).cloned().into(),
                item.requested_due_on.into(),
                item.reason.into(),
                item.status.as_str().into(),
                item.decision_note.into(),
                item.version.into(),
                item.created_at.into(),
                item.updated_at.into(),
            ]
        };
        Ok(items.into_iter().map(row).collect())
    }
}
