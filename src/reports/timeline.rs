//! `timeline`: each initiative from its start to its end, with what it is made of.

mod rows;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use self::rows::{initiatives, responsibilities};
use super::{
    Report, Table, definitions,
    dto::{InitiativeTotals, NamedRef, ResponsibilityTotals, TitledRef, answer_of},
    scope::View,
};
use crate::{
    db::{Conn, Id},
    error::ApiError,
    figures::{Figures, Health, Percent},
    http::{
        export::Cell,
        fields::{Code, Day, Line},
    },
    initiatives::InitiativeStatus,
    responsibilities::ResponsibilityStatus,
};

/// A responsibility on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineResponsibility {
    /// Its id.
    pub id: Id,
    /// Its code.
    #[schema(value_type = Code)]
    pub code: String,
    /// Title of the responsibility.
    #[schema(value_type = Line<300>)]
    pub title: String,
    /// Agency that has the responsibility.
    pub agency: NamedRef,
    /// Present due date.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// Due date frozen at approval, which no deferral moves; null where none was frozen.
    #[schema(value_type = Option<Day>)]
    pub baseline_due_on: Option<NaiveDate>,
    /// Status of the responsibility.
    pub status: ResponsibilityStatus,
    /// Day on which its agency says that it was done; null where it has not said so.
    #[schema(value_type = Option<Day>)]
    pub reported_done_on: Option<NaiveDate>,
}

/// An initiative on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineInitiative {
    /// The initiative.
    pub initiative: TitledRef,
    /// Neighbourhood of the initiative.
    pub neighborhood: NamedRef,
    /// Domain of the initiative.
    pub domain: NamedRef,
    /// First day of the initiative; null where not set.
    #[schema(value_type = Option<Day>)]
    pub starts_on: Option<NaiveDate>,
    /// Last day of the initiative; null where not set.
    #[schema(value_type = Option<Day>)]
    pub due_on: Option<NaiveDate>,
    /// Status of the initiative.
    pub status: InitiativeStatus,
    /// Percent of the weight of its live responsibilities that is verified; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub progress: Option<Percent>,
    /// State against the plan, from the gap and the late responsibilities; null where nothing is live.
    pub health: Option<Health>,
    /// Responsibilities of the initiative in the caller's reach, by due date.
    #[schema(max_items = 1_000_000)]
    pub responsibilities: Vec<TimelineResponsibility>,
}

/// Everything on the timeline, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineTotals {
    /// Initiatives on the timeline, counted by status.
    pub initiatives: InitiativeTotals,
    /// Responsibilities on the timeline, counted by status.
    pub responsibilities: ResponsibilityTotals,
    /// Earliest first day of an initiative; null where none has one.
    #[schema(value_type = Option<Day>)]
    pub starts_on: Option<NaiveDate>,
    /// Latest last day of an initiative; null where none has one.
    #[schema(value_type = Option<Day>)]
    pub due_on: Option<NaiveDate>,
}

answer_of!(TimelineReport, "timeline", TimelineInitiative, TimelineTotals);

/// The report.
pub struct Timeline;

const SAYS: &[&str] = &["initiatives", "responsibilities", "progress", "health"];

impl Report for Timeline {
    type Answer = TimelineReport;
    const NAME: &'static str = "timeline";
    const COLUMNS: &'static [&'static str] = &[
        "initiative_code",
        "initiative_title",
        "neighborhood_code",
        "neighborhood_name",
        "domain_code",
        "initiative_starts_on",
        "initiative_due_on",
        "initiative_status",
        "progress",
        "health",
        "responsibility_code",
        "responsibility_title",
        "agency_code",
        "agency_name",
        "due_on",
        "baseline_due_on",
        "status",
        "reported_done_on",
    ];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<TimelineReport, ApiError> {
        let mut rows = initiatives(conn, view)?;
        let mut totals = TimelineTotals {
            initiatives: InitiativeTotals::default(),
            responsibilities: ResponsibilityTotals::default(),
            starts_on: rows.iter().filter_map(|row| row.starts_on).min(),
            due_on: rows.iter().filter_map(|row| row.due_on).max(),
        };
        let mut all = responsibilities(conn, view)?;
        for row in &mut rows {
            totals.initiatives.add(row.status, 1);
            let own = all.remove(&row.initiative.id).unwrap_or_default();
            let figures = Figures::of(own.iter().map(|(judged, _)| *judged), view.as_of);
            (row.progress, row.health) = (figures.progress(), figures.health());
            row.responsibilities = own.into_iter().map(|(_, shown)| shown).collect();
            row.responsibilities.iter().for_each(|own| totals.responsibilities.add(own.status, 1));
        }
        Ok(TimelineReport::new(view, definitions::of(&[SAYS], view.query.language), rows, totals))
    }

    fn table(answer: &TimelineReport) -> Table {
        let mut rows = Vec::new();
        for row in &answer.rows {
            let head: Vec<Cell> = vec![
                row.initiative.code.as_str().into(),
                row.initiative.title.as_str().into(),
                row.neighborhood.code.as_str().into(),
                row.neighborhood.name.as_str().into(),
                row.domain.code.as_str().into(),
                row.starts_on.into(),
                row.due_on.into(),
                row.status.as_str().into(),
                Table::percent(row.progress),
                row.health.map(Health::as_str).into(),
            ];
            let tail = |own: &TimelineResponsibility| -> [Cell; 8] {
                [
                    own.code.as_str().into(),
                    own.title.as_str().into(),
                    own.agency.code.as_str().into(),
                    own.agency.name.as_str().into(),
                    own.due_on.into(),
                    own.baseline_due_on.into(),
                    own.status.as_str().into(),
                    own.reported_done_on.into(),
                ]
            };
            let whole = |tail: [Cell; 8]| head.iter().cloned().chain(tail).collect();
            if row.responsibilities.is_empty() {
                rows.push(whole([const { Cell::Empty }; 8]));
            }
            rows.extend(row.responsibilities.iter().map(|own| whole(tail(own))));
        }
        Table { rows, totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}
