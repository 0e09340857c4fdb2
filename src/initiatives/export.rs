//! An initiative as a row of a file.

use super::{dto::Initiative, queries::Initiatives};
use crate::{
    auth::Scope,
    db::{Conn, names},
    error::ApiError,
    figures::Health,
    http::export::{Cell, Exporting},
};

impl Exporting for Initiatives {
    const NAME: &'static str = "initiatives";
    const KIND: &'static str = "initiative";
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "neighborhood_code",
        "domain",
        "title",
        "description",
        "objective",
        "starts_on",
        "due_on",
        "lead_agency_code",
        "weight",
        "budget_planned_rial",
        "budget_spent_rial",
        "beneficiaries_planned",
        "beneficiaries_reached",
        "id",
        "status",
        "completed_on",
        "progress",
        "planned_progress",
        "health",
        "responsibilities_total",
        "responsibilities_verified",
        "responsibilities_late",
        "version",
        "created_at",
        "updated_at",
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
                item.progress.map(|percent| f64::from(percent.0) / 10.0).into(),
                item.planned_progress.map(|percent| f64::from(percent.0) / 10.0).into(),
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
