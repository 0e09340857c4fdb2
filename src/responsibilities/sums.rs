//! The figures of initiatives, added up by the database: a page of initiatives costs a row for each, not one for each
//! responsibility.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Date, Integer},
};

use crate::{
    db::{Among, Conn, Id, MultiBackend, among, schema::responsibilities::dsl, types::sql::Uid},
    error::ApiError,
    figures::{Figures, long_ago},
};

/// The sums of [`Figures::of`] for these initiatives on a day, as if they were all live; a test compares the two.
struct SumsOf {
    province_id: i32,
    day: NaiveDate,
    long_ago: NaiveDate,
    initiatives: Among<dsl::initiative_id, Id>,
}

impl QueryFragment<MultiBackend> for SumsOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT initiative_id, COUNT(*), COUNT(*) FILTER (WHERE status = 'verified'), SUM(weight), ");
        out.push_sql("COALESCE(SUM(weight) FILTER (WHERE status = 'verified'), 0), ");
        out.push_sql("COALESCE(SUM(weight) FILTER (WHERE baseline_due_on <= ");
        out.push_bind_param::<Date, _>(&self.day)?;
        out.push_sql("), 0), COUNT(*) FILTER (WHERE \"open\" AND due_on < ");
        out.push_bind_param::<Date, _>(&self.day)?;
        out.push_sql("), COUNT(*) FILTER (WHERE \"open\" AND due_on < ");
        out.push_bind_param::<Date, _>(&self.long_ago)?;
        out.push_sql(") FROM responsibilities WHERE province_id = ");
        out.push_bind_param::<Integer, _>(&self.province_id)?;
        out.push_sql(" AND ");
        self.initiatives.walk_ast(out.reborrow())?;
        out.push_sql(" AND status NOT IN ('declined', 'withdrawn') GROUP BY initiative_id");
        Ok(())
    }
}

impl QueryId for SumsOf {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for SumsOf {
    type SqlType = (Uid, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);
}

impl RunQueryDsl<Conn> for SumsOf {}

/// The figures of these initiatives on a day, in one statement; one without responsibilities that count is not among them. Each
/// comes with whether it is live, which all of its responsibilities are or none.
///
/// # Errors
/// Those of the database.
pub fn figures(conn: &mut Conn, province_id: i32, day: NaiveDate, of: &BTreeMap<Id, bool>) -> Result<HashMap<Id, Figures>, ApiError> {
    type Row = (Id, i64, i64, i64, i64, i64, i64, i64);
    let initiatives = among(dsl::initiative_id, of.keys().copied());
    let rows: Vec<Row> = SumsOf { province_id, day, long_ago: long_ago(day), initiatives }.load(conn)?;
    let figures = |(id, total, total_verified, live, verified, planned, late, very_late): Row| {
        let figures = match of.get(&id) {
            Some(true) => Figures { live, verified, planned, total, total_verified, late, very_late },
            _ => Figures { total, total_verified, ..Figures::default() },
        };
        (id, figures)
    };
    Ok(rows.into_iter().map(figures).collect())
}
