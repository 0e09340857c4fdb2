//! Live weight by the dates that `pace` looks at.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use crate::{
    db::{Conn, schema::responsibilities as responsibility, tally, types::DayColumn},
    error::ApiError,
    reports::{scope::View, statement::Statement},
};

/// Live weight by each of its dates.
pub struct Dated {
    /// By the due date frozen at approval.
    pub baseline: Weights,
    /// By the present due date.
    pub live: Weights,
    /// By the day of verification.
    pub verified: Weights,
}

impl Dated {
    /// Each responsibility is looked at once: PostgreSQL groups by hash, SQLite by our `tally`.
    pub fn load(conn: &mut Conn, view: &View<'_>) -> Result<Self, ApiError> {
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
pub struct Weights {
    /// The weight up to each day, that day included.
    until: BTreeMap<NaiveDate, i64>,
    /// The weight with a date.
    pub dated: i64,
    /// The weight with a date or without.
    pub all: i64,
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
    /// The weight up to a day, that day included.
    pub fn until(&self, day: NaiveDate) -> i64 {
        self.until.range(..=day).next_back().map_or(0, |(_, weight)| *weight)
    }

    /// The first day with a weight.
    pub fn first(&self) -> Option<NaiveDate> {
        self.until.first_key_value().map(|(day, _)| *day)
    }

    /// The last day with a weight.
    pub fn last(&self) -> Option<NaiveDate> {
        self.until.last_key_value().map(|(day, _)| *day)
    }
}
