//! `pace`: the plan and what was verified, month by month.

mod dated;
mod months;

use chrono::NaiveDate;
use diesel::{QueryDsl, RunQueryDsl, sql_types::Date};
use serde::Serialize;
use utoipa::ToSchema;

use self::{
    dated::Dated,
    months::{Month, months},
};
use super::{Report, Table, definitions, dto::answer_of, scope::View, statement::Statement};
use crate::{
    db::{Conn, schema::responsibilities as responsibility, types::DayColumn},
    error::ApiError,
    figures::{Percent, percent},
    http::{export::Cell, fields::Day},
    persian,
};

/// A month of the plan; its figures are percent of all live weight, cumulative to the month's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaceMonth {
    /// The month, such as `2026-11` or `1405-08`, in the calendar asked for.
    #[schema(min_length = 7, max_length = 7, pattern = "^[0-9]{4}-[0-9]{2}$", examples("2026-11"))]
    pub period: String,
    /// First day of the month.
    #[schema(value_type = Day)]
    pub starts_on: NaiveDate,
    /// Last day of the month.
    #[schema(value_type = Day, examples("2026-11-30"))]
    pub ends_on: NaiveDate,
    /// Percent that the baseline has due by the end of the month.
    #[schema(value_type = f64, minimum = 0, maximum = 100, examples(62.5))]
    pub planned_baseline: Option<Percent>,
    /// Percent that is due by the end of the month, by the present due dates.
    #[schema(value_type = f64, minimum = 0, maximum = 100, examples(58.0))]
    pub planned_live: Option<Percent>,
    /// Percent verified by the end of the month; null for months after `as_of`.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, examples(47.5))]
    pub verified: Option<Percent>,
}

/// Figures of all live work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaceTotals {
    /// Sum of the weights of all live responsibilities.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub live_weight: i64,
    /// Earliest first day of an initiative with live work; null where there is none.
    #[schema(value_type = Option<Day>)]
    pub starts_on: Option<NaiveDate>,
    /// Latest present due date of live work; null where nothing is live.
    #[schema(value_type = Option<Day>)]
    pub due_on: Option<NaiveDate>,
    /// Percent of live weight that the baseline has due by `as_of`; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub planned_baseline: Option<Percent>,
    /// Percent of live weight due by `as_of`, by the present due dates; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub planned_live: Option<Percent>,
    /// Percent of live weight that is verified; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub verified: Option<Percent>,
}

answer_of!(PaceReport, "pace", PaceMonth, PaceTotals);

/// The report.
pub struct Pace;

const SAYS: &[&str] = &["planned_baseline", "planned_live", "verified", "live_weight"];

impl Report for Pace {
    type Answer = PaceReport;
    const NAME: &'static str = "pace";
    const COLUMNS: &'static [&'static str] = &["period", "starts_on", "ends_on", "planned_baseline", "planned_live", "verified"];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<PaceReport, ApiError> {
        let Dated { baseline, live, verified } = Dated::load(conn, view)?;
        let whole = live.all;
        let first = first_start(conn, view)?;
        let last = live.last();
        // Where no initiative has a first day, the first deadline stands for it.
        let months = match (first.or_else(|| live.first()), last) {
            (Some(first), Some(last)) => months(first.min(last), last, view.query.calendar),
            _ => Vec::new(),
        };
        let row = |month: Month| PaceMonth {
            planned_baseline: percent(baseline.until(month.ends_on), whole),
            planned_live: percent(live.until(month.ends_on), whole),
            verified: if month.starts_on <= view.as_of { percent(verified.until(month.ends_on), whole) } else { None },
            period: month.name,
            // The first and the last Jalali month reach beyond the dates that there are (CONTRACT §1).
            starts_on: month.starts_on.max(persian::FIRST_DAY),
            ends_on: month.ends_on.min(persian::LAST_DAY),
        };
        let totals = PaceTotals {
            live_weight: whole,
            starts_on: first,
            due_on: last,
            planned_baseline: percent(baseline.until(view.as_of), whole),
            planned_live: percent(live.until(view.as_of), whole),
            verified: percent(verified.dated, whole),
        };
        let rows = months.into_iter().map(row).collect();
        Ok(PaceReport::new(view, definitions::of(&[SAYS], view.query.language), rows, totals))
    }

    fn table(answer: &PaceReport) -> Table {
        let row = |row: &PaceMonth| -> Vec<Cell> {
            let shares = [row.planned_baseline, row.planned_live, row.verified].map(Table::percent);
            [row.period.as_str().into(), row.starts_on.into(), row.ends_on.into()].into_iter().chain(shares).collect()
        };
        Table { rows: answer.rows.iter().map(row).collect(), totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

/// The first start among the initiatives that have something live, which are tried in the order of their starts.
fn first_start(conn: &mut Conn, view: &View<'_>) -> Result<Option<NaiveDate>, ApiError> {
    let found: Vec<DayColumn> = Statement::<Date>::new(format!(
        "SELECT i.starts_on FROM initiatives AS i WHERE i.province_id = {} AND i.starts_on IS NOT NULL AND EXISTS (SELECT 1 FROM ",
        view.province()
    ))
    .query(view.live_responsibilities().select((responsibility::neighborhood_id, responsibility::initiative_id)))
    .sql(
        " AS r WHERE r.neighborhood_id = i.neighborhood_id AND r.initiative_id = i.id) \
         ORDER BY i.starts_on LIMIT 1",
    )
    .load(conn)?;
    Ok(found.into_iter().next().map(|day| day.0))
}
