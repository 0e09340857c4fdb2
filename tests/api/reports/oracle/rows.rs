//! What each report has to answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Duration, NaiveDate};
use mahalleh::{clock::tehran_day, db::Id, persian};
use serde_json::{Value, json};

use super::{
    super::generated::{Initiative, Task, live_status},
    Seen, Who,
    figures::{number, percent, wide},
};

impl Seen<'_> {
    pub fn overview(&self) -> Value {
        let mut totals = self.figures(&self.initiatives);
        for absent in ["health", "max_days_late"] {
            totals.as_object_mut().expect("an object").remove(absent);
        }
        totals["neighborhoods"] = json!(self.places().into_iter().filter(|place| Self::open(place)).count());
        totals["responsibilities"] = self.tasks_of(&self.tasks);
        let shown = self.domains().into_iter().map(|domain| (domain, self.of_domain(&domain.code).len()));
        let by: BTreeMap<&str, usize> =
            shown.filter(|(domain, count)| domain.active || *count > 0).map(|(domain, count)| (domain.code.as_str(), count)).collect();
        totals["initiatives_by_domain"] = json!(by);
        totals
    }

    /// By code, and the totals.
    pub fn neighborhoods(&self) -> (BTreeMap<String, Value>, Value) {
        let shown = self.places().into_iter().filter(|place| Self::open(place) || !self.of_place(place.id).is_empty());
        (shown.map(|place| (place.code.clone(), self.figures(&self.of_place(place.id)))).collect(), self.figures(&self.initiatives))
    }

    pub fn domain_rows(&self) -> (BTreeMap<String, Value>, Value) {
        let shown = self.domains().into_iter().filter(|domain| domain.active || !self.of_domain(&domain.code).is_empty());
        (shown.map(|domain| (domain.code.clone(), self.figures(&self.of_domain(&domain.code)))).collect(), self.figures(&self.initiatives))
    }

    fn within(&self, day: NaiveDate) -> bool {
        self.wish.from.is_none_or(|from| day >= from) && self.wish.to.is_none_or(|to| day <= to)
    }

    fn old(&self, task: &Task) -> bool {
        (self.as_of - tehran_day(task.since)).num_days() > 7
    }

    fn unanswered(&self, n: usize) -> bool {
        let (task, work) = self.task(n);
        task.status == "proposed" && work.status != "draft" && self.old(task)
    }

    fn word(&self, of: &dyn Fn(Id) -> bool) -> Value {
        let tasks: Vec<usize> = self.tasks.iter().copied().filter(|n| of(self.task(*n).0.agency)).collect();
        let rate = |date: &dyn Fn(&Task) -> Option<NaiveDate>| {
            let due: Vec<&Task> = tasks
                .iter()
                .filter(|n| self.live(**n))
                .map(|n| self.task(*n).0)
                .filter(|task| date(task).is_some_and(|date| self.within(date) && date <= self.as_of))
                .collect();
            let kept = due
                .iter()
                .filter(|task| task.status == "verified" && task.done.is_some_and(|done| done <= date(task).expect("a date")))
                .count();
            json!({"value": percent(wide(kept), wide(due.len())), "numerator": kept, "denominator": due.len()})
        };
        let (live, baseline) = (rate(&|task| Some(task.due)), rate(&|task| task.baseline));
        let mut late: Vec<i64> = tasks.iter().filter(|n| self.late(**n)).map(|n| self.days_late(*n)).collect();
        late.sort_unstable();
        let median = match late.len() {
            0 => Value::Null,
            odd if odd % 2 == 1 => json!(number(late[odd / 2])),
            even => json!(number(late[even / 2 - 1] + late[even / 2]) / 2.0),
        };
        let asked: Vec<usize> = self
            .deferrals
            .iter()
            .copied()
            .filter(|n| of(self.all.tasks[self.all.deferrals[*n].task].agency) && self.within(tehran_day(self.all.deferrals[*n].at)))
            .collect();
        let returned = self.all.returns.iter().filter(|(task, at)| tasks.contains(task) && self.within(tehran_day(*at))).count();
        json!({
            "responsibilities": self.tasks_of(&tasks), "due": live["denominator"], "kept": live["numerator"], "kept_rate": live,
            "kept_rate_baseline": baseline, "late": late.len(), "median_days_late": median,
            "unanswered": tasks.iter().filter(|n| self.unanswered(**n)).count(), "deferrals_requested": asked.len(),
            "deferrals_accepted": asked.iter().filter(|n| self.all.deferrals[**n].status == "accepted").count(), "returned": returned,
        })
    }

    pub fn agency_rows(&self) -> (BTreeMap<String, Value>, Value) {
        let empty = |word: &Value| {
            ["due", "late", "deferrals_requested", "returned"].iter().all(|name| word[*name] == 0) && word["responsibilities"]["total"] == 0
        };
        let rows = self.agencies().into_iter().map(|agency| (agency, self.word(&|id| id == agency.id)));
        let shown = rows.filter(|(agency, word)| agency.active || !empty(word));
        (shown.map(|(agency, word)| (agency.code.clone(), word)).collect(), self.word(&|_| true))
    }

    /// Id, days late and split, in order.
    pub fn late_rows(&self) -> Vec<(String, i64, &'static str, usize)> {
        let mut late: Vec<usize> = self.tasks.iter().copied().filter(|n| self.late(*n)).collect();
        late.sort_by_key(|n| {
            let task = self.task(*n).0;
            (-self.days_late(*n) * i64::from(task.weight), task.code.to_lowercase(), task.id)
        });
        let row = |n: usize| {
            let task = self.task(n).0;
            let split = if task.status == "reported" { "awaiting_verification" } else { "unreported" };
            let of_it = self.deferrals.iter().map(|d| &self.all.deferrals[*d]).filter(|deferral| deferral.task == n);
            let moved = of_it.filter(|deferral| deferral.status == "accepted" && self.within(tehran_day(deferral.at))).count();
            (task.id.to_string(), self.days_late(n), split, moved)
        };
        late.into_iter().map(row).collect()
    }

    /// Kind, code and since.
    pub fn gaps(&self) -> BTreeSet<(String, String, Option<String>)> {
        let mut found = BTreeSet::new();
        let mut add =
            |kind: &str, code: String, since: Option<NaiveDate>| found.insert((kind.to_owned(), code, since.map(|day| day.to_string())));
        for n in &self.initiatives {
            let work = &self.all.initiatives[*n];
            let over = matches!(work.status, "completed" | "cancelled");
            if !over && work.lead.is_none() {
                add("no_lead", work.code.clone(), Some(tehran_day(work.made)));
            }
            if !over && (work.starts.is_none() || work.due.is_none()) {
                add("initiative_without_dates", work.code.clone(), Some(tehran_day(work.made)));
            }
        }
        for n in self.tasks.iter().filter(|n| self.unanswered(**n)) {
            let (task, work) = self.task(*n);
            add("unaccepted_over_7_days", format!("{}:{}", work.code, task.id), Some(tehran_day(task.since)));
        }
        for place in self.places().into_iter().filter(|place| Self::open(place)) {
            if !place.managed {
                add("neighborhood_without_manager", place.code.clone(), place.ended);
            }
            let designated = place.designation != "none";
            for domain in self.domains().into_iter().filter(|domain| domain.active && designated) {
                let live = |n: &usize| self.all.initiatives[*n].domain == domain.code && live_status(self.all.initiatives[*n].status);
                if !self.of_place(place.id).iter().any(live) {
                    add("no_initiative_in_domain", format!("{}/{}", place.code, domain.code), None);
                }
            }
        }
        for agency in self.agencies().into_iter().filter(|agency| agency.active) {
            if !self.initiatives.iter().any(|n| self.all.takes_part(agency.id, *n)) {
                add("agency_without_part", agency.code.clone(), None);
            }
        }
        found
    }

    /// Period and the three percentages.
    pub fn pace(&self) -> Vec<Value> {
        let live: Vec<(&Task, &Initiative)> = self.tasks.iter().filter(|n| self.live(**n)).map(|n| self.task(*n)).collect();
        let Some(last) = live.iter().map(|(task, _)| task.due).max() else { return vec![] };
        let first = live.iter().filter_map(|(_, work)| work.starts).min().unwrap_or(last).min(last);
        let name = |day: NaiveDate| {
            if self.wish.jalali { persian::format_jalali(day)[..7].to_owned() } else { format!("{:04}-{:02}", day.year(), day.month()) }
        };
        let weight = |holds: &dyn Fn(&Task) -> bool| -> i128 {
            live.iter().filter(|(task, _)| holds(task)).map(|(task, _)| i128::from(task.weight)).sum()
        };
        let whole = weight(&|_| true);
        let mut months: Vec<(String, NaiveDate, NaiveDate)> = Vec::new();
        let mut at = first - Duration::days(40);
        while at <= last + Duration::days(40) {
            match months.last_mut() {
                Some((month, _, ends)) if *month == name(at) => *ends = at,
                _ => months.push((name(at), at, at)),
            }
            at += Duration::days(1);
        }
        let wanted = months.into_iter().filter(|(_, starts, ends)| *ends >= first && *starts <= last);
        wanted
            .map(|(month, starts, ends)| {
                let verified = percent(weight(&|task| task.status == "verified" && task.verified_on.is_some_and(|on| on <= ends)), whole);
                json!({
                    "period": month, "starts_on": starts.to_string(), "ends_on": ends.to_string(),
                    "planned_baseline": percent(weight(&|task| task.baseline.is_some_and(|due| due <= ends)), whole),
                    "planned_live": percent(weight(&|task| task.due <= ends), whole),
                    "verified": if starts <= self.as_of { verified } else { Value::Null },
                })
            })
            .collect()
    }

    /// Kind, the responsibility and days left.
    pub fn agenda(&self, days: i64) -> Vec<(String, String, i64)> {
        let mut found = Vec::new();
        for n in &self.tasks {
            let (task, work) = self.task(*n);
            let (mine, answers, verifies) = match self.who {
                Who::Province => (true, true, true),
                Who::Viewer => (true, false, false),
                Who::Agency(own) => (task.agency == *own, true, false),
                Who::Manager(places) => (places.contains(&work.place), false, true),
            };
            let (open, left) = (self.live(*n) && task.status != "verified", (task.due - self.as_of).num_days());
            let asking = matches!(work.status, "proposed" | "approved" | "in_progress" | "blocked");
            let running = matches!(work.status, "in_progress" | "blocked");
            for (holds, kind) in [
                (open && left < 0, "late"),
                (open && (0..=days).contains(&left), "due"),
                (open && asking && task.status == "returned", "returned"),
                (answers && asking && task.status == "proposed", "to_answer"),
                (verifies && running && task.status == "reported", "to_verify"),
            ] {
                if mine && holds {
                    found.push((kind.to_owned(), task.id.to_string(), left));
                }
            }
        }
        if matches!(self.who, Who::Province) {
            for n in &self.deferrals {
                let (task, work) = self.task(self.all.deferrals[*n].task);
                if self.all.deferrals[*n].status == "requested" && matches!(work.status, "approved" | "in_progress" | "blocked") {
                    found.push(("to_decide".into(), task.id.to_string(), (task.due - self.as_of).num_days()));
                }
            }
        }
        found.sort();
        found
    }

    /// Code of the initiative, its progress and health, and the ids of its responsibilities.
    pub fn timeline(&self) -> BTreeMap<String, Value> {
        let row = |n: &usize| {
            let standing = self.standing(&[*n]);
            let mut tasks: Vec<&Task> = self.own_tasks(&[*n]).into_iter().map(|task| self.task(task).0).collect();
            tasks.sort_by_key(|task| (task.due, task.code.to_lowercase(), task.id));
            let ids: Vec<String> = tasks.iter().map(|task| task.id.to_string()).collect();
            let work = &self.all.initiatives[*n];
            (
                work.code.clone(),
                json!({"progress": standing["progress"], "health": standing["health"], "status": work.status, "starts_on": work.starts, "due_on": work.due, "ids": ids}),
            )
        };
        self.initiatives.iter().map(row).collect()
    }
}
