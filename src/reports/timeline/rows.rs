//! What stands on the timeline.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::{TimelineInitiative, TimelineResponsibility};
use crate::{
    db::{
        Conn, Id,
        schema::{initiatives as initiative, responsibilities as responsibility},
        types::DayColumn,
        within,
    },
    error::ApiError,
    figures,
    initiatives::InitiativeStatus,
    persian,
    reports::{
        dto::{NamedRef, TitledRef},
        refs,
        scope::View,
    },
    responsibilities::ResponsibilityStatus,
};

type Row = ((Id, String, String, Id, String), (Option<DayColumn>, Option<DayColumn>, InitiativeStatus));

/// The initiatives, those of the caller's own places first, then as they start; what has no date last.
pub fn initiatives(conn: &mut Conn, view: &View<'_>) -> Result<Vec<TimelineInitiative>, ApiError> {
    let found: Vec<Row> = view
        .initiatives()
        .select((
            (initiative::id, initiative::code, initiative::title, initiative::neighborhood_id, initiative::domain),
            (initiative::starts_on, initiative::due_on, initiative::status),
        ))
        .load(conn)?;
    let (neighborhoods, domains) = (refs::neighborhoods(conn, view)?, refs::domains(conn, view)?);
    let mut rows: Vec<TimelineInitiative> = found
        .into_iter()
        .map(|((id, code, title, place, domain), (starts, due, status))| TimelineInitiative {
            initiative: TitledRef { id, code, title },
            neighborhood: refs::of(&neighborhoods, place),
            domain: domains.get(&domain).cloned().unwrap_or_else(|| NamedRef {
                id: Id::NOBODY,
                code: domain.clone(),
                name: domain,
                name_en: None,
            }),
            starts_on: starts.map(|day| day.0),
            due_on: due.map(|day| day.0),
            status,
            progress: None,
            health: None,
            responsibilities: Vec::new(),
        })
        .collect();
    rows.sort_by_cached_key(|row| {
        let is_elsewhere = !view.is_own(row.neighborhood.id);
        (is_elsewhere, row.starts_on.is_none(), row.starts_on, row.due_on, persian::code_key(&row.initiative.code), row.initiative.id)
    });
    Ok(rows)
}

type ResponsibilityRow =
    ((Id, Id, String, String, Id), (DayColumn, Option<DayColumn>, Option<DayColumn>), (ResponsibilityStatus, InitiativeStatus, i32));

/// The responsibilities of those initiatives, by due date and code.
pub fn responsibilities(
    conn: &mut Conn,
    view: &View<'_>,
) -> Result<HashMap<Id, Vec<(figures::Responsibility, TimelineResponsibility)>>, ApiError> {
    let agencies = refs::agencies(conn, view)?;
    let found: Vec<ResponsibilityRow> = view
        .responsibilities()
        .filter(within(responsibility::initiative_id, view.initiatives().select(initiative::id)))
        .order((responsibility::due_on.asc(), responsibility::code_key.asc(), responsibility::id.asc()))
        .select((
            (responsibility::initiative_id, responsibility::id, responsibility::code, responsibility::title, responsibility::agency_id),
            (responsibility::due_on, responsibility::baseline_due_on, responsibility::reported_done_on),
            (responsibility::status, responsibility::initiative_status, responsibility::weight),
        ))
        .load(conn)?;
    let mut by_initiative: HashMap<Id, Vec<(figures::Responsibility, TimelineResponsibility)>> = HashMap::new();
    for ((of, id, code, title, agency), (due, baseline, done), (status, stage, weight)) in found {
        let (due_on, baseline_due_on) = (due.0, baseline.map(|day| day.0));
        let judged = figures::Responsibility::of((stage, status), weight, due_on, baseline_due_on);
        let agency = refs::of(&agencies, agency);
        let reported_done_on = done.map(|day| day.0);
        let shown = TimelineResponsibility { id, code, title, agency, due_on, baseline_due_on, status, reported_done_on };
        by_initiative.entry(of).or_default().push((judged, shown));
    }
    Ok(by_initiative)
}
