//! `gaps`: what the programme lacks, and since when.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Duration, NaiveDate};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    sql_types::{Date, Text},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Report, Table, definitions,
    dto::answer_of,
    refs::{self, Place},
    scope::{PATIENCE_DAYS, View},
    statement::Statement,
};
use crate::{
    clock::{midnight, tehran_day},
    db::{
        Conn, Id, Timestamp,
        schema::{agencies as agency, domains as domain, initiatives as initiative, mandates as mandate, responsibilities as task},
        text_enum,
        types::{DayColumn, sql::Uid},
    },
    error::ApiError,
    http::{
        export::Cell,
        fields::{Day, Line},
    },
    initiatives::{InitiativeStatus, queries::FARTHEST},
    neighborhoods::{Designation, queries as places, rules::is_closed},
    responsibilities::ResponsibilityStatus,
};

text_enum! {
    /// Kind of gap; the report's `definition` explains each.
    pub enum GapKind {
        /// An initiative has no lead agency.
        NoLead = "no_lead",
        /// An initiative lacks a date.
        InitiativeWithoutDates = "initiative_without_dates",
        /// An agency has not answered for more than 7 days.
        UnacceptedOver7Days = "unaccepted_over_7_days",
        /// An open neighbourhood has no manager today.
        NeighborhoodWithoutManager = "neighborhood_without_manager",
        /// An active agency takes part in nothing.
        AgencyWithoutPart = "agency_without_part",
        /// A model or expansion neighbourhood has nothing live in a domain.
        NoInitiativeInDomain = "no_initiative_in_domain",
    }
}

/// Something that the programme lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// What is lacking.
    pub kind: GapKind,
    /// Kind of the item that lacks it.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("initiative"))]
    pub resource_type: &'static str,
    /// Id of that item.
    pub resource_id: Id,
    /// Code of that item; for `no_initiative_in_domain` the codes `neighborhood/domain`.
    #[schema(min_length = 1, max_length = 129, pattern = "^[A-Za-z0-9][A-Za-z0-9._/-]*$", examples("jobrani-1405"))]
    pub code: String,
    /// Name or title of that item; for `no_initiative_in_domain` the names of neighbourhood and domain.
    #[schema(value_type = Line<403>)]
    pub name: String,
    /// Day since when it is lacking; null where that is not known.
    #[schema(value_type = Option<Day>, examples("2026-11-01"))]
    pub since: Option<NaiveDate>,
}

/// Number of gaps of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct GapsByKind {
    /// Initiatives without a lead agency.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub no_lead: i64,
    /// Initiatives that lack one of their dates.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub initiative_without_dates: i64,
    /// Responsibilities whose agency has not answered for more than 7 days.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub unaccepted_over_7_days: i64,
    /// Open neighbourhoods without a manager today.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub neighborhood_without_manager: i64,
    /// Active agencies that take part in no initiative.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub agency_without_part: i64,
    /// Pairs of a model or expansion neighbourhood and a domain without a live initiative in it.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub no_initiative_in_domain: i64,
}

/// Numbers of gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct GapTotals {
    /// Number of all gaps.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub total: i64,
    /// Number of gaps of each kind.
    pub by_kind: GapsByKind,
}

impl GapTotals {
    fn of(rows: &[Gap]) -> Self {
        let mut totals = Self::default();
        for row in rows {
            totals.total += 1;
            let by = &mut totals.by_kind;
            *match row.kind {
                GapKind::NoLead => &mut by.no_lead,
                GapKind::InitiativeWithoutDates => &mut by.initiative_without_dates,
                GapKind::UnacceptedOver7Days => &mut by.unaccepted_over_7_days,
                GapKind::NeighborhoodWithoutManager => &mut by.neighborhood_without_manager,
                GapKind::AgencyWithoutPart => &mut by.agency_without_part,
                GapKind::NoInitiativeInDomain => &mut by.no_initiative_in_domain,
            } += 1;
        }
        totals
    }
}

answer_of!(GapsReport, "gaps", Gap, GapTotals);

/// The report.
pub struct Gaps;

