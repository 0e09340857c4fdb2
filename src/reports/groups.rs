//! Computes [`Sums`] by neighbourhood or domain: in three statements, however much there is, and a fourth where the approximate sums
//! of the database leave open how a figure is to be rounded.

use std::{collections::HashMap, hash::Hash};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use super::{
    dto::ResponsibilityTotals,
    scope::View,
    statement::Statement,
    sums::{Resources, Sums, total},
};
use crate::{
    db::{
        Conn, Id,
        schema::{initiatives as initiative, responsibilities as responsibility},
        tally,
        types::{DayColumn, sql::Uid},
    },
    error::ApiError,
    figures::{Near, PARTS, Shares, long_ago},
    initiatives::InitiativeStatus,
    policy::Role,
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

/// The columns of money and people.
const RESOURCES: [&str; 4] = ["budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached"];
/// What they are summed over: without drafts, so that whoever may write many of them can't make a sum too large.
const SUMMED: &str = "status NOT IN ('draft', 'cancelled')";

/// A statement over each initiative's groups, status, money and people: `select` is what is counted, `rest` how it is grouped.
fn counting<T>(view: &View<'_>, select: &str, rest: &str) -> Statement<T> {
    let columns = (
        initiative::neighborhood_id,
        initiative::domain,
        initiative::status,
        initiative::budget_planned_rial,
        initiative::budget_spent_rial,
        initiative::beneficiaries_planned,
        initiative::beneficiaries_reached,
    );
    Statement::new(format!("SELECT {select} FROM ")).query(view.initiatives().select(columns)).sql(format!(" AS i{rest}"))
}

/// How many initiatives of each status, with their money and people.
fn counting_by<K>(view: &View<'_>, key: &str) -> Statement<CountedSql<K>> {
    let sums = RESOURCES.map(|column| format!("CAST(SUM({column}) FILTER (WHERE {SUMMED}) AS BIGINT)")).join(", ");
    counting(view, &format!("{key}, status, COUNT(*), {sums}"), &format!(" GROUP BY {key}, status"))
}

/// Counts by neighbourhood, in the order of an index.
fn counted_by_neighborhood(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Counted<Id>>, ApiError> {
    Ok(counting_by::<Uid>(view, "neighborhood_id").load(conn)?)
}

/// Counts by domain. No index has that order, and SQLite would sort all initiatives for a few groups, so there it is `tally`.
fn counted_by_domain(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Counted<String>>, ApiError> {
    if conn.is_postgres() {
        return Ok(counting_by::<Text>(view, "domain").load(conn)?);
    }
    let numbers = RESOURCES.map(|column| format!("CASE WHEN {SUMMED} THEN {column} END")).join(", ");
    let tally: Vec<String> = counting::<Text>(view, &format!("tally(domain || '/' || status, {numbers})"), "").load(conn)?;
    let line = |(key, (count, [planned, spent, expected, reached])): (String, tally::Line)| {
        let (domain, status) = key.split_once('/')?;
        Some((domain.to_owned(), InitiativeStatus::parse(status)?, count, planned, spent, expected, reached))
    };
    Ok(tally::read(&tally.concat())?.into_iter().filter_map(line).collect())
}

/// A statement over each initiative's group, weight and live weight, and how much of that is verified and planned: `select` is what
/// is made of them, `rest` how they are grouped.
fn progressing<T>(conn: &Conn, view: &View<'_>, key: &str, select: &str, rest: &str) -> Statement<T> {
    let columns = (
        responsibility::neighborhood_id,
        responsibility::initiative_id,
        responsibility::initiative_domain,
        responsibility::initiative_weight,
        responsibility::weight,
        responsibility::status,
        responsibility::baseline_due_on,
    );
    Statement::new(format!(
        "SELECT {select} FROM (SELECT {key} AS part_of, {} AS weight, SUM(weight) AS live, \
         COALESCE(SUM(weight) FILTER (WHERE status = 'verified'), 0) AS verified, \
         COALESCE(SUM(weight) FILTER (WHERE baseline_due_on <= '{}'), 0) AS planned FROM ",
        of_all(conn, "initiative_weight"),
        view.as_of
    ))
    .query(view.live_responsibilities().select(columns))
    .sql(format!(" AS r GROUP BY neighborhood_id, initiative_id) AS x{rest}"))
}

/// A column that all responsibilities of an initiative have alike; SQLite takes it from any of them, which saves comparing.
fn of_all(conn: &Conn, column: &str) -> String {
    if conn.is_postgres() { format!("MAX({column})") } else { column.to_owned() }
}

/// The approximate progress of each group.
fn nearing<K>(conn: &Conn, view: &View<'_>, key: &str) -> Statement<NearedSql<K>> {
    let shares = |part: &str| {
        let above = format!("weight * {part} * {PARTS}");
        format!("CAST(SUM({above} / live) AS BIGINT), COUNT(*) FILTER (WHERE {above} % live <> 0)")
    };
    let select = format!("part_of, SUM(weight), {}, {}", shares("verified"), shares("(verified - planned)"));
    progressing(conn, view, key, &select, " GROUP BY part_of")
}

/// The progress of each initiative, for an exact mean.
fn progressing_each<K>(conn: &Conn, view: &View<'_>, key: &str) -> Statement<ProgressedSql<K>> {
    progressing(conn, view, key, "part_of, weight, live, verified, planned", "")
}

/// How many are late, how many of them by more than 30 days, and the oldest deadline.
fn lagging<K>(conn: &Conn, view: &View<'_>, key: &str) -> Statement<LateSql<K>> {
    let counts = format!("COUNT(*) AS late, COUNT(*) FILTER (WHERE due_on < '{}') AS very, MIN(due_on) AS oldest", long_ago(view.as_of));
    if conn.is_postgres() {
        return Statement::new(format!("SELECT {key}, {counts} FROM "))
            .query(view.late_responsibilities().select((
                responsibility::neighborhood_id,
                responsibility::initiative_domain,
                responsibility::due_on,
            )))
            .sql(format!(" AS r GROUP BY {key}"));
    }
    // By initiative first, in the order of an index, so that SQLite has only initiatives to sort and not all that is late.
    let late = view
        .live_responsibilities()
        .filter(responsibility::status.ne(ResponsibilityStatus::Verified).and(responsibility::due_on.lt(view.as_of)));
    Statement::new(format!("SELECT part_of, SUM(late), SUM(very), MIN(oldest) FROM (SELECT {key} AS part_of, {counts} FROM "))
        .query(late.select((
            responsibility::neighborhood_id,
            responsibility::initiative_id,
            responsibility::initiative_domain,
            responsibility::due_on,
        )))
        .sql(" AS r GROUP BY neighborhood_id, initiative_id) AS x GROUP BY part_of")
}

/// Declares the loading of a grouping; a generic function would be mostly bounds on Diesel's traits.
macro_rules! grouped {
    ($(#[$meta:meta])* $name:ident, $key:ty, $sql:ty, $counted:ident, $of_late:literal, $of_work:expr) => {
        $(#[$meta])*
        ///
        /// # Errors
        /// Those of the database.
        pub fn $name(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<$key, Sums>, ApiError> {
            // Half of the work, which another core may do.
            let near = view.in_parallel(|conn, view| Ok(nearing::<$sql>(conn, view, &$of_work(conn)).load::<Neared<$key>>(conn)?));
            let counted = $counted(conn, view)?;
            let late: Vec<Late<$key>> = lagging::<$sql>(conn, view, $of_late).load(conn)?;
            let mut groups = together(counted, near.end(conn, view)?, late);
            if !is_settled(&groups) {
                settle(&mut groups, progressing_each::<$sql>(conn, view, &$of_work(conn)).load(conn)?);
            }
            Ok(groups)
        }
    };
}

grouped!(
    /// The sums by neighbourhood.
    by_neighborhood, Id, Uid, counted_by_neighborhood, "neighborhood_id", |_: &Conn| "neighborhood_id"
);
grouped!(
    /// The sums by the code of the domain.
    by_domain, String, Text, counted_by_domain, "initiative_domain", |conn: &Conn| of_all(conn, "initiative_domain")
);

/// Whether the approximate sums decide the figures of each group and of all together, and the order of the groups' gaps.
fn is_settled<K>(groups: &HashMap<K, Sums>) -> bool {
    let is_sure = |sums: &Sums| sums.near.is_sure(sums.late, sums.very_late);
    groups.values().all(is_sure) && is_sure(&total(groups.values())) && Near::in_order(groups.values().map(|sums| &sums.near))
}

/// Adds the exact mean to the approximate one.
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
            let resources = Resources { budget_planned, budget_spent, beneficiaries_planned, beneficiaries_reached };
            sums.resources = sums.resources.plus(resources);
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
    // By agency too, though the parts are only added up: that is the order of the index `responsibilities_word`, which has the
    // initiative's status, by which drafts are left out.
    let group = if view.scope.actor.role == Role::Province { "status" } else { "agency_id, status" };
    let counts: Vec<(ResponsibilityStatus, i64)> = Statement::<(Text, BigInt)>::new("SELECT status, COUNT(*) FROM ")
        .query(view.responsibilities().select((responsibility::agency_id, responsibility::status)))
        .sql(format!(" AS r GROUP BY {group}"))
        .load(conn)?;
    let mut totals = ResponsibilityTotals::default();
    for (status, count) in counts {
        totals.add(status, count);
    }
    Ok(totals)
}
