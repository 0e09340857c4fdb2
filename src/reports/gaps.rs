//! `gaps`: what the programme lacks, and since when.

mod finders;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use self::finders::{empty_domains, idle_agencies, of_initiatives, open_neighborhoods, unanswered, unmanaged};
use super::{Report, Table, definitions, dto::answer_of, scope::View};
use crate::{
    db::{Conn, Id, text_enum},
    error::ApiError,
    http::{
        export::Cell,
        fields::{Day, Line},
    },
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
        let open = open_neighborhoods(conn, view)?;
        found.extend(unmanaged(conn, view, &open)?);
        found.extend(idle_agencies(conn, view)?);
        found.extend(empty_domains(conn, view, &open)?);
        // A manager finds their own place first; then by kind, what has lasted longest first.
        found.sort_by(|(mine, one), (others, other)| {
            let age = |gap: &Gap| (gap.since.is_none(), gap.since);
            let rest = || age(one).cmp(&age(other)).then_with(|| one.code.cmp(&other.code)).then(one.resource_id.cmp(&other.resource_id));
            others.cmp(mine).then(one.kind.cmp(&other.kind)).then_with(rest)
        });
        let rows: Vec<Gap> = found.into_iter().map(|(_, gap)| gap).collect();
        let totals = GapTotals::of(&rows);
        let definition = definitions::of(&[GapKind::WORDS, &["kind", "since"]], view.query.language);
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
