//! Making a job of a file, and cancelling one.

use super::{
    dto::{ImportMode, ImportState, NewImport},
    queries::{self, Imports, JobRow},
    upload::Received,
};
use crate::{
    auth::Actor,
    db::{Conn, Id},
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, Subject},
    http::export::Calendar,
    policy::Kind,
    tx::Tx,
};

/// The most jobs of one user that are not over, and files that arrive for more, since each keeps its file in the database.
const MAX_OPEN_JOBS: i64 = 50;

/// Refuses another job of a user who has too many that are not over, beside so many that arrive.
///
/// # Errors
/// `too_many_requests`; those of the database.
pub fn has_room(conn: &mut Conn, actor: &Actor, arriving: i64) -> Result<(), ApiError> {
    if queries::open_of(conn, actor.province_id, actor.user_id)? + arriving < MAX_OPEN_JOBS {
        return Ok(());
    }
    Err(ApiError::new(ProblemCode::TooManyRequests).with_retry_after(30))
}

/// Makes the job of a file that has arrived.
///
/// # Errors
/// As [`has_room`].
pub fn create(tx: &mut Tx<'_>, options: &NewImport, received: Received) -> Result<JobRow, ApiError> {
    let actor = tx.actor().clone();
    has_room(tx.conn, &actor, 0)?;
    let now = tx.now();
    let row = JobRow {
        province_id: actor.province_id,
        id: received.id,
        user_id: actor.user_id,
        dataset: options.dataset,
        mode: options.mode.unwrap_or(ImportMode::Atomic),
        dry_run: options.dry_run.is_some_and(|flag| flag.0),
        calendar: options.calendar.unwrap_or(Calendar::Gregorian),
        format: received.format,
        request_id: tx.request_id().map(str::to_owned),
        bytes: received.bytes,
        state: ImportState::Queued,
        attempts: 0,
        lease_owner: None,
        lease_until: None,
        rows_total: None,
        rows_done: 0,
        last_row: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        error_code: None,
        error_args: None,
        error_row: None,
        started_at: None,
        finished_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    queries::insert(tx, &row)?;
    Ok(row)
}

/// Cancels a job that is not over, whoever works on it.
///
/// # Errors
/// `not_found`; `illegal_transition` where it is over.
pub fn cancel(tx: &mut Tx<'_>, id: Id) -> Result<JobRow, ApiError> {
    let job = tx.find::<Imports>(id)?;
    let row = queries::cancel(tx, &job)?;
    let subject = Subject { user_id: Some(row.user_id), ..Subject::new(Kind::Import, row.id, row.version) };
    events::record(tx, EventAction::Transitioned, &subject, &Changes::one("state", job.state.as_str(), row.state.as_str()), None)?;
    Ok(row)
}
