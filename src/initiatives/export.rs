//! An initiative as a row of a file.

use super::{dto::Initiative, queries::Initiatives};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    figures::{Health, Percent},
    http::export::{Cell, Column, Exporting},
};

impl Exporting for Initiatives {
    const SHEET: &'static str = "طرح‌ها";
    const COLUMNS: &'static [Column] = &[
        Column::writable("code", "کد"),
        Column::writable("neighborhood_code", "کد محله"),
        Column::writable("domain", "حوزه"),
        Column::writable("title", "عنوان"),
        Column::writable("description", "شرح"),
        Column::writable("objective", "هدف"),
        Column::writable("starts_on", "تاریخ شروع"),
        Column::writable("due_on", "تاریخ پایان"),
        Column::writable("lead_agency_code", "دستگاه مسئول"),
        Column::writable("weight", "وزن"),
        Column::writable("budget_planned_rial", "بودجه"),
        Column::writable("budget_spent_rial", "هزینه"),
        Column::writable("beneficiaries_planned", "بهره‌مندان هدف"),
        Column::writable("beneficiaries_reached", "بهره‌مندان"),
        Column::read_only("id", "شناسه"),
        Column::read_only("status", "وضعیت"),
        Column::read_only("completed_on", "تاریخ تکمیل"),
        Column::read_only("progress", "پیشرفت (درصد)"),
        Column::read_only("planned_progress", "پیشرفت برنامه‌ای (درصد)"),
        Column::read_only("health", "سلامت طرح"),
        Column::read_only("responsibilities_total", "شمار مسئولیت‌ها"),
        Column::read_only("responsibilities_verified", "مسئولیت‌های تأییدشده"),
        Column::read_only("responsibilities_late", "مسئولیت‌های دارای تأخیر"),
        Column::read_only("version", "نسخه"),
        Column::read_only("created_at", "زمان ایجاد"),
        Column::read_only("updated_at", "زمان ویرایش"),
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Initiative>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let province = scope.actor.province_id;
        let places = names::neighborhood_codes(conn, province, items.iter().map(|item| item.neighborhood_id))?;
        let agencies = names::agency_codes(conn, province, items.iter().filter_map(|item| item.lead_agency_id))?;
        let row = |item: Initiative| {
            vec![
                item.code.into(),
                places.get(&item.neighborhood_id).cloned().into(),
                item.domain.into(),
                item.title.into(),
                item.description.into(),
                item.objective.into(),
                item.starts_on.into(),
                item.due_on.into(),
                item.lead_agency_id.and_then(|lead| agencies.get(&lead).cloned()).into(),
                item.weight.into(),
                item.budget_planned_rial.into(),
                item.budget_spent_rial.into(),
                item.beneficiaries_planned.into(),
                item.beneficiaries_reached.into(),
                item.id.into(),
                item.status.as_str().into(),
                item.completed_on.into(),
                item.progress.map(Percent::number).into(),
                item.planned_progress.map(Percent::number).into(),
                item.health.map(Health::as_str).into(),
                item.responsibilities.total.into(),
                item.responsibilities.verified.into(),
                item.responsibilities.late.into(),
                item.version.into(),
                item.created_at.into(),
                item.updated_at.into(),
            ]
        };
        Ok(items.into_iter().map(row).collect())
    }
}
