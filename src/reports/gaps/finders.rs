//! Where each kind of gap is found.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::Duration;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    sql_types::{Date, Text},
};

use super::{Gap, GapKind};
use crate::{
    clock::{midnight, tehran_day},
    db::{
        Conn, Id, MultiBackend, Timestamp,
        schema::{
            agencies as agency, domains as domain, initiatives as initiative, mandates as mandate, responsibilities as responsibility,
        },
        types::{DayColumn, sql::Uid},
    },
    error::ApiError,
    initiatives::{InitiativeStatus, queries::FARTHEST},
    neighborhoods::{self, Designation, rules::is_closed},
    reports::{
        refs::{self, NeighborhoodRow},
        scope::{UNANSWERED_AFTER_DAYS, View},
        statement::Statement,
    },
    responsibilities::ResponsibilityStatus,
};

/// A gap, and whether it is in a place of the caller's own.
pub type Found = (bool, Gap);

/// Initiatives that are not over and have no lead agency or lack a date.
///
/// # Errors
/// Those of the database.
pub fn of_initiatives(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
    type Row = (Id, String, String, Id, Timestamp);
    let open = || {
        view.initiatives().filter(initiative::status.ne_all(InitiativeStatus::OVER)).select((
            initiative::id,
            initiative::code,
            initiative::title,
            initiative::neighborhood_id,
            initiative::created_at,
        ))
    };
    // Each by the index of what is lacking; all in one would read every initiative.
    let no_lead: Vec<Row> = open().filter(initiative::lead_agency_id.is_null()).load(conn)?;
    let no_start: Vec<Row> = open().filter(initiative::starts_on.is_null()).load(conn)?;
    let no_end: Vec<Row> = open().filter(initiative::due_order.eq(FARTHEST)).load(conn)?;
    let undated: BTreeMap<Id, Row> = no_start.into_iter().chain(no_end).map(|row| (row.0, row)).collect();
    let gap = |kind, (id, code, name, place, made): Row| {
        let since = Some(tehran_day(made));
        (view.is_own(place), Gap { kind, resource_type: "initiative", resource_id: id, code, name, since })
    };
    let leaderless = no_lead.into_iter().map(|row| gap(GapKind::NoLead, row));
    Ok(leaderless.chain(undated.into_values().map(|row| gap(GapKind::InitiativeWithoutDates, row))).collect())
}

/// Responsibilities that an agency was asked to take on too long ago.
///
/// # Errors
/// Those of the database.
pub fn unanswered(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
    let asked_before = midnight(view.as_of - Duration::days(UNANSWERED_AFTER_DAYS));
    let rows: Vec<(Id, String, String, Id, Timestamp)> = view
        .responsibilities()
        .filter(
            responsibility::status.eq(ResponsibilityStatus::Proposed).and(responsibility::initiative_status.ne(InitiativeStatus::Draft)),
        )
        .filter(responsibility::status_since.lt(asked_before))
        .select((
            responsibility::id,
            responsibility::code,
            responsibility::title,
            responsibility::neighborhood_id,
            responsibility::status_since,
        ))
        .load(conn)?;
    let gap = |(id, code, name, place, since): (Id, String, String, Id, Timestamp)| {
        let since = Some(tehran_day(since));
        let gap = Gap { kind: GapKind::UnacceptedOver7Days, resource_type: "responsibility", resource_id: id, code, name, since };
        (view.is_own(place), gap)
    };
    Ok(rows.into_iter().map(gap).collect())
}

/// The neighbourhoods that are open today.
///
/// # Errors
/// Those of the database.
pub fn open_neighborhoods(conn: &mut Conn, view: &View<'_>) -> Result<Vec<NeighborhoodRow>, ApiError> {
    let all = refs::neighborhood_rows(conn, view)?;
    Ok(all.into_iter().filter(|row| !is_closed(row.closed_on, view.scope.today)).collect())
}

