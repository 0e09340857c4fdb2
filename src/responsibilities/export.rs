//! A responsibility as a row of a file.

use super::{dto::Responsibility, queries::Responsibilities};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    http::export::{Cell, Exporting},
};

impl Exporting for Responsibilities {
    const NAME: &'static str = "responsibilities";
    const KIND: &'static str = "responsibility";
    const COLUMNS: &'static [&'static str] = &[
        "initiative_code",
        "code",
        "agency_code",
        "part",
        "title",
        "deliverable",
        "acceptance_criterion",
        "weight",
        "due_on",
        "id",
        "neighborhood_code",
        "status",
        "baseline_due_on",
        "reported_done_on",
        "report_note",
        "verified_at",
        "verified_by",
        "verification_note",
        "late",
        "days_late",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(conn: &mut Conn, scope: &Scope, items: Vec<Responsibility>) -> Result<Vec<Vec<Cell>>, ApiError> {
        let province = scope.actor.province_id;
        let initiatives = names::initiative_codes(conn, province, items.iter().map(|item| item.initiative_id))?;
        let agencies = names::agency_codes(conn, province, items.iter().map(|item| item.agency_id))?;
        let places = names::neighborhood_codes(conn, province, items.iter().map(|item| item.neighborhood_id))?;
        let people = names::usernames(conn, province, items.iter().filter_map(|item| item.verified_by))?;
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
                item.verified_by.and_then(|user| people.get(&user).cloned()).into(),
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
