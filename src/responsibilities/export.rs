//! A responsibility as a row of a file.

use super::{dto::Responsibility, queries::Responsibilities};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Responsibilities {
    const SHEET: &'static str = "مسئولیت‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::writable("initiative_code", "کد طرح"),
        Column::writable("code", "کد"),
        Column::writable("agency_code", "دستگاه"),
        Column::writable("part", "نقش"),
        Column::writable("title", "عنوان"),
        Column::writable("deliverable", "خروجی"),
        Column::writable("acceptance_criterion", "معیار پذیرش"),
        Column::writable("weight", "وزن"),
        Column::writable("due_on", "مهلت"),
        Column::read_only("id", "شناسه"),
        Column::read_only("neighborhood_code", "کد محله"),
        Column::read_only("status", "وضعیت"),
        Column::read_only("baseline_due_on", "مهلت مبنا"),
        Column::read_only("reported_done_on", "تاریخ انجام گزارش‌شده"),
        Column::read_only("report_note", "یادداشت گزارش"),
        Column::read_only("verified_at", "زمان تأیید"),
        Column::read_only("verified_by", "تأییدکننده"),
        Column::read_only("verification_note", "یادداشت تأیید"),
        Column::read_only("late", "تأخیر دارد"),
        Column::read_only("days_late", "روزهای تأخیر"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Responsibility>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let province = scope.actor.province_id;
        let initiatives = names::initiative_codes(conn, province, items.iter().map(|item| item.initiative_id))?;
        let agencies = names::agency_codes(conn, province, items.iter().map(|item| item.agency_id))?;
        let places = names::neighborhood_codes(conn, province, items.iter().map(|item| item.neighborhood_id))?;
        let row = |item: Responsibility| {
            vec![
                initiatives.get(&item.initiative_id).cloned().into(),
                item.code.into(),
                agencies.get(&item.agency_id).cloned().into(),
                item.part.as_str().into(),
                item.title.into(),
                item.deliverable.into(),
                item.acceptance_criterion.into(),
                item.weight.into(),
                item.due_on.into(),
                item.id.into(),
                places.get(&item.neighborhood_id).cloned().into(),
                item.status.as_str().into(),
                item.baseline_due_on.into(),
                item.reported_done_on.into(),
                item.report_note.into(),
                item.verified_at.into(),
                item.verified_by.into(),
                item.verification_note.into(),
                item.late.into(),
                item.days_late.into(),
                item.version.into(),
                item.created_at.into(),
                item.updated_at.into(),
            ]
        };
        Ok(items.into_iter().map(row).collect())
    }
}