/// Open neighbourhoods without a manager today, since the last mandate ended.
///
/// # Errors
/// Those of the database.
pub fn unmanaged(conn: &mut Conn, view: &View<'_>, open: &[NeighborhoodRow]) -> Result<Vec<Found>, ApiError> {
    let managed = neighborhoods::queries::managers(conn, view.scope, open.iter().map(|row| row.id))?;
    let over = mandate::table
        .filter(mandate::province_id.eq(view.province()))
        .select((mandate::neighborhood_id, mandate::valid_to))
        .into_boxed::<MultiBackend>();
    let ended: Vec<(Id, DayColumn)> = Statement::<(Uid, Date)>::new("SELECT neighborhood_id, MAX(valid_to) FROM ")
        .query(over)
        .sql(format!(" AS m WHERE valid_to < '{}' GROUP BY neighborhood_id", view.scope.today))
        .load(conn)?;
    let ended: HashMap<Id, DayColumn> = ended.into_iter().collect();
    let gap = |row: &NeighborhoodRow| {
        let since = ended.get(&row.id).map(|day| day.0);
        let (code, name) = (row.code.clone(), row.name.clone());
        let gap = Gap { kind: GapKind::NeighborhoodWithoutManager, resource_type: "neighborhood", resource_id: row.id, code, name, since };
        (view.is_own(row.id), gap)
    };
    Ok(open.iter().filter(|row| !managed.contains_key(&row.id)).map(gap).collect())
}

/// Active agencies that take part in nothing.
///
/// # Errors
/// Those of the database.
pub fn idle_agencies(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
    let province = view.province();
    let idle: Vec<(Id, String, String)> = Statement::<(Uid, Text, Text)>::new("SELECT a.id, a.code, a.name FROM ")
        .query(view.agencies().filter(agency::active.eq(true)).select((agency::id, agency::code, agency::name)))
        // Not `NOT EXISTS`, for which PostgreSQL reads all who take part in anything.
        .sql(" AS a WHERE (SELECT 1 FROM initiative_agencies AS p JOIN ")
        .query(view.initiatives().select(initiative::id))
        .sql(format!(" AS i ON i.id = p.initiative_id WHERE p.province_id = {province} AND p.agency_id = a.id LIMIT 1) IS NULL"))
        .load(conn)?;
    let gap = |(id, code, name)| {
        let kind = GapKind::AgencyWithoutPart;
        (false, Gap { kind, resource_type: "agency", resource_id: id, code, name, since: None })
    };
    Ok(idle.into_iter().map(gap).collect())
}

/// Domains in which an open model or expansion neighbourhood has nothing live.
///
/// # Errors
/// Those of the database.
pub fn empty_domains(conn: &mut Conn, view: &View<'_>, open: &[NeighborhoodRow]) -> Result<Vec<Found>, ApiError> {
    let live = InitiativeStatus::ALL.iter().copied().filter(|status| status.is_live());
    let busy: HashSet<(Id, String)> = Statement::<(Uid, Text)>::new("SELECT DISTINCT neighborhood_id, domain FROM ")
        .query(view.initiatives().filter(initiative::status.eq_any(live)).select((initiative::neighborhood_id, initiative::domain)))
        .sql(" AS i")
        .load::<(Id, String)>(conn)?
        .into_iter()
        .collect();
    let active: Vec<(String, String)> = view.domains().filter(domain::active.eq(true)).select((domain::code, domain::name)).load(conn)?;
    let mut found = Vec::new();
    for row in open.iter().filter(|row| row.designation != Designation::None) {
        for (domain, name) in active.iter().filter(|(domain, _)| !busy.contains(&(row.id, domain.clone()))) {
            let (code, name) = (format!("{}/{domain}", row.code), format!("{} / {name}", row.name));
            let kind = GapKind::NoInitiativeInDomain;
            found.push((view.is_own(row.id), Gap { kind, resource_type: "neighborhood", resource_id: row.id, code, name, since: None }));
        }
    }
    Ok(found)
}
