//! `late`: what is overdue, the heaviest first, page by page.

mod page;

use chrono::NaiveDate;
use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Nullable},
};
use serde::Serialize;
use utoipa::ToSchema;

use self::page::page;
use super::{
    Report, Table, definitions,
    dto::{NamedRef, TitledRef, answer_of},
    refs::Names,
    scope::View,
    statement::Statement,
};
use crate::{
    db::{Conn, schema::responsibilities as responsibility, text_enum, types::DayColumn},
    error::ApiError,
    http::{
        export::Cell,
        fields::{Day, Weight},
    },
    responsibilities::ResponsibilityStatus,
};

text_enum! {
    /// What a late responsibility waits for: its agency's report, or verification.
    pub enum LateSplit {
        /// Its agency has not reported it done.
        Unreported = "unreported",
        /// It is reported, and nobody has verified it.
        AwaitingVerification = "awaiting_verification",
    }
}

impl LateSplit {
    const fn of(status: ResponsibilityStatus) -> Self {
        if matches!(status, ResponsibilityStatus::Reported) { Self::AwaitingVerification } else { Self::Unreported }
    }
}

/// A late responsibility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LateResponsibility {
    /// The late responsibility.
    pub responsibility: TitledRef,
    /// Initiative that the responsibility belongs to.
    pub initiative: TitledRef,
    /// Neighbourhood of the initiative.
    pub neighborhood: NamedRef,
    /// Agency that has the responsibility.
    pub agency: NamedRef,
    /// Due date that was missed.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// Due date frozen at approval, which no deferral moves; null where none was frozen.
    #[schema(value_type = Option<Day>)]
    pub baseline_due_on: Option<NaiveDate>,
    /// Days from `due_on` to `as_of`.
    #[schema(minimum = 1, maximum = 200_000)]
    pub days_late: i64,
    /// What the responsibility waits for.
    pub split: LateSplit,
    /// Weight of the responsibility in its initiative.
    #[schema(value_type = Weight)]
    pub weight: i32,
    /// Number of its deferrals that were asked for within the interval and accepted.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub deferrals_accepted: i64,
}

/// Numbers of late responsibilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LateTotals {
    /// Number of all late responsibilities.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub late: i64,
    /// How many of them are not reported as done.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub unreported: i64,
    /// How many of them are reported and wait for verification.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub awaiting_verification: i64,
    /// Most days that a responsibility is late; null where none is late.
    #[schema(minimum = 1, maximum = 200_000, examples(12))]
    pub max_days_late: Option<i64>,
}

answer_of!(
    LateReport, "late", LateResponsibility, LateTotals,
    /// For the parameter `cursor` of the next page; null on the last.
    #[schema(min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$")]
    next_cursor: Option<String>,
    /// Number of rows that match the whole filter; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, required = false, nullable = false)]
    total: Option<i64>
);

/// The report.
pub struct Late;

const SAYS: &[&str] =
    &["late", "unreported", "awaiting_verification", "days_late", "split", "max_days_late", "weight", "deferrals_accepted@late"];

impl Report for Late {
    type Answer = LateReport;
    const NAME: &'static str = "late";
    const COLUMNS: &'static [&'static str] = &[
        "responsibility_code",
        "responsibility_title",
        "initiative_code",
        "initiative_title",
        "neighborhood_code",
        "neighborhood_name",
        "agency_code",
        "agency_name",
        "due_on",
        "baseline_due_on",
        "days_late",
        "split",
        "weight",
        "deferrals_accepted",
    ];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<LateReport, ApiError> {
        let totals = totals(conn, view)?;
        let names = Names::load(conn, view)?;
        let mut found = page(conn, view, &names)?;
        let next_cursor = match view.query.extras.limit {
            Some(limit) if found.len() > limit => {
                found.truncate(limit);
                found.last().and_then(|last| last.cursor(view).seal())
            }
            _ => None,
        };
        let rows = found.into_iter().map(|ranked| ranked.row).collect();
        let total = view.query.extras.with_total.then_some(totals.late);
        Ok(LateReport::new(view, definitions::of(&[SAYS], view.query.language), rows, totals, next_cursor, total))
    }

    fn next_cursor(answer: &LateReport) -> Option<&str> {
        answer.next_cursor.as_deref()
    }

    fn table(answer: &LateReport) -> Table {
        let row = |row: &LateResponsibility| -> Vec<Cell> {
            vec![
                row.responsibility.code.as_str().into(),
                row.responsibility.title.as_str().into(),
                row.initiative.code.as_str().into(),
                row.initiative.title.as_str().into(),
                row.neighborhood.code.as_str().into(),
                row.neighborhood.name.as_str().into(),
                row.agency.code.as_str().into(),
                row.agency.name.as_str().into(),
                row.due_on.into(),
                row.baseline_due_on.into(),
                row.days_late.into(),
                row.split.as_str().into(),
                row.weight.into(),
                row.deferrals_accepted.into(),
            ]
        };
        Table { rows: answer.rows.iter().map(row).collect(), totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

fn totals(conn: &mut Conn, view: &View<'_>) -> Result<LateTotals, ApiError> {
    let reported = ResponsibilityStatus::Reported;
    let rows: Vec<(i64, i64, Option<DayColumn>)> = Statement::<(BigInt, BigInt, Nullable<Date>)>::new(format!(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE status = '{reported}'), MIN(due_on) FROM "
    ))
    .query(view.late_responsibilities().select((responsibility::status, responsibility::due_on)))
    .sql(" AS r")
    .load(conn)?;
    let (late, awaiting_verification, oldest) = rows.into_iter().next().unwrap_or_default();
    let max_days_late = oldest.map(|oldest| (view.as_of - oldest.0).num_days());
    Ok(LateTotals { late, unreported: late - awaiting_verification, awaiting_verification, max_days_late })
}
