//! Counts and figures of a group of initiatives.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Seen;

/// Half away from zero, in tenths of a percent.
pub fn percent(part: i128, whole: i128) -> Value {
    if whole == 0 {
        return Value::Null;
    }
    let tenths = (2000 * part.abs() + whole) / (2 * whole) * part.signum();
    json!(f64::from(i32::try_from(tenths).expect("a percentage")) / 10.0)
}

pub fn wide(count: usize) -> i128 {
    i128::try_from(count).expect("a count")
}

pub fn number(days: i64) -> f64 {
    f64::from(i32::try_from(days).expect("days"))
}

/// lcm(1..=25): a live weight is a sum of up to five weights of up to five.
const COMMON: i128 = 26_771_144_400;

impl Seen<'_> {
    pub fn initiatives_of(&self, those: &[usize]) -> Value {
        let words = ["draft", "proposed", "approved", "in_progress", "blocked", "completed", "cancelled"];
        let by: BTreeMap<&str, usize> =
            words.iter().map(|word| (*word, those.iter().filter(|n| self.all.initiatives[**n].status == *word).count())).collect();
        json!({"total": those.len(), "by_status": by})
    }

    pub fn tasks_of(&self, those: &[usize]) -> Value {
        let words = ["proposed", "accepted", "declined", "reported", "verified", "returned", "withdrawn"];
        let by: BTreeMap<&str, usize> =
            words.iter().map(|word| (*word, those.iter().filter(|n| self.task(**n).0.status == *word).count())).collect();
        json!({"total": those.len(), "by_status": by})
    }

    pub fn own_tasks(&self, initiatives: &[usize]) -> Vec<usize> {
        self.tasks.iter().copied().filter(|n| initiatives.contains(&self.all.tasks[*n].of)).collect()
    }

    /// Progress, plan, gap, health, late and the longest lateness of a group.
    pub fn standing(&self, initiatives: &[usize]) -> Value {
        let (mut verified, mut planned, mut weights) = (0_i128, 0_i128, 0_i128);
        for n in initiatives {
            let (mut live, mut done, mut due) = (0_i128, 0_i128, 0_i128);
            for task in self.own_tasks(&[*n]).into_iter().filter(|task| self.live(*task)) {
                let row = self.task(task).0;
                live += i128::from(row.weight);
                done += if row.status == "verified" { i128::from(row.weight) } else { 0 };
                due += if row.baseline.is_some_and(|baseline| baseline <= self.as_of) { i128::from(row.weight) } else { 0 };
            }
            if live > 0 {
                let weight = i128::from(self.all.initiatives[*n].weight);
                weights += weight;
                verified += weight * done * (COMMON / live);
                planned += weight * due * (COMMON / live);
            }
        }
        let late: Vec<usize> = self.own_tasks(initiatives).into_iter().filter(|task| self.late(*task)).collect();
        let worst = late.iter().map(|task| self.days_late(*task)).max();
        let (gap, whole) = (verified - planned, weights * COMMON);
        let health = if weights == 0 {
            Value::Null
        } else if 100 * gap < -15 * whole || worst.is_some_and(|days| days > 30) {
            json!("late")
        } else if 100 * gap < -5 * whole || worst.is_some() {
            json!("at_risk")
        } else {
            json!("on_track")
        };
        json!({
            "progress": percent(verified, whole), "planned_progress": percent(planned, whole), "gap": percent(gap, whole),
            "health": health, "late": late.len(), "max_days_late": worst,
        })
    }

    /// All figures of a group of initiatives.
    pub fn figures(&self, initiatives: &[usize]) -> Value {
        let mut figures = self.standing(initiatives);
        figures["initiatives"] = self.initiatives_of(initiatives);
        let names = ["budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached"];
        for (at, name) in names.into_iter().enumerate() {
            let counted =
                initiatives.iter().map(|n| &self.all.initiatives[*n]).filter(|work| !matches!(work.status, "draft" | "cancelled"));
            let known: Vec<i64> = counted.filter_map(|work| work.money[at]).collect();
            figures[name] = if known.is_empty() { Value::Null } else { json!(known.iter().sum::<i64>()) };
        }
        figures
    }
}
