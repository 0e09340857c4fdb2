//! What [`Sums`] are computed from, by neighbourhood or domain: three statements, whatever there is, and a fourth where sums that the
//! database cut off do not tell how something is to be rounded.

use std::{collections::HashMap, hash::Hash};

use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use super::{
    dto::ResponsibilityTotals,
    scope::View,
    statement::{Statement, unordered},
    sums::{Means, Sums, total},
};
use crate::{
    db::{
        Conn, Id,
        schema::{initiatives as initiative, responsibilities as task},
        types::{DayColumn, sql::Uid},
    },
    error::ApiError,
    figures::{Near, PARTS, Shares, long_ago},
    initiatives::InitiativeStatus,
    responsibilities::ResponsibilityStatus,
};

type Counted<K> = (K, InitiativeStatus, i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
type CountedSql<K> = (K, Text, BigInt, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>);
type Neared<K> = (K, i64, i64, i64, i64, i64);
type NearedSql<K> = (K, BigInt, BigInt, BigInt, BigInt, BigInt);
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

/// Each initiative's group, weight, live weight, and of that what is verified and planned; to be followed by what is done with them.
fn progressing<T>(conn: &Conn, view: &View<'_>, key: &str, select: &str, rest: &str) -> Statement<T> {
    let columns = (
        task::neighborhood_id,
        task::initiative_id,
        task::initiative_domain,
        task::initiative_weight,
        task::weight,
        task::status,
        task::baseline_due_on,
    );
    Statement::new(format!(
        "SELECT {select} FROM (SELECT {key} AS part_of, {} AS weight, SUM(weight) AS live, \
         COALESCE(SUM(weight) FILTER (WHERE status = 'verified'), 0) AS verified, \
         COALESCE(SUM(weight) FILTER (WHERE baseline_due_on <= '{}'), 0) AS planned FROM ",
        of_all(conn, "initiative_weight"),
        view.as_of
    ))
    .query(view.live_tasks().select(columns))
    .sql(format!(" AS r GROUP BY neighborhood_id, initiative_id) AS x{rest}"))
}

/// What all responsibilities of an initiative have alike; SQLite takes that of any, for which it need not compare.
fn of_all(conn: &Conn, column: &str) -> String {
    if conn.is_postgres() { format!("MAX({column})") } else { column.to_owned() }
}

/// The progress of each group, nearly.
fn nearing<K>(conn: &Conn, view: &View<'_>, key: &str) -> Statement<NearedSql<K>> {
    let shares = |part: &str| {
        let above = format!("weight * {part} * {PARTS}");
        format!("CAST(SUM({above} / live) AS BIGINT), COUNT(*) FILTER (WHERE {above} % live <> 0)")
    };
    let select = format!("part_of, SUM(weight), {}, {}", shares("verified"), shares("(verified - planned)"));
    progressing(conn, view, key, &select, " GROUP BY part_of")
}

/// The same of each initiative, for an exact mean.
fn progressing_each<K>(conn: &Conn, view: &View<'_>, key: &str) -> Statement<ProgressedSql<K>> {
    progressing(conn, view, key, "part_of, weight, live, verified, planned", "")
}

/// How many are late, how many of them by more than 30 days, and the oldest deadline.
fn lagging<K>(view: &View<'_>, key: &str) -> Statement<LateSql<K>> {
    let columns = (task::neighborhood_id, task::initiative_domain, task::due_on);
    let very = format!("COUNT(*) FILTER (WHERE due_on < '{}')", long_ago(view.as_of));
    Statement::new(format!("SELECT {key}, COUNT(*), {very}, MIN(due_on) FROM "))
        .query(view.late_tasks().select(columns))
        .sql(format!(" AS r GROUP BY {key}"))
}

/// The loads of both groupings; a generic one would say more of Diesel's traits than of figures.
macro_rules! grouped {
    ($(#[$meta:meta])* $name:ident, $key:ty, $sql:ty, $column:literal, $group:expr, $of_late:literal, $of_work:expr) => {
        $(#[$meta])*
        ///
        /// # Errors
        /// Those of the database.
        pub fn $name(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<$key, Sums>, ApiError> {
            // Half of the work, which another core may do.
            let near = view.beside(|conn, view| Ok(nearing::<$sql>(conn, view, &$of_work(conn)).load::<Neared<$key>>(conn)?));
            let counted: Vec<Counted<$key>> = counting::<$sql>(view, $column, &$group(conn)).load(conn)?;
            let late: Vec<Late<$key>> = lagging::<$sql>(view, $of_late).load(conn)?;
            let mut groups = together(counted, near.end(conn, view)?, late);
            if !is_settled(&groups) {
                settle(&mut groups, progressing_each::<$sql>(conn, view, &$of_work(conn)).load(conn)?);
            }
            Ok(groups)
        }
    };
}

grouped!(
    /// By neighbourhood.
    by_neighborhood, Id, Uid, "neighborhood_id", |_: &Conn| "neighborhood_id", "neighborhood_id", |_: &Conn| "neighborhood_id"
);
grouped!(
    /// By the code of the domain.
    by_domain, String, Text, "domain", |conn: &Conn| unordered(conn, "domain"), "initiative_domain",
    |conn: &Conn| of_all(conn, "initiative_domain")
);

/// Whether what is near tells how each group and all together stand, and in which order their gaps are.
fn is_settled<K>(groups: &HashMap<K, Sums>) -> bool {
    let is_sure = |sums: &Sums| sums.near.is_sure(sums.late, sums.very_late);
    groups.values().all(is_sure) && is_sure(&total(groups.values())) && Near::in_order(groups.values().map(|sums| &sums.near))
}

/// Puts the exact mean beside what is near.
fn settle<K: Hash + Eq>(groups: &mut HashMap<K, Sums>, progressed: Vec<Progressed<K>>) {
    for (key, weight, live, verified, planned) in progressed {
        groups.entry(key).or_default().exact.get_or_insert_default().add(i64::from(weight), live, verified, planned);
    }
}

fn together<K: Hash + Eq>(counted: Vec<Counted<K>>, near: Vec<Neared<K>>, late: Vec<Late<K>>) -> HashMap<K, Sums> {
    let mut groups: HashMap<K, Sums> = HashMap::new();
    for (key, status, count, budget_planned, budget_spent, beneficiaries_planned, beneficiaries_reached) in counted {
        let sums = groups.entry(key).or_default();
        sums.initiatives.add(status, count);
        if !matches!(status, InitiativeStatus::Draft | InitiativeStatus::Cancelled) {
            let means = Means { budget_planned, budget_spent, beneficiaries_planned, beneficiaries_reached };
            sums.means = sums.means.plus(means);
        }
    }
    for (key, weight, verified, verified_cut, gap, gap_cut) in near {
        groups.entry(key).or_default().near =
            Near { weight, verified: Shares { parts: verified, cut: verified_cut }, gap: Shares { parts: gap, cut: gap_cut } };
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
