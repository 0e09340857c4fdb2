//! A worker holds its job by a lease; when that runs out, another worker takes the job over.

use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::{JobRow, batches::delete_batches, file::delete_chunks};
use crate::{
    db::{
        Conn, Id, Timestamp,
        schema::{imports as table, imports::dsl},
    },
    error::ApiError,
    imports::{dto::ImportState, file::FileFault, report::Counts},
};

/// The condition that a job is still held by its worker.
macro_rules! held {
    ($job:expr) => {
        dsl::province_id
            .eq($job.province_id)
            .and(dsl::id.eq($job.id))
            .and(dsl::state.eq(ImportState::Running))
            .and(dsl::lease_owner.eq($job.lease_owner).assume_not_null())
    };
}

/// Takes the oldest job that waits or whose lease has run out, but for those that this server works on itself; of one province where
/// one is given.
///
/// # Errors
/// Those of the database.
pub fn claim(
    conn: &mut Conn,
    owner: Id,
    own: Vec<Id>,
    only: Option<i32>,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<JobRow>, ApiError> {
    let is_left = dsl::lease_until.lt(now).assume_not_null().and(dsl::id.ne_all(own));
    let waits = dsl::state.eq(ImportState::Queued).or(dsl::state.eq(ImportState::Running).and(is_left));
    let provinces = dsl::province_id.between(only.unwrap_or(i32::MIN), only.unwrap_or(i32::MAX));
    let next = table::table.filter(waits.and(provinces)).order((dsl::created_at, dsl::id)).select((dsl::province_id, dsl::id));
    let found: Option<(i32, Id)> = match conn {
        Conn::Postgres(pg) => next.for_update().skip_locked().first(pg).optional()?,
        Conn::Sqlite(sqlite) => next.first(sqlite).optional()?,
    };
    let Some((province, id)) = found else { return Ok(None) };
    let row: JobRow = table::table.find((province, id)).first(conn)?;
    let taken = (
        (dsl::state.eq(ImportState::Running), dsl::lease_owner.eq(Some(owner)), dsl::lease_until.eq(Some(until))),
        (dsl::attempts.eq(row.attempts + 1), dsl::started_at.eq(Some(row.started_at.unwrap_or(now)))),
        (dsl::version.eq(row.version + 1), dsl::updated_at.eq(now)),
    );
    let row = diesel::update(table::table.find((province, id))).set(taken).returning(table::all_columns).get_result(conn)?;
    Ok(Some(row))
}

/// Renews the lease and stores how many rows are done; `false` where the job is no longer this worker's.
///
/// # Errors
/// Those of the database.
pub fn keep_lease(conn: &mut Conn, job: &JobRow, rows_done: i64, until: Timestamp) -> Result<bool, ApiError> {
    Ok(diesel::update(table::table.filter(held!(job)))
        .set((dsl::lease_until.eq(Some(until)), dsl::rows_done.eq(rows_done)))
        .execute(conn)?
        == 1)
}

/// Stores how far a job is: the number of rows, the last one that is done, and the counts of outcomes; `false` where the job is no longer
/// this worker's.
///
/// # Errors
/// Those of the database.
pub fn keep_progress(conn: &mut Conn, job: &JobRow, rows_total: i64, last_row: u32, counts: Counts) -> Result<bool, ApiError> {
    let progress = (
        (dsl::rows_total.eq(Some(rows_total)), dsl::rows_done.eq(counts.total()), dsl::last_row.eq(i64::from(last_row))),
        (dsl::created.eq(counts.created), dsl::updated.eq(counts.updated)),
        (dsl::unchanged.eq(counts.unchanged), dsl::rejected.eq(counts.rejected)),
    );
    Ok(diesel::update(table::table.filter(held!(job))).set(progress).execute(conn)? == 1)
}

/// Ends a job that its worker still holds, and removes its file; `false` where it is no longer this worker's.
///
/// # Errors
/// Those of the database.
pub fn finish(
    conn: &mut Conn,
    job: &JobRow,
    state: ImportState,
    counts: Counts,
    fault: Option<&FileFault>,
    now: Timestamp,
) -> Result<bool, ApiError> {
    let args = fault.map(|fault| serde_json::to_string(&fault.args)).transpose().map_err(ApiError::internal)?;
    let ended = (
        (dsl::state.eq(state), dsl::finished_at.eq(Some(now)), dsl::updated_at.eq(now), dsl::version.eq(dsl::version + 1)),
        (dsl::error_code.eq(fault.map(|fault| fault.code.as_str())), dsl::error_args.eq(args)),
        (dsl::error_row.eq(fault.and_then(|fault| fault.row).map(i64::from)), dsl::rows_done.eq(counts.total())),
        (dsl::created.eq(counts.created), dsl::updated.eq(counts.updated)),
        (dsl::unchanged.eq(counts.unchanged), dsl::rejected.eq(counts.rejected)),
        (dsl::lease_owner.eq(None::<Id>), dsl::lease_until.eq(None::<Timestamp>)),
    );
    let mine = diesel::update(table::table.filter(held!(job))).set(ended).execute(conn)? == 1;
    if mine {
        delete_chunks(conn, job.province_id, job.id)?;
    }
    if mine && state == ImportState::Failed && !job.writes_by_row() {
        // Nothing was done, so there is nothing to report of.
        delete_batches(conn, job)?;
    }
    Ok(mine)
}

/// Ends a job that broke off for good, where its worker still holds it; what it had written row by row stays, and is counted.
///
/// # Errors
/// Those of the database.
pub fn fail(conn: &mut Conn, job: &JobRow, fault: &FileFault, now: Timestamp) -> Result<(), ApiError> {
    let stored: JobRow = table::table.find((job.province_id, job.id)).first(conn)?;
    finish(conn, job, ImportState::Failed, stored.written(), Some(fault), now).map(drop)
}

/// Puts a job back into the queue, for another worker or a later try; `attempts` are those that count against it.
///
/// # Errors
/// Those of the database.
pub fn release(conn: &mut Conn, job: &JobRow, attempts: i32, now: Timestamp) -> Result<(), ApiError> {
    let waiting = (
        dsl::state.eq(ImportState::Queued),
        dsl::attempts.eq(attempts),
        (dsl::lease_owner.eq(None::<Id>), dsl::lease_until.eq(None::<Timestamp>)),
        (dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(now)),
    );
    diesel::update(table::table.filter(held!(job))).set(waiting).execute(conn)?;
    Ok(())
}
