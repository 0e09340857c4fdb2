//! `agencies`: who keeps his word.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Text},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Report, Table, definitions,
    dto::{NamedRef, Rate, ResponsibilityTotals, Tenths, answer_of},
    scope::{PATIENCE_DAYS, View},
    statement::Statement,
};
use crate::{
    agencies::queries::AgencyRow,
    clock::midnight,
    db::{
        Conn, Id, Timestamp,
        schema::{deferrals as deferral, responsibilities as task},
        types::{DayColumn, sql::Uid},
    },
    deferrals::DeferralStatus,
    error::ApiError,
    http::export::Cell,
    initiatives::InitiativeStatus,
    responsibilities::ResponsibilityStatus,
};

/// Declares a row, and the totals that are a row without an agency.
macro_rules! word {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Every responsibility in reach.
            pub responsibilities: ResponsibilityTotals,
            /// Live ones due in the interval and by the day.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub due: i64,
            /// Those of them that were done in time and verified.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub kept: i64,
            /// Word kept.
            pub kept_rate: Rate,
            /// Word kept by the baseline's dates.
            pub kept_rate_baseline: Rate,
            /// Late ones.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub late: i64,
            /// The median of days late; null where nothing is.
            #[schema(value_type = Option<f64>, minimum = 1, maximum = 200_000, examples(9.5))]
            pub median_days_late: Option<Tenths>,
            /// Proposed for more than 7 days.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub unanswered: i64,
            /// Deferrals asked for in the interval.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub deferrals_requested: i64,
            /// Those of them that were accepted.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub deferrals_accepted: i64,
            /// How often work was sent back.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub returned: i64,
        }

        impl $name {
            fn new($($field: $type,)* word: &Word) -> Self {
                Self {
                    $($field,)*
                    responsibilities: word.responsibilities,
                    due: word.due,
                    kept: word.kept,
                    kept_rate: Rate::of(word.kept, word.due),
                    kept_rate_baseline: Rate::of(word.kept_baseline, word.due_baseline),
                    late: word.late.values().sum(),
                    median_days_late: median(&word.late),
                    unanswered: word.unanswered,
                    deferrals_requested: word.deferrals_requested,
                    deferrals_accepted: word.deferrals_accepted,
                    returned: word.returned,
                }
            }
        }
    };
}

word! {
    /// An agency and how it keeps its word.
    pub struct AgencyWord {
        /// Which.
        pub agency: NamedRef,
    }
}
word! {
    /// All agencies together.
    pub struct WordTotals {}
}

answer_of!(AgenciesReport, "agencies", AgencyWord, WordTotals);

/// The report.
pub struct Agencies;

const SAYS: &[&str] = &[
    "responsibilities",
    "due",
    "kept",
    "kept_rate",
    "kept_rate_baseline",
    "late",
    "median_days_late",
    "unanswered",
    "deferrals_requested",
    "deferrals_accepted",
    "returned",
];

/// What is counted of an agency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Word {
    responsibilities: ResponsibilityTotals,
    due: i64,
    kept: i64,
    due_baseline: i64,
    kept_baseline: i64,
    unanswered: i64,
    /// How many are late by so many days.
    late: BTreeMap<i64, i64>,
    deferrals_requested: i64,
    deferrals_accepted: i64,
    returned: i64,
}