impl Report for Gaps {
    type Answer = GapsReport;
    const NAME: &'static str = "gaps";
    const COLUMNS: &'static [&'static str] = &["kind", "resource_type", "resource_id", "code", "name", "since"];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<GapsReport, ApiError> {
        let mut found = of_initiatives(conn, view)?;
        found.extend(unanswered(conn, view)?);
        let open = open_places(conn, view)?;
        found.extend(unmanaged(conn, view, &open)?);
        found.extend(idle_agencies(conn, view)?);
        found.extend(empty_domains(conn, view, &open)?);
        // A manager finds his own place first; then by kind, what has lasted longest first.
        found.sort_by(|(mine, one), (others, other)| {
            let age = |gap: &Gap| (gap.since.is_none(), gap.since);
            let rest = || age(one).cmp(&age(other)).then_with(|| one.code.cmp(&other.code)).then(one.resource_id.cmp(&other.resource_id));
            others.cmp(mine).then(one.kind.cmp(&other.kind)).then_with(rest)
        });
        let rows: Vec<Gap> = found.into_iter().map(|(_, gap)| gap).collect();
        let totals = GapTotals::of(&rows);
        let definition = definitions::of(&[GapKind::WORDS, &["kind", "since"]], view.asked.language);
        Ok(GapsReport::new(view, definition, rows, totals))
    }

    fn table(answer: &GapsReport) -> Table {
        let row = |row: &Gap| -> Vec<Cell> {
            vec![
                row.kind.as_str().into(),
                row.resource_type.into(),
                row.resource_id.into(),
                row.code.as_str().into(),
                row.name.as_str().into(),
                row.since.into(),
            ]
        };
        Table { rows: answer.rows.iter().map(row).collect(), totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

/// A gap, and whether it is in a place of the caller's own.
type Found = (bool, Gap);

fn of_initiatives(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
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

fn unanswered(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
    let asked_before = midnight(view.as_of - Duration::days(PATIENCE_DAYS));
    let rows: Vec<(Id, String, String, Id, Timestamp)> = view
        .tasks()
        .filter(task::status.eq(ResponsibilityStatus::Proposed).and(task::initiative_status.ne(InitiativeStatus::Draft)))
        .filter(task::status_since.lt(asked_before))
        .select((task::id, task::code, task::title, task::neighborhood_id, task::status_since))
        .load(conn)?;
    let gap = |(id, code, name, place, since): (Id, String, String, Id, Timestamp)| {
        let since = Some(tehran_day(since));
        let gap = Gap { kind: GapKind::UnacceptedOver7Days, resource_type: "responsibility", resource_id: id, code, name, since };
        (view.is_own(place), gap)
    };
    Ok(rows.into_iter().map(gap).collect())
}

fn open_places(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Place>, ApiError> {
    let all = refs::rows_of_places(conn, view)?;
    Ok(all.into_iter().filter(|row| !is_closed(row.closed_on, view.scope.today)).collect())
}

fn unmanaged(conn: &mut Conn, view: &View<'_>, open: &[Place]) -> Result<Vec<Found>, ApiError> {
    let managed = places::managers(conn, view.scope, open.iter().map(|row| row.id))?;
    let over = mandate::table
        .filter(mandate::province_id.eq(view.province()))
        .select((mandate::neighborhood_id, mandate::valid_to))
        .into_boxed::<crate::db::MultiBackend>();
    let ended: Vec<(Id, DayColumn)> = Statement::<(Uid, Date)>::new("SELECT neighborhood_id, MAX(valid_to) FROM ")
        .query(over)
        .sql(format!(" AS m WHERE valid_to < '{}' GROUP BY neighborhood_id", view.scope.today))
        .load(conn)?;
    let ended: HashMap<Id, DayColumn> = ended.into_iter().collect();
    let gap = |row: &Place| {
        let since = ended.get(&row.id).map(|day| day.0);
        let (code, name) = (row.code.clone(), row.name.clone());
        let gap = Gap { kind: GapKind::NeighborhoodWithoutManager, resource_type: "neighborhood", resource_id: row.id, code, name, since };
        (view.is_own(row.id), gap)
    };
    Ok(open.iter().filter(|row| !managed.contains_key(&row.id)).map(gap).collect())
}

fn idle_agencies(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Found>, ApiError> {
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

fn empty_domains(conn: &mut Conn, view: &View<'_>, open: &[Place]) -> Result<Vec<Found>, ApiError> {
    let live = InitiativeStatus::ALL.iter().copied().filter(|status| status.is_live());
    let busy: HashSet<(Id, String)> = Statement::<(Uid, Text)>::new("SELECT DISTINCT neighborhood_id, domain FROM ")
        .query(view.initiatives().filter(initiative::status.eq_any(live)).select((initiative::neighborhood_id, initiative::domain)))
        .sql(" AS i")
        .load::<(Id, String)>(conn)?
        .into_iter()
        .collect();
    let active: BTreeMap<(i32, String), String> = view
        .domains()
        .filter(domain::active.eq(true))
        .select((domain::position, domain::code, domain::name))
        .load::<(i32, String, String)>(conn)?
        .into_iter()
        .map(|(position, code, name)| ((position, code), name))
        .collect();
    let mut found = Vec::new();
    for row in open.iter().filter(|row| row.designation != Designation::None) {
        for ((_, domain), name) in active.iter().filter(|((_, domain), _)| !busy.contains(&(row.id, domain.clone()))) {
            let (code, name) = (format!("{}/{domain}", row.code), format!("{} / {name}", row.name));
            let kind = GapKind::NoInitiativeInDomain;
            found.push((view.is_own(row.id), Gap { kind, resource_type: "neighborhood", resource_id: row.id, code, name, since: None }));
        }
    }
    Ok(found)
}
