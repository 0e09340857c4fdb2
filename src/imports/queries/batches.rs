//! The report of a job, a batch of rows in a row.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};

use super::JobRow;
use crate::{
    db::{Conn, among, schema::import_batches},
    error::ApiError,
    http::page::PageRequest,
    imports::{dto::RowOutcome, report::Counts},
};

/// Keeps a batch of the report.
///
/// # Errors
/// Those of the database.
pub fn insert_batch(conn: &mut Conn, job: &JobRow, rows: (u32, u32), counts: Counts, report: &str) -> Result<(), ApiError> {
    use import_batches as batch;
    diesel::insert_into(batch::table)
        .values((
            (batch::province_id.eq(job.province_id), batch::import_id.eq(job.id)),
            (batch::first_row.eq(i64::from(rows.0)), batch::last_row.eq(i64::from(rows.1)), batch::report.eq(report)),
            (batch::created.eq(counts.created), batch::updated.eq(counts.updated)),
            (batch::unchanged.eq(counts.unchanged), batch::rejected.eq(counts.rejected)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes the report so far.
///
/// # Errors
/// Those of the database.
pub fn delete_batches(conn: &mut Conn, job: &JobRow) -> Result<(), ApiError> {
    let of_it = import_batches::province_id.eq(job.province_id).and(import_batches::import_id.eq(job.id));
    diesel::delete(import_batches::table.filter(of_it)).execute(conn)?;
    Ok(())
}

/// The batches of the report that a page of rows with these outcomes needs; two statements.
///
/// # Errors
/// Those of the database.
pub fn batches(conn: &mut Conn, job: &JobRow, page: &PageRequest, outcomes: &[RowOutcome]) -> Result<Vec<String>, ApiError> {
    use import_batches as batch;
    type Sums = (i64, i64, i64, i64, i64);
    let of_it = batch::province_id.eq(job.province_id).and(batch::import_id.eq(job.id));
    // More rows than there can be, for an outcome that is not asked for.
    let least = |outcome| if outcomes.contains(&outcome) { 0 } else { i64::MAX };
    let holds = (batch::created.gt(least(RowOutcome::Created)).or(batch::updated.gt(least(RowOutcome::Updated))))
        .or(batch::unchanged.gt(least(RowOutcome::Unchanged)).or(batch::rejected.gt(least(RowOutcome::Rejected))));
    let after = page.after_key::<i64>()?.map(|(row, _)| row);
    let sums = batch::table.filter(of_it.and(holds)).limit(page.fetch() + 1).select((
        batch::first_row,
        batch::created,
        batch::updated,
        batch::unchanged,
        batch::rejected,
    ));
    let sums: Vec<Sums> = if page.descending {
        sums.filter(batch::first_row.lt(after.unwrap_or(i64::MAX))).order(batch::first_row.desc()).load(conn)?
    } else {
        sums.filter(batch::last_row.gt(after.unwrap_or(0))).order(batch::first_row.asc()).load(conn)?
    };
    // On a page after the first, all rows of the first batch may lie before the page, so it counts for none; the others count in full.
    let (mut needed, mut rows) = (Vec::new(), 0);
    for (number, (first_row, created, updated, unchanged, rejected)) in sums.into_iter().enumerate() {
        needed.push(first_row);
        let counts = Counts { created, updated, unchanged, rejected };
        let held: i64 = outcomes.iter().map(|outcome| counts.of(*outcome)).sum();
        rows += if number == 0 && after.is_some() { 0 } else { held };
        if rows >= page.fetch() {
            break;
        }
    }
    let wanted = batch::table.filter(of_it.and(among(batch::first_row, needed))).select(batch::report);
    Ok(if page.descending { wanted.order(batch::first_row.desc()).load(conn)? } else { wanted.order(batch::first_row.asc()).load(conn)? })
}
