//! The programme's figures (DESIGN §3): exact in integers, rounded once, half away from zero.
//!
//! Nothing due, nothing measured: `None`, never 0.

mod mean;
mod near;

use chrono::{Days, NaiveDate};
use serde::{Serialize, Serializer};

use mean::health_of;
pub use mean::{ExactGap, Mean, Standing};
pub use near::{Near, PARTS, Shares};

use crate::{db::text_enum, initiatives::InitiativeStatus, responsibilities::ResponsibilityStatus};

/// Points behind plan beyond which a thing is late.
const LATE_GAP: i64 = 15;
/// Points behind plan beyond which a thing is at risk.
const RISK_GAP: i64 = 5;
/// Days beyond which one late responsibility makes a thing late.
const LATE_DAYS: u64 = 30;

/// The SQL condition that a responsibility is live (DESIGN §3), word for word that of the index `responsibilities_live`.
pub const LIVE_SQL: &str =
    "status NOT IN ('declined', 'withdrawn') AND initiative_status IN ('approved', 'in_progress', 'blocked', 'completed')";

text_enum! {
    /// How an initiative or a group stands against its plan, judged by its own gap and its own late responsibilities.
    pub enum Health {
        /// As planned.
        OnTrack = "on_track",
        /// More than 5 points behind, or something is late.
        AtRisk = "at_risk",
        /// More than 15 points behind, or something is late by more than 30 days.
        Late = "late",
    }
}

/// A percentage with one decimal, kept as tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub i32);

impl Percent {
    /// The percentage as a number.
    pub fn number(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number())
    }
}

/// `100 × part ÷ whole`, rounded to one decimal, half away from zero; none where the whole is not above zero.
pub fn percent(part: i64, whole: i64) -> Option<Percent> {
    if whole <= 0 {
        return None;
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    let doubled = 2000 * part.abs() + whole;
    let tenths = doubled / (2 * whole) * part.signum();
    i32::try_from(tenths).ok().map(Percent)
}

/// A responsibility, as the figures see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Responsibility {
    /// Its weight, 1..100.
    pub weight: i32,
    /// Whether it is neither declined nor withdrawn.
    pub counts: bool,
    /// Whether it counts and its initiative is approved, in progress, blocked or completed.
    pub live: bool,
    /// Whether it is verified.
    pub verified: bool,
    /// The present deadline.
    pub due_on: NaiveDate,
    /// The deadline in the frozen baseline; none before there is one.
    pub baseline_due_on: Option<NaiveDate>,
}

impl Responsibility {
    /// A responsibility of this weight and these dates, with the status of its initiative and its own.
    pub fn of(
        (initiative, own): (InitiativeStatus, ResponsibilityStatus),
        weight: i32,
        due_on: NaiveDate,
        baseline_due_on: Option<NaiveDate>,
    ) -> Self {
        let (counts, verified) = (own.counts(), own == ResponsibilityStatus::Verified);
        Self { weight, counts, live: counts && initiative.is_live(), verified, due_on, baseline_due_on }
    }

    /// Days that it is late on a day; 0 where it is not.
    pub fn days_late(&self, day: NaiveDate) -> i64 {
        if self.live && !self.verified { (day - self.due_on).num_days().max(0) } else { 0 }
    }
}

/// The figures of an initiative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// The weight of what is live.
    pub live: i64,
    /// The part of that weight that is verified.
    pub verified: i64,
    /// The part of that weight that is due by the baseline.
    pub planned: i64,
    /// How many responsibilities count.
    pub total: i64,
    /// How many of those are verified.
    pub total_verified: i64,
    /// How many are late.
    pub late: i64,
    /// How many are late by more than 30 days.
    pub very_late: i64,
}

impl Figures {
    /// The figures of these responsibilities on a day.
    pub fn of(responsibilities: impl IntoIterator<Item = Responsibility>, day: NaiveDate) -> Self {
        responsibilities.into_iter().filter(|one| one.counts).fold(Self::default(), |mut sum, one| {
            sum.total += 1;
            sum.total_verified += i64::from(one.verified);
            if one.live {
                let weight = i64::from(one.weight);
                sum.live += weight;
                sum.verified += if one.verified { weight } else { 0 };
                sum.planned += if one.baseline_due_on.is_some_and(|due| due <= day) { weight } else { 0 };
                let days_late = one.days_late(day);
                sum.late += i64::from(days_late > 0);
                sum.very_late += i64::from(days_late.unsigned_abs() > LATE_DAYS);
            }
            sum
        })
    }

    /// Percent of the live weight that is verified.
    pub fn progress(&self) -> Option<Percent> {
        percent(self.verified, self.live)
    }

    /// Percent of the live weight that is due by the baseline.
    pub fn planned_progress(&self) -> Option<Percent> {
        percent(self.planned, self.live)
    }