impl Word {
    fn merge(&mut self, other: &Self) {
        self.responsibilities.merge(&other.responsibilities);
        self.due += other.due;
        self.kept += other.kept;
        self.due_baseline += other.due_baseline;
        self.kept_baseline += other.kept_baseline;
        self.unanswered += other.unanswered;
        for (days, count) in &other.late {
            *self.late.entry(*days).or_default() += count;
        }
        self.deferrals_requested += other.deferrals_requested;
        self.deferrals_accepted += other.deferrals_accepted;
        self.returned += other.returned;
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The one in the middle; of an even number the mean of the two.
fn median(counts: &BTreeMap<i64, i64>) -> Option<Tenths> {
    let total: i64 = counts.values().sum();
    let at = |place: i64| {
        let mut passed = 0;
        counts.iter().find_map(|(days, count)| {
            passed += count;
            (passed > place).then_some(*days)
        })
    };
    Some(Tenths((at((total - 1) / 2)? + at(total / 2)?) * 5))
}

impl Report for Agencies {
    type Answer = AgenciesReport;
    const NAME: &'static str = "agencies";
    const COLUMNS: &'static [&'static str] = &[
        "agency_code",
        "agency_name",
        "responsibilities_total",
        "responsibilities_proposed",
        "responsibilities_accepted",
        "responsibilities_declined",
        "responsibilities_reported",
        "responsibilities_verified",
        "responsibilities_returned",
        "responsibilities_withdrawn",
        "due",
        "kept",
        "kept_rate",
        "kept_baseline",
        "due_baseline",
        "kept_rate_baseline",
        "late",
        "median_days_late",
        "unanswered",
        "deferrals_requested",
        "deferrals_accepted",
        "returned",
    ];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<AgenciesReport, ApiError> {
        let mut words = words(conn, view)?;
        let mut all = Word::default();
        for word in words.values() {
            all.merge(word);
        }
        let mut known: Vec<AgencyRow> = view.agencies().load(conn)?;
        known.sort_by(|one, other| one.name_sort.cmp(&other.name_sort).then(one.id.cmp(&other.id)));
        let rows = known
            .iter()
            .map(|row| (row, words.remove(&row.id).unwrap_or_default()))
            .filter(|(row, word)| row.active || !word.is_empty())
            .map(|(row, word)| AgencyWord::new(row.into(), &word))
            .collect();
        Ok(AgenciesReport::new(view, definitions::of(&[SAYS], view.asked.language), rows, WordTotals::new(&all)))
    }

    fn table(answer: &AgenciesReport) -> Table {
        macro_rules! cells {
            ($row:expr) => {{
                let row = $row;
                let mut cells: Vec<Cell> = vec![row.responsibilities.total.into()];
                cells.extend(row.responsibilities.each().map(|(_, count)| Cell::from(count)));
                cells.extend([row.due.into(), row.kept.into(), Table::percent(row.kept_rate.value)]);
                cells.extend([row.kept_rate_baseline.numerator.into(), row.kept_rate_baseline.denominator.into()]);
                cells.extend([Table::percent(row.kept_rate_baseline.value), row.late.into()]);
                cells.extend([row.median_days_late.map(Tenths::number).into(), row.unanswered.into()]);
                cells.extend([row.deferrals_requested.into(), row.deferrals_accepted.into(), row.returned.into()]);
                cells
            }};
        }
        let row = |row: &AgencyWord| {
            let mut all: Vec<Cell> = vec![row.agency.code.as_str().into(), row.agency.name.as_str().into()];
            all.extend(cells!(row));
            all
        };
        let mut totals = vec![Cell::Empty; 2];
        totals.extend(cells!(&answer.totals));
        let rows = answer.rows.iter().map(row).collect();
        Table { rows, totals: Some(totals), as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

fn words(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<Id, Word>, ApiError> {
    let mut words: HashMap<Id, Word> = HashMap::new();
    let counted = view.beside(count_responsibilities);
    let late: Vec<(Id, DayColumn, i64)> = Statement::<(Uid, Date, BigInt)>::new("SELECT agency_id, due_on, COUNT(*) FROM ")
        .query(view.late_tasks().select((task::agency_id, task::due_on)))
        .sql(" AS r GROUP BY due_on, agency_id")
        .load(conn)?;
    for (agency, due, count) in late {
        *words.entry(agency).or_default().late.entry((view.as_of - due.0).num_days()).or_default() += count;
    }
    let (since, until) = view.instants();
    let during = |column: &str, postgres: bool| within_instants(column, since, until, postgres);
    let postgres = conn.is_postgres();
    let deferrals: Vec<(Id, DeferralStatus, i64)> = Statement::<(Uid, Text, BigInt)>::new("SELECT agency_id, status, COUNT(*) FROM ")
        .query(view.deferrals().select((deferral::agency_id, deferral::status, deferral::created_at)))
        .sql(format!(" AS d WHERE {} GROUP BY agency_id, status", during("created_at", postgres)))
        .load(conn)?;
    for (agency, status, count) in deferrals {
        let word = words.entry(agency).or_default();
        word.deferrals_requested += count;
        word.deferrals_accepted += if status == DeferralStatus::Accepted { count } else { 0 };
    }
    let returned: Vec<(Id, i64)> = Statement::<(Uid, BigInt)>::new("SELECT r.agency_id, COUNT(*) FROM events AS e JOIN ")
        .query(view.tasks().select((task::id, task::agency_id)))
        .sql(format!(
            " AS r ON r.id = e.resource_id WHERE e.province_id = {} AND {} AND {} GROUP BY r.agency_id",
            view.province(),
            sent_back(postgres),
            during("e.at", postgres)
        ))
        .load(conn)?;
    for (agency, count) in returned {
        words.entry(agency).or_default().returned = count;
    }
    for counted in counted.end(conn, view)? {
        add(&mut words, counted);
    }
    Ok(words)
}

/// The events that sent work back, in the words of the index `events_returned`.
fn sent_back(postgres: bool) -> String {
    let find = if postgres { "strpos" } else { "instr" };
    format!(
        "e.resource_type = 'responsibility' AND e.action = 'transitioned' \
         AND {find}(e.changes, '{{\"after\":\"returned\",\"before\":\"reported\",\"field\":\"status\"}}') > 0"
    )
}

type Counted = (Id, ResponsibilityStatus, InitiativeStatus, i64, i64, i64, i64, i64, i64);

/// One pass over the responsibilities: how many of each status, and of those due, how many in time.
fn count_responsibilities(conn: &mut Conn, view: &View<'_>) -> Result<Vec<Counted>, ApiError> {
    let columns = (
        task::agency_id,
        task::status,
        task::initiative_status,
        task::due_on,
        task::baseline_due_on,
        task::reported_done_on,
        task::status_since,
    );
    let (due, baseline) = (due_within(view, "due_on"), due_within(view, "baseline_due_on"));
    let asked_before = instant(midnight(view.as_of - chrono::Duration::days(PATIENCE_DAYS)), conn.is_postgres());
    let statement = Statement::<(Uid, Text, Text, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt)>::new(format!(
        "SELECT agency_id, status, initiative_status, COUNT(*), COUNT(*) FILTER (WHERE {due}), \
         COUNT(*) FILTER (WHERE {due} AND reported_done_on <= due_on), COUNT(*) FILTER (WHERE {baseline}), \
         COUNT(*) FILTER (WHERE {baseline} AND reported_done_on <= baseline_due_on), \
         COUNT(*) FILTER (WHERE status_since < {asked_before}) FROM "
    ))
    .query(view.tasks().select(columns))
    .sql(" AS r GROUP BY agency_id, status, initiative_status");
    Ok(statement.load(conn)?)
}

/// Adds what was counted of an agency, in one pair of statuses.
fn add(words: &mut HashMap<Id, Word>, counted: Counted) {
    let (agency, status, initiative, count, due, in_time, due_baseline, in_time_baseline, old) = counted;
    let word = words.entry(agency).or_default();
    word.responsibilities.add(status, count);
    if status.counts() && initiative.is_live() {
        word.due += due;
        word.due_baseline += due_baseline;
        if status == ResponsibilityStatus::Verified {
            word.kept += in_time;
            word.kept_baseline += in_time_baseline;
        }
    }
    if status == ResponsibilityStatus::Proposed && initiative != InitiativeStatus::Draft {
        word.unanswered += old;
    }
}

/// The condition that a date lies in the interval and not after the day.
fn due_within(view: &View<'_>, column: &str) -> String {
    let last = view.asked.to.map_or(view.as_of, |to| to.min(view.as_of));
    let since = view.asked.from.map(|from| format!(" AND {column} >= '{from}'")).unwrap_or_default();
    format!("{column} <= '{last}'{since}")
}

/// An instant as each database writes it.
fn instant(at: Timestamp, postgres: bool) -> String {
    if postgres { format!("TIMESTAMPTZ '{at}'") } else { at.micros().to_string() }
}

fn within_instants(column: &str, since: Option<Timestamp>, until: Option<Timestamp>, postgres: bool) -> String {
    let since = since.map(|at| format!("{column} >= {}", instant(at, postgres)));
    let until = until.map(|at| format!("{column} < {}", instant(at, postgres)));
    let both: Vec<String> = since.into_iter().chain(until).collect();
    if both.is_empty() { "1 = 1".into() } else { both.join(" AND ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two() {
        let of = |days: &[i64]| {
            let mut counts = BTreeMap::new();
            for day in days {
                *counts.entry(*day).or_default() += 1;
            }
            median(&counts)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(Tenths(70)));
        assert_eq!(of(&[1, 2]), Some(Tenths(15)));
        assert_eq!(of(&[1, 1, 9]), Some(Tenths(10)));
        assert_eq!(of(&[4, 1, 9, 30]), Some(Tenths(65)));
    }
}
