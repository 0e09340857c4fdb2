//! The figures of initiatives, summed by neighbourhood or domain: three statements, whatever there is.

use std::{collections::HashMap, hash::Hash};

use chrono::NaiveDate;
use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use super::{
    dto::{InitiativeTotals, ResponsibilityTotals},
    scope::View,
    statement::{Statement, unordered},
};
use crate::{
    db::{
        Conn, Id,
        schema::{initiatives as initiative, responsibilities as task},
        types::{DayColumn, sql::Uid},
    },
    error::ApiError,
    figures::{Mean, Standing, long_ago},
    initiatives::InitiativeStatus,
    responsibilities::ResponsibilityStatus,
};

/// Money and people, of what is neither a draft nor cancelled; none where nobody gave a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Means {
    /// Rials.
    pub budget_planned: Option<i64>,
    /// Rials.
    pub budget_spent: Option<i64>,
    /// Persons.
    pub beneficiaries_planned: Option<i64>,
    /// Persons.
    pub beneficiaries_reached: Option<i64>,
}

/// The figures of a group of initiatives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many there are.
    pub initiatives: InitiativeTotals,
    /// Money and people.
    pub means: Means,
    /// Progress and plan.
    pub mean: Mean,
    /// Late responsibilities.
    pub late: i64,
    /// Late by more than 30 days.
    pub very_late: i64,
    /// The oldest deadline that was missed.
    pub oldest: Option<NaiveDate>,
}

/// The sum of what is known; none where nothing is.
const fn plus(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (Some(known), None) | (None, Some(known)) => Some(known),
        (None, None) => None,
    }
}

impl Means {
    const fn plus(self, other: Self) -> Self {
        Self {
            budget_planned: plus(self.budget_planned, other.budget_planned),
            budget_spent: plus(self.budget_spent, other.budget_spent),
            beneficiaries_planned: plus(self.beneficiaries_planned, other.beneficiaries_planned),
            beneficiaries_reached: plus(self.beneficiaries_reached, other.beneficiaries_reached),
        }
    }
}

impl Sums {
    /// Another group's figures too.
    pub fn merge(&mut self, other: &Self) {
        self.initiatives.merge(&other.initiatives);
        self.means = self.means.plus(other.means);
        self.mean.merge(&other.mean);
        self.late += other.late;
        self.very_late += other.very_late;
        self.oldest = self.oldest.into_iter().chain(other.oldest).min();
    }

    /// Whether there is nothing to tell.
    pub const fn is_empty(&self) -> bool {
        self.initiatives.total == 0 && self.late == 0
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.mean.standing(self.late, self.very_late)
    }

    /// Days that the oldest late one is late.
    pub fn max_days_late(&self, as_of: NaiveDate) -> Option<i64> {
        self.oldest.map(|due| (as_of - due).num_days())
    }
}

/// Everything together.
pub fn total<'a>(groups: impl IntoIterator<Item = &'a Sums>) -> Sums {
    groups.into_iter().fold(Sums::default(), |mut all, group| {
        all.merge(group);
        all
    })
}

