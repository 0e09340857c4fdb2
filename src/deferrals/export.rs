//! A deferral as a row of a file.

use super::{dto::Deferral, queries::Deferrals};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Deferrals {
    const SHEET: &'static str = "درخواست‌های تمدید";
    const COLUMNS: &'static [Column] = &[
        Column::read_only("id", "شناسه"),
        Column::read_only("responsibility_id", "شناسهٔ مسئولیت"),
        Column::read_only("agency_code", "دستگاه"),
        Column::read_only("requested_due_on", "مهلت درخواستی"),
        Column::read_only("reason", "دلیل"),
        Column::read_only("status", "وضعیت"),
        Column::read_only("decision_note", "یادداشت تصمیم"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
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