    /// The health, judged on unrounded figures.
    pub fn health(&self) -> Option<Health> {
        let gap = 100 * (self.verified - self.planned);
        (self.live > 0).then(|| health_of(|percent| gap < percent * self.live, self.late, self.very_late))
    }
}

/// The day before which a deadline is late by more than 30 days.
pub fn long_ago(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(LATE_DAYS)).unwrap_or(day)
}

/// The SQL condition that an initiative has one of these healths on a day: the same judgement as [`Figures::health`],
/// over the live responsibilities of a province (DESIGN §4, decision 10).
pub fn health_sql(province_id: i32, day: NaiveDate, wanted: &[Health]) -> String {
    let words: Vec<String> = wanted.iter().map(|health| format!("'{health}'")).collect();
    let gap = format!(
        "100 * (SUM(CASE WHEN r.status = 'verified' THEN r.weight ELSE 0 END) \
         - SUM(CASE WHEN r.baseline_due_on <= '{day}' THEN r.weight ELSE 0 END))"
    );
    let late_since = |date: NaiveDate| format!("SUM(CASE WHEN r.\"open\" AND r.due_on < '{date}' THEN 1 ELSE 0 END) > 0");
    format!(
        "initiatives.id IN (SELECT r.initiative_id FROM responsibilities r WHERE r.province_id = {province_id} \
         AND {LIVE_SQL} GROUP BY r.initiative_id HAVING CASE \
         WHEN {gap} < -{LATE_GAP} * SUM(r.weight) OR {} THEN 'late' \
         WHEN {gap} < -{RISK_GAP} * SUM(r.weight) OR {} THEN 'at_risk' ELSE 'on_track' END IN ({}))",
        late_since(long_ago(day)),
        late_since(day),
        words.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");

    fn one(weight: i32, verified: bool, due: i64, baseline: Option<i64>) -> Responsibility {
        let on = |days: i64| DAY + chrono::Duration::days(days);
        Responsibility { weight, counts: true, live: true, verified, due_on: on(due), baseline_due_on: baseline.map(on) }
    }

    #[test]
    fn percentages_are_rounded_half_away_from_zero() {
        assert_eq!(percent(1, 3), Some(Percent(333)));
        assert_eq!(percent(2, 3), Some(Percent(667)));
        assert_eq!(percent(1, 2000), Some(Percent(1)));
        assert_eq!(percent(-1, 2000), Some(Percent(-1)));
        assert_eq!(percent(0, 0), None);
    }

    #[test]
    fn health_looks_at_gap_and_lateness() {
        let health = |responsibilities: Vec<Responsibility>| Figures::of(responsibilities, DAY).health();
        assert_eq!(health(vec![]), None);
        assert_eq!(health(vec![one(10, false, 5, Some(5))]), Some(Health::OnTrack));
        assert_eq!(health(vec![one(10, false, 0, Some(5))]), Some(Health::OnTrack), "due today is not late");
        assert_eq!(health(vec![one(1, false, -30, None), one(99, true, 0, Some(0))]), Some(Health::AtRisk));
        assert_eq!(health(vec![one(1, false, -31, None), one(99, true, 0, None)]), Some(Health::Late));
        assert_eq!(health(vec![one(5, false, 9, Some(0)), one(95, true, 0, Some(0))]), Some(Health::OnTrack), "a gap of exactly 5");
        assert_eq!(health(vec![one(15, false, 9, Some(0)), one(85, true, 0, Some(0))]), Some(Health::AtRisk), "a gap of exactly 15");
        assert_eq!(health(vec![one(16, false, 9, Some(0)), one(84, true, 0, Some(0))]), Some(Health::Late));
    }

    proptest! {
        #[test]
        fn progress_lies_between_0_and_100(responsibilities in prop::collection::vec((1..=100_i32, any::<bool>(), -90_i64..90, prop::option::of(-90_i64..90)), 0..20)) {
            let figures = Figures::of(responsibilities.iter().map(|(weight, verified, due, baseline)| one(*weight, *verified, *due, *baseline)), DAY);
            for percent in [figures.progress(), figures.planned_progress()].into_iter().flatten() {
                prop_assert!((0..=1000).contains(&percent.0));
            }
            prop_assert_eq!(figures.progress().is_none(), responsibilities.is_empty());
        }

        #[test]
        fn progress_does_not_depend_on_how_weight_is_split(weight in 2..=100_i32, cut in 1..=99_i32, verified in any::<bool>(), other in 1..=100_i32) {
            let cut = cut.min(weight - 1);
            let rest = one(other, !verified, 0, None);
            let whole = Figures::of([one(weight, verified, 0, None), rest], DAY);
            let split = Figures::of([one(cut, verified, 0, None), one(weight - cut, verified, 0, None), rest], DAY);
            prop_assert_eq!(whole.progress(), split.progress());
            prop_assert_eq!(whole.health(), split.health());
        }
    }
}
