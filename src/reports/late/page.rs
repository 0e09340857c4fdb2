//! A page of `late`: which rows, and in which order.

use chrono::NaiveDate;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    sql_types::{BigInt, Date, Integer, Nullable, Text},
};

use super::{LateResponsibility, LateSplit};
use crate::{
    db::{
        Conn, Id,
        schema::{deferrals as deferral, responsibilities as responsibility},
        types::{DayColumn, sql::Uid},
    },
    deferrals::DeferralStatus,
    error::ApiError,
    reports::{dto::TitledRef, extras::After, refs::Names, scope::View, statement::Statement},
    responsibilities::ResponsibilityStatus,
};

/// A row with what it is ordered by.
pub struct Ranked {
    /// The row.
    pub row: LateResponsibility,
    rank: i64,
    code_key: String,
}

impl Ranked {
    /// Where the next page goes on.
    pub fn cursor(&self, view: &View<'_>) -> After {
        let (binding, as_of, code_key) = (view.query.binding, view.as_of, self.code_key.clone());
        After { binding, as_of, rank: self.rank, code_key, id: self.row.responsibility.id }
    }
}

type Columns = (Id, String, String, String, Id, Id, Id, DayColumn, Option<DayColumn>, ResponsibilityStatus, i32, i64);
type Found = (Columns, (String, String, i64));
type Sql = ((Uid, Text, Text, Text, Uid, Uid, Uid, Date, Nullable<Date>, Text, Integer, BigInt), (Text, Text, BigInt));

/// The rows of a page, and one more where there is one, by days late times weight, which each database has its own SQL for. An index
/// alone tells which rows they are, except to agencies; of the table only those rows are read.
pub fn page(conn: &mut Conn, view: &View<'_>, names: &Names) -> Result<Vec<Ranked>, ApiError> {
    let (postgres, as_of, province) = (conn.is_postgres(), view.as_of, view.province());
    let heft = |of: &str| {
        if postgres {
            format!("(CAST(DATE '{as_of}' - {of}due_on AS BIGINT) * {of}weight)")
        } else {
            format!("(CAST(julianday('{as_of}') - julianday({of}due_on) AS INTEGER) * {of}weight)")
        }
    };
    let rank = || sql::<BigInt>(&heft(""));
    let mut late = view.late_responsibilities();
    if let Some(After { rank: seen, code_key, id, .. }) = view.query.extras.after.clone() {
        let later = responsibility::code_key.gt(code_key.clone()).or(responsibility::code_key.eq(code_key).and(responsibility::id.gt(id)));
        late = late.filter(rank().lt(seen).or(rank().eq(seen).and(later)));
    }
    let late = late.order((rank().desc(), responsibility::code_key.asc(), responsibility::id.asc()));
    let late = match view.query.extras.limit {
        Some(limit) => late.limit(i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1),
        None => late,
    };
    let mut accepted = view.deferrals().filter(deferral::status.eq(DeferralStatus::Accepted));
    let (since, until) = view.instants();
    if let Some(since) = since {
        accepted = accepted.filter(deferral::created_at.ge(since));
    }
    if let Some(until) = until {
        accepted = accepted.filter(deferral::created_at.lt(until));
    }
    let found: Vec<Found> = Statement::<Sql>::new(format!(
        "SELECT r.id, r.code, r.code_key, r.title, r.initiative_id, r.neighborhood_id, r.agency_id, r.due_on, r.baseline_due_on, \
         r.status, r.weight, {} AS heft, i.code, i.title, (SELECT COUNT(*) FROM ",
        heft("r.")
    ))
    .query(accepted.select(deferral::responsibility_id))
    .sql(" AS a WHERE a.responsibility_id = r.id) FROM ")
    .query(late.select(responsibility::id))
    .sql(format!(
        " AS l JOIN responsibilities AS r ON r.province_id = {province} AND r.id = l.id \
         JOIN initiatives AS i ON i.province_id = {province} AND i.id = r.initiative_id ORDER BY heft DESC, r.code_key, r.id"
    ))
    .load(conn)?;
    Ok(found.into_iter().map(|row| ranked(row, view.as_of, names)).collect())
}

fn ranked((columns, (initiative_code, initiative_title, accepted)): Found, as_of: NaiveDate, names: &Names) -> Ranked {
    let (id, code, code_key, title, initiative, place, agency, due, baseline, status, weight, rank) = columns;
    let row = LateResponsibility {
        responsibility: TitledRef { id, code, title },
        initiative: TitledRef { id: initiative, code: initiative_code, title: initiative_title },
        neighborhood: names.neighborhood(place),
        agency: names.agency(agency),
        due_on: due.0,
        baseline_due_on: baseline.map(|day| day.0),
        days_late: (as_of - due.0).num_days(),
        split: LateSplit::of(status),
        weight,
        deferrals_accepted: accepted,
    };
    Ranked { row, rank, code_key }
}
