//! What is counted of an agency: statements over responsibilities, deferrals and returns.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    QueryDsl, RunQueryDsl,
    sql_types::{BigInt, Date, Text},
};

use crate::{
    clock::midnight,
    db::{
        Conn, Id, Timestamp,
        schema::{deferrals as deferral, responsibilities as responsibility},
        types::{DayColumn, sql::Uid},
    },
    deferrals::DeferralStatus,
    error::ApiError,
    initiatives::InitiativeStatus,
    reports::{
        dto::ResponsibilityTotals,
        scope::{UNANSWERED_AFTER_DAYS, View},
        statement::Statement,
    },
    responsibilities::ResponsibilityStatus,
};

/// What is counted of an agency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// All its responsibilities in the caller's reach, those of drafts too.
    pub responsibilities: ResponsibilityTotals,
    /// Live responsibilities due within the interval and by the report's day.
    pub due: i64,
    /// Those of them that were done in time and verified.
    pub kept: i64,
    /// Live responsibilities due within the interval by the baseline's dates.
    pub due_baseline: i64,
    /// Those of them that were done in time and verified.
    pub kept_baseline: i64,
    /// Responsibilities proposed for too long without an answer.
    pub unanswered: i64,
    /// How many responsibilities are late, by days late.
    pub late: BTreeMap<i64, i64>,
    /// Deferrals asked for within the interval.
    pub deferrals_requested: i64,
    /// Those of them that were accepted.
    pub deferrals_accepted: i64,
    /// How often work was sent back in the interval.
    pub returned: i64,
}

impl Word {
    /// Adds another agency's.
    pub fn merge(&mut self, other: &Self) {
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

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What was counted of each agency.
///
/// # Errors
/// Those of the database.
pub fn words(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<Id, Word>, ApiError> {
    let mut words: HashMap<Id, Word> = HashMap::new();
    let counted = view.in_parallel(count_responsibilities);
    let late: Vec<(Id, DayColumn, i64)> = Statement::<(Uid, Date, BigInt)>::new("SELECT agency_id, due_on, COUNT(*) FROM ")
        .query(view.late_responsibilities().select((responsibility::agency_id, responsibility::due_on)))
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
        .query(view.responsibilities().select((responsibility::id, responsibility::agency_id)))
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

/// The condition of events that sent work back, in the words of the index `events_returned`.
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
        responsibility::agency_id,
        responsibility::status,
        responsibility::initiative_status,
        responsibility::due_on,
        responsibility::baseline_due_on,
        responsibility::reported_done_on,
        responsibility::status_since,
    );
    let (due, baseline) = (due_within(view, "due_on"), due_within(view, "baseline_due_on"));
    let asked_before = instant(midnight(view.as_of - chrono::Duration::days(UNANSWERED_AFTER_DAYS)), conn.is_postgres());
    let responsibilities = view.responsibilities().select(columns);
    // In the order of an index, and to be left so: PostgreSQL takes longer to hash the names of each row than to compare them.
    let responsibilities = if conn.is_postgres() {
        responsibilities.order((responsibility::agency_id, responsibility::status, responsibility::initiative_status)).offset(0)
    } else {
        responsibilities
    };
    let statement = Statement::<(Uid, Text, Text, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt)>::new(format!(
        "SELECT agency_id, status, initiative_status, COUNT(*), COUNT(*) FILTER (WHERE {due}), \
         COUNT(*) FILTER (WHERE {due} AND reported_done_on <= due_on), COUNT(*) FILTER (WHERE {baseline}), \
         COUNT(*) FILTER (WHERE {baseline} AND reported_done_on <= baseline_due_on), \
         COUNT(*) FILTER (WHERE status_since < {asked_before}) FROM "
    ))
    .query(responsibilities)
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
    let last = view.query.to.map_or(view.as_of, |to| to.min(view.as_of));
    let since = view.query.from.map(|from| format!(" AND {column} >= '{from}'")).unwrap_or_default();
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
