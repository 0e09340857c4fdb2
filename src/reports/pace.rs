//! `pace`: the plan and what was verified, month by month.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Report, Table, definitions, dto::answer_of, scope::View, statement::Statement};
use crate::{
    db::{Conn, schema::responsibilities as responsibility, tally, types::DayColumn},
    error::ApiError,
    figures::{Percent, percent},
    http::{
        export::{Calendar, Cell},
        fields::Day,
    },
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
            (Some(first), Some(last)) => months(first.min(last), last, view.asked.calendar),
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
        Ok(PaceReport::new(view, definitions::of(&[SAYS], view.asked.language), rows, totals))
    }

    fn table(answer: &PaceReport) -> Table {
        let row = |row: &PaceMonth| -> Vec<Cell> {
            let shares = [row.planned_baseline, row.planned_live, row.verified].map(Table::percent);
            [row.period.as_str().into(), row.starts_on.into(), row.ends_on.into()].into_iter().chain(shares).collect()
        };
        Table { rows: answer.rows.iter().map(row).collect(), totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

/// Live weight by each of its dates.
struct Dated {
    baseline: Weights,
    live: Weights,
    verified: Weights,
}

impl Dated {
    /// Each responsibility is looked at once: PostgreSQL groups by hash, SQLite by our `tally`.
    fn load(conn: &mut Conn, view: &View<'_>) -> Result<Self, ApiError> {
        const VERIFIED_ON: &str = "CASE WHEN status = 'verified' THEN verified_on END";
        let live = view.live_responsibilities().select((
            responsibility::due_on,
            responsibility::baseline_due_on,
            responsibility::verified_on,
            responsibility::status,
            responsibility::weight,
        ));
        if conn.is_postgres() {
            let rows: Vec<(i32, Option<DayColumn>, i64)> = Statement::<(Integer, Nullable<Date>, BigInt)>::new(format!(
                "SELECT GROUPING(baseline, live, verified), COALESCE(baseline, live, verified), CAST(SUM(weight) AS BIGINT) \
                 FROM (SELECT baseline_due_on AS baseline, due_on AS live, {VERIFIED_ON} AS verified, weight FROM "
            ))
            .query(live)
            .sql(" AS r) AS r GROUP BY GROUPING SETS ((baseline), (live), (verified))")
            .load(conn)?;
            // `GROUPING` sets a bit for each date by which a row is not grouped.
            let of =
                |dates: i32| rows.iter().filter(|row| row.0 == dates).map(|(_, day, weight)| (day.map(|day| day.0), *weight)).collect();
            return Ok(Self { baseline: of(0b011), live: of(0b101), verified: of(0b110) });
        }
        let by = |day| format!("tally({day}, weight, NULL, NULL, NULL)");
        let tallies: Vec<(String, String, String)> =
            Statement::<(Text, Text, Text)>::new(format!("SELECT {}, {}, {} FROM ", by("baseline_due_on"), by("due_on"), by(VERIFIED_ON)))
                .query(live)
                .sql(" AS r")
                .load(conn)?;
        let (baseline, live, verified) = tallies.into_iter().next().unwrap_or_default();
        let weight = |(day, (_, [weight, ..])): (String, tally::Line)| (day.parse().ok(), weight.unwrap_or(0));
        let of = |lines: &str| Ok::<_, ApiError>(tally::read(lines)?.into_iter().map(weight).collect());
        Ok(Self { baseline: of(&baseline)?, live: of(&live)?, verified: of(&verified)? })
    }
}

/// Live weight by a date.
struct Weights {
    /// The weight up to each day, that day included.
    until: BTreeMap<NaiveDate, i64>,
    /// The weight with a date.
    dated: i64,
    /// The weight with a date or without.
    all: i64,
}

impl FromIterator<(Option<NaiveDate>, i64)> for Weights {
    fn from_iter<T: IntoIterator<Item = (Option<NaiveDate>, i64)>>(weights: T) -> Self {
        let (mut on, mut undated) = (BTreeMap::new(), 0);
        for (day, weight) in weights {
            *day.map_or(&mut undated, |day| on.entry(day).or_insert(0)) += weight;
        }
        let mut dated = 0;
        for weight in on.values_mut() {
            dated += *weight;
            *weight = dated;
        }
        Self { until: on, dated, all: dated + undated }
    }
}

impl Weights {
    fn until(&self, day: NaiveDate) -> i64 {
        self.until.range(..=day).next_back().map_or(0, |(_, weight)| *weight)
    }

    fn first(&self) -> Option<NaiveDate> {
        self.until.first_key_value().map(|(day, _)| *day)
    }

    fn last(&self) -> Option<NaiveDate> {
        self.until.last_key_value().map(|(day, _)| *day)
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

/// A month of either calendar.
struct Month {
    name: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
}

/// The months that hold these two days and all between.
fn months(first: NaiveDate, last: NaiveDate, calendar: Calendar) -> Vec<Month> {
    let (mut year, mut month) = match calendar {
        Calendar::Gregorian => (first.year(), first.month()),
        Calendar::Jalali => {
            let (year, month, _) = persian::to_jalali(first);
            (year, month)
        }
    };
    let begin = |year: i32, month: u32| match calendar {
        Calendar::Gregorian => NaiveDate::from_ymd_opt(year, month, 1),
        Calendar::Jalali => persian::from_jalali(year, month, 1),
    };
    let mut months = Vec::new();
    while let Some(starts_on) = begin(year, month).filter(|starts| *starts <= last) {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let Some(ends_on) = begin(next.0, next.1).and_then(|next| next.pred_opt()) else { break };
        months.push(Month { name: format!("{year:04}-{month:02}"), starts_on, ends_on });
        (year, month) = next;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_both_calendars_fill_the_time_between() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let names =
            |calendar| months(day("2026-11-22"), day("2027-03-21"), calendar).into_iter().map(|month| month.name).collect::<Vec<_>>();
        assert_eq!(names(Calendar::Gregorian), ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03"]);
        assert_eq!(names(Calendar::Jalali), ["1405-09", "1405-10", "1405-11", "1405-12", "1406-01"]);
        let all = months(day("2020-01-31"), day("2029-02-01"), Calendar::Jalali);
        assert!(all.windows(2).all(|pair| pair[0].ends_on.succ_opt() == Some(pair[1].starts_on)));
    }
}