type Counted<K> = (K, InitiativeStatus, i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
type CountedSql<K> = (K, Text, BigInt, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>);
type Progressed<K> = (K, i32, i64, i64, i64);
type ProgressedSql<K> = (K, Integer, BigInt, BigInt, BigInt);
type Late<K> = (K, i64, i64, DayColumn);
type LateSql<K> = (K, BigInt, BigInt, Date);

/// How many initiatives of each status, with their money and people.
fn counting<K>(view: &View<'_>, key: &str, group: &str) -> Statement<CountedSql<K>> {
    let columns = (
        initiative::neighborhood_id,
        initiative::domain,
        initiative::status,
        initiative::budget_planned_rial,
        initiative::budget_spent_rial,
        initiative::beneficiaries_planned,
        initiative::beneficiaries_reached,
    );
    let sums = ["budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached"]
        // Drafts are not summed, and whoever may write many of them must not make a sum too large.
        .map(|column| format!("CAST(SUM({column}) FILTER (WHERE status NOT IN ('draft', 'cancelled')) AS BIGINT)"))
        .join(", ");
    Statement::new(format!("SELECT {key}, status, COUNT(*), {sums} FROM "))
        .query(view.initiatives().select(columns))
        .sql(format!(" AS i GROUP BY {group}, status"))
}

/// Each initiative's weight, live weight, and of that what is verified and planned.
fn progressing<K>(view: &View<'_>, key: &str, join: &str) -> Statement<ProgressedSql<K>> {
    let columns = (task::neighborhood_id, task::initiative_id, task::weight, task::status, task::baseline_due_on);
    Statement::new(format!(
        "SELECT {key}, i.weight, x.live, x.verified, x.planned FROM (SELECT neighborhood_id, initiative_id, SUM(weight) AS live, \
         COALESCE(SUM(weight) FILTER (WHERE status = 'verified'), 0) AS verified, \
         COALESCE(SUM(weight) FILTER (WHERE baseline_due_on <= '{}'), 0) AS planned FROM ",
        view.as_of
    ))
    .query(view.live_tasks().select(columns))
    .sql(format!(" AS r GROUP BY neighborhood_id, initiative_id) AS x {join}"))
}

/// How many are late, how many of them by more than 30 days, and the oldest deadline.
fn lagging<K>(view: &View<'_>, key: &str, join: &str) -> Statement<LateSql<K>> {
    let columns = (task::neighborhood_id, task::initiative_id, task::due_on);
    Statement::new(format!("SELECT {key}, COUNT(*), COUNT(*) FILTER (WHERE r.due_on < '{}'), MIN(r.due_on) FROM ", long_ago(view.as_of)))
        .query(view.late_tasks().select(columns))
        .sql(format!(" AS r {join} GROUP BY {key}"))
}

/// The initiatives that a column names. Left to itself SQLite takes the unique index and reads a row for each, or begins with all of
/// them and builds an index of what they are joined to; the wider index has all that is asked for.
fn join(conn: &Conn, view: &View<'_>, column: &str) -> String {
    let join = if conn.is_postgres() { "JOIN initiatives AS i" } else { "CROSS JOIN initiatives AS i INDEXED BY initiatives_weight" };
    format!("{join} ON i.province_id = {} AND i.id = {column}", view.province())
}

/// The loads of both groupings; a generic one would say more of Diesel's traits than of figures.
macro_rules! grouped {
    ($(#[$meta:meta])* $name:ident, $key:ty, $sql:ty, $column:literal, $group:expr, $of_work:literal, $of_late:literal, $join:expr) => {
        $(#[$meta])*
        ///
        /// # Errors
        /// Those of the database.
        pub fn $name(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<$key, Sums>, ApiError> {
            // Half of the work, which another core may do.
            let progressed = view.beside(|conn, view| {
                let statement = progressing::<$sql>(view, $of_work, &join(conn, view, "x.initiative_id"));
                Ok(statement.load::<Progressed<$key>>(conn)?)
            });
            let counted: Vec<Counted<$key>> = counting::<$sql>(view, $column, &$group(conn)).load(conn)?;
            let late: Vec<Late<$key>> = lagging::<$sql>(view, $of_late, &$join(conn, view)).load(conn)?;
            Ok(together(counted, progressed.end(conn, view)?, late))
        }
    };
}

grouped!(
    /// By neighbourhood.
    by_neighborhood, Id, Uid, "neighborhood_id", |_: &Conn| "neighborhood_id", "x.neighborhood_id", "r.neighborhood_id", |_: &Conn, _| String::new()
);
grouped!(
    /// By the code of the domain.
    by_domain, String, Text, "domain", |conn: &Conn| unordered(conn, "domain"), "i.domain", "i.domain",
    |conn: &Conn, view| join(conn, view, "r.initiative_id")
);

fn together<K: Hash + Eq>(counted: Vec<Counted<K>>, progressed: Vec<Progressed<K>>, late: Vec<Late<K>>) -> HashMap<K, Sums> {
    let mut groups: HashMap<K, Sums> = HashMap::new();
    for (key, status, count, budget_planned, budget_spent, beneficiaries_planned, beneficiaries_reached) in counted {
        let sums = groups.entry(key).or_default();
        sums.initiatives.add(status, count);
        if !matches!(status, InitiativeStatus::Draft | InitiativeStatus::Cancelled) {
            let means = Means { budget_planned, budget_spent, beneficiaries_planned, beneficiaries_reached };
            sums.means = sums.means.plus(means);
        }
    }
    for (key, weight, live, verified, planned) in progressed {
        groups.entry(key).or_default().mean.add(i64::from(weight), live, verified, planned);
    }
    for (key, late, very_late, oldest) in late {
        let sums = groups.entry(key).or_default();
        (sums.late, sums.very_late, sums.oldest) = (late, very_late, Some(oldest.0));
    }
    groups
}

/// How many responsibilities of each status there are.
///
/// # Errors
/// Those of the database.
pub fn responsibilities(conn: &mut Conn, view: &View<'_>) -> Result<ResponsibilityTotals, ApiError> {
    let counts: Vec<(ResponsibilityStatus, i64)> = Statement::<(Text, BigInt)>::new("SELECT status, COUNT(*) FROM ")
        .query(view.tasks().select(task::status))
        .sql(" AS r GROUP BY status")
        .load(conn)?;
    let mut totals = ResponsibilityTotals::default();
    for (status, count) in counts {
        totals.add(status, count);
    }
    Ok(totals)
}
