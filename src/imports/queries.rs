//! Rows of jobs, chunks and reports; reach and filter.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::count_star,
};

use super::{
    dataset::DatasetName,
    dto::{Import, ImportError, ImportFilter, ImportMode, ImportState, RowOutcome},
    file::{FileFault, FileFormat},
    report::{self, Counts},
};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among,
        schema::{import_batches, import_chunks, imports as table, imports::dsl},
    },
    error::ApiError,
    http::{
        export::Calendar,
        page::{CursorKey, PageRequest, Resource, keyset},
        query::AnyOf,
    },
    tx::Tx,
};

/// How long a report is kept, in seconds (CONTRACT §4).
const KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// How long a file without a job is kept: an upload that was broken off, in seconds.
const STRAY_SECONDS: i64 = 24 * 3600;

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct JobRow {
    pub province_id: i32,
    pub id: Id,
    pub user_id: Id,
    pub dataset: DatasetName,
    pub mode: ImportMode,
    pub dry_run: bool,
    pub calendar: Calendar,
    pub format: FileFormat,
    pub request_id: Option<String>,
    pub bytes: i64,
    pub state: ImportState,
    pub attempts: i32,
    pub lease_owner: Option<Id>,
    pub lease_until: Option<Timestamp>,
    pub rows_total: Option<i64>,
    pub rows_done: i64,
    pub last_row: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub rejected: i64,
    pub error_code: Option<String>,
    pub error_args: Option<String>,
    pub error_row: Option<i64>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl JobRow {
    /// How many rows had which outcome so far.
    pub const fn counts(&self) -> Counts {
        Counts { created: self.created, updated: self.updated, unchanged: self.unchanged, rejected: self.rejected }
    }

    fn error(&self, english: bool) -> Option<ImportError> {
        let code = self.error_code.clone()?;
        let args: Vec<String> = self.error_args.as_deref().and_then(|args| serde_json::from_str(args).ok()).unwrap_or_default();
        Some(ImportError { message: report::message(&code, &args, english), code, row: self.error_row })
    }

    /// As it is answered.
    pub fn item(self, english: bool) -> Import {
        Import {
            error: self.error(english),
            id: self.id,
            dataset: self.dataset,
            mode: self.mode,
            dry_run: self.dry_run,
            calendar: self.calendar,
            format: self.format,
            created_by: self.user_id,
            state: self.state,
            rows_total: self.rows_total,
            rows_done: self.rows_done,
            created: self.created,
            updated: self.updated,
            unchanged: self.unchanged,
            rejected: self.rejected,
            started_at: self.started_at,
            finished_at: self.finished_at,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

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

type Query = table::BoxedQuery<'static, MultiBackend>;

/// The province sees all imports; everybody else his own.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    if actor.is_province() { all } else { all.filter(dsl::user_id.eq(actor.user_id)) }
}

fn filtered(scope: &Scope, filter: &ImportFilter) -> Query {
    let filter = filter.clone();
    let mut query = visible(&scope.actor);
    if let Some(AnyOf(datasets)) = filter.dataset {
        query = query.filter(among(dsl::dataset, datasets));
    }
    if let Some(AnyOf(states)) = filter.state {
        query = query.filter(among(dsl::state, states));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    query
}

/// Imports as lists and totals see them.
pub struct Imports;

impl Resource for Imports {
    type Filter = ImportFilter;
    type Row = JobRow;
    type Item = Import;
    const PATH: &'static str = "/api/v1/imports";
    const SORTS: &'static [&'static str] = &["created_at", "updated_at"];

    fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<JobRow, ApiError> {
        Ok(visible(actor).filter(dsl::id.eq(id)).first(conn)?)
    }

    fn identity(row: &JobRow) -> (Id, i32) {
        (row.id, row.version)
    }

    fn rows(conn: &mut Conn, scope: &Scope, filter: &ImportFilter, page: &PageRequest) -> Result<Vec<JobRow>, ApiError> {
        let query = filtered(scope, filter);
        let query = if page.sort == "updated_at" {
            keyset!(query, page, Timestamp, dsl::updated_at, dsl::id)
        } else {
            keyset!(query, page, Timestamp, dsl::created_at, dsl::id)
        };
        Ok(query.load(conn)?)
    }

    fn total(conn: &mut Conn, scope: &Scope, filter: &ImportFilter) -> Result<i64, ApiError> {
        Ok(filtered(scope, filter).select(count_star()).get_result(conn)?)
    }

    fn key(row: &JobRow, sort: &str) -> String {
        if sort == "updated_at" { row.updated_at.encode() } else { row.created_at.encode() }
    }

    fn items(_: &mut Conn, scope: &Scope, rows: Vec<JobRow>) -> Result<Vec<Import>, ApiError> {
        Ok(rows.into_iter().map(|row| row.item(scope.language.is_english())).collect())
    }
}

/// Inserts a job.
///
/// # Errors
/// Those of the database.
pub fn insert(tx: &mut Tx<'_>, row: &JobRow) -> Result<(), ApiError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Keeps a piece of a file.
///
/// # Errors
/// Those of the database.
pub fn insert_chunk(conn: &mut Conn, province_id: i32, import: Id, number: i32, bytes: &[u8], now: Timestamp) -> Result<(), ApiError> {
    use import_chunks as chunk;
    diesel::insert_into(chunk::table)
        .values((
            (chunk::province_id.eq(province_id), chunk::import_id.eq(import), chunk::number.eq(number)),
            (chunk::bytes.eq(bytes), chunk::created_at.eq(now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// A piece of a file; none after the last.
///
/// # Errors
/// Those of the database.
pub fn chunk(conn: &mut Conn, province_id: i32, import: Id, number: i32) -> Result<Option<Vec<u8>>, ApiError> {
    Ok(import_chunks::table.find((province_id, import, number)).select(import_chunks::bytes).first(conn).optional()?)
}

/// Removes a file.
///
/// # Errors
/// Those of the database.
pub fn delete_chunks(conn: &mut Conn, province_id: i32, import: Id) -> Result<(), ApiError> {
    let of_it = import_chunks::province_id.eq(province_id).and(import_chunks::import_id.eq(import));
    diesel::delete(import_chunks::table.filter(of_it)).execute(conn)?;
    Ok(())
}

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

/// The batches of the report that make a page: on either side of a row, with one of these outcomes; two statements.
///
/// # Errors
/// Those of the database.
pub fn batches(conn: &mut Conn, job: &JobRow, page: &PageRequest, outcomes: &[RowOutcome]) -> Result<Vec<String>, ApiError> {
    use import_batches as batch;
    type Sums = (i64, i64, i64, i64, i64);
    let of_it = batch::province_id.eq(job.province_id).and(batch::import_id.eq(job.id));
    // More than all there can be, for an outcome that is not asked for.
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
    // The first may lie before the page but for one row; the others count in full.
    let (mut needed, mut rows) = (Vec::new(), 0);
    for (number, (first_row, created, updated, unchanged, rejected)) in sums.into_iter().enumerate() {
        needed.push(first_row);
        let counts = Counts { created, updated, unchanged, rejected };
        let held: i64 = outcomes.iter().map(|outcome| counts.of(*outcome)).sum();
        rows += if number == 0 { 1 } else { held };
        if rows >= page.fetch() {
            break;
        }
    }
    let wanted = batch::table.filter(of_it.and(among(batch::first_row, needed))).select(batch::report);
    Ok(if page.descending { wanted.order(batch::first_row.desc()).load(conn)? } else { wanted.order(batch::first_row.asc()).load(conn)? })
}

/// A job that waits, or whose worker has not been heard of since its lease ran out; of one province where one is given.
///
/// # Errors
/// Those of the database.
pub fn claim(conn: &mut Conn, owner: Id, only: Option<i32>, now: Timestamp, until: Timestamp) -> Result<Option<JobRow>, ApiError> {
    let waits = dsl::state.eq(ImportState::Queued).or(dsl::state.eq(ImportState::Running).and(dsl::lease_until.lt(now).assume_not_null()));
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

/// Says that the worker still lives, and how far it is; `false` where the job is no longer its own.
///
/// # Errors
/// Those of the database.
pub fn keep_lease(conn: &mut Conn, job: &JobRow, rows_done: i64, until: Timestamp) -> Result<bool, ApiError> {
    Ok(diesel::update(table::table.filter(held!(job)))
        .set((dsl::lease_until.eq(Some(until)), dsl::rows_done.eq(rows_done)))
        .execute(conn)?
        == 1)
}

/// Keeps how far a job is: the rows of the file, or what has been written of them for good.
///
/// # Errors
/// Those of the database; `false` where the job is no longer this worker's.
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
        (dsl::error_code.eq(fault.map(|fault| fault.code.word())), dsl::error_args.eq(args)),
        (dsl::error_row.eq(fault.and_then(|fault| fault.row).map(i64::from)), dsl::rows_done.eq(counts.total())),
        (dsl::created.eq(counts.created), dsl::updated.eq(counts.updated)),
        (dsl::unchanged.eq(counts.unchanged), dsl::rejected.eq(counts.rejected)),
        (dsl::lease_owner.eq(None::<Id>), dsl::lease_until.eq(None::<Timestamp>)),
    );
    let mine = diesel::update(table::table.filter(held!(job))).set(ended).execute(conn)? == 1;
    if mine {
        delete_chunks(conn, job.province_id, job.id)?;
    }
    Ok(mine)
}

/// Puts a job back into the queue, for another worker or a later try; `attempts` are those that count against it.
///
/// # Errors
/// Those of the database.
pub fn release(conn: &mut Conn, job: &JobRow, attempts: i32) -> Result<(), ApiError> {
    let waiting = (
        dsl::state.eq(ImportState::Queued),
        dsl::attempts.eq(attempts),
        dsl::lease_owner.eq(None::<Id>),
        dsl::lease_until.eq(None::<Timestamp>),
    );
    diesel::update(table::table.filter(held!(job))).set(waiting).execute(conn)?;
    Ok(())
}

/// Cancels a job that is not over, whoever holds it.
///
/// # Errors
/// Those of the database.
pub fn cancel(tx: &mut Tx<'_>, row: &JobRow) -> Result<JobRow, ApiError> {
    let now = tx.now();
    let ended = (
        (dsl::state.eq(ImportState::Cancelled), dsl::finished_at.eq(Some(now)), dsl::updated_at.eq(now)),
        (dsl::version.eq(dsl::version + 1), dsl::lease_owner.eq(None::<Id>), dsl::lease_until.eq(None::<Timestamp>)),
    );
    let open = [ImportState::Queued, ImportState::Running];
    let it = table::table.filter(dsl::province_id.eq(row.province_id).and(dsl::id.eq(row.id)).and(among(dsl::state, open)));
    let cancelled: Option<JobRow> = diesel::update(it).set(ended).returning(table::all_columns).get_result(tx.conn).optional()?;
    let row = cancelled.ok_or_else(|| ApiError::illegal_transition(Vec::new()))?;
    delete_chunks(tx.conn, row.province_id, row.id)?;
    Ok(row)
}

/// Forgets reports that are older than 30 days, and files that never became a job.
///
/// # Errors
/// Those of the database.
pub fn forget_old(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    let open = [ImportState::Queued, ImportState::Running];
    let old = dsl::finished_at.lt(now.plus_seconds(-KEPT_SECONDS)).assume_not_null();
    diesel::delete(table::table.filter(old)).execute(conn)?;
    let waiting = table::table.filter(among(dsl::state, open)).select(dsl::id);
    let stray = import_chunks::created_at.lt(now.plus_seconds(-STRAY_SECONDS)).and(import_chunks::import_id.ne_all(waiting));
    diesel::delete(import_chunks::table.filter(stray)).execute(conn)?;
    Ok(())
}
