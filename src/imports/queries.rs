//! Rows of jobs, chunks and reports; reach and filter.

mod batches;
mod file;
mod lease;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};

use super::{
    dataset::DatasetName,
    dto::{Import, ImportError, ImportFilter, ImportMode, ImportState},
    file::FileFormat,
    report::{self, Counts},
};
use crate::{
    auth::{Actor, Scope},
    db::{
        Conn, Id, MultiBackend, Timestamp, among,
        schema::{import_chunks, imports as table, imports::dsl},
    },
    error::ApiError,
    http::{
        export::Calendar,
        query::AnyOf,
        resource::{Resource, reads},
    },
    policy::Kind,
    tx::Tx,
};

pub use batches::{batches, delete_batches, insert_batch};
pub use file::{chunk, delete_unclaimed_chunks, insert_chunk};

use file::delete_chunks;
pub use lease::{claim, fail, finish, keep_lease, keep_progress, release};

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

    /// How many rows were written for good, with which outcome: none by a dry run or in atomic mode, before its end.
    pub fn written(&self) -> Counts {
        if self.writes_by_row() { self.counts() } else { Counts::default() }
    }

    /// Whether what was done stays, however it ends.
    fn writes_by_row(&self) -> bool {
        self.mode == ImportMode::PerRow && !self.dry_run
    }

    fn error(&self, english: bool) -> Option<ImportError> {
        let code = self.error_code.clone()?;
        let args: Vec<String> = self.error_args.as_deref().and_then(|args| serde_json::from_str(args).ok()).unwrap_or_default();
        Some(ImportError { message: report::message(&code, &args, english), code, row: self.error_row })
    }

    /// The job as it is answered.
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

type Query = table::BoxedQuery<'static, MultiBackend>;

/// The province sees all imports; everybody else their own.
pub fn visible(actor: &Actor) -> Query {
    let all = table::table.filter(dsl::province_id.eq(actor.province_id)).into_boxed();
    if actor.is_province() { all } else { all.filter(dsl::user_id.eq(actor.user_id)) }
}

fn filtered(_: &Conn, scope: &Scope, filter: &ImportFilter) -> Query {
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
    const KIND: Kind = Kind::Import;
    const PATH: &'static str = "/api/v1/imports";

    reads! {
        "created_at" => created_at: Timestamp,
        "updated_at" => updated_at: Timestamp,
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

/// How many jobs of a user are not over.
///
/// # Errors
/// Those of the database.
pub fn open_of(conn: &mut Conn, province_id: i32, user: Id) -> Result<i64, ApiError> {
    let own = table::table.filter(dsl::province_id.eq(province_id).and(dsl::user_id.eq(user)).and(among(dsl::state, ImportState::OPEN)));
    Ok(own.count().get_result(conn)?)
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
    let it = table::table.filter(dsl::province_id.eq(row.province_id).and(dsl::id.eq(row.id)).and(among(dsl::state, ImportState::OPEN)));
    let cancelled: Option<JobRow> = diesel::update(it).set(ended).returning(table::all_columns).get_result(tx.conn).optional()?;
    let mut row = cancelled.ok_or_else(|| ApiError::illegal_transition(Vec::new()))?;
    delete_chunks(tx.conn, row.province_id, row.id)?;
    if !row.writes_by_row() {
        // Nothing was done, so there is nothing to report of.
        delete_batches(tx.conn, &row)?;
        let none = (dsl::rows_done.eq(0), dsl::created.eq(0), dsl::updated.eq(0), dsl::unchanged.eq(0), dsl::rejected.eq(0));
        let it = table::table.find((row.province_id, row.id));
        row = diesel::update(it).set(none).returning(table::all_columns).get_result(tx.conn)?;
    }
    Ok(row)
}

/// Deletes reports that are older than 30 days, and files that never became a job.
///
/// # Errors
/// Those of the database.
pub fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), ApiError> {
    let old = dsl::finished_at.lt(now.plus_seconds(-KEPT_SECONDS)).assume_not_null();
    diesel::delete(table::table.filter(old)).execute(conn)?;
    let waiting = table::table.filter(among(dsl::state, ImportState::OPEN)).select(dsl::id);
    let stray = import_chunks::created_at.lt(now.plus_seconds(-STRAY_SECONDS)).and(import_chunks::import_id.ne_all(waiting));
    diesel::delete(import_chunks::table.filter(stray)).execute(conn)?;
    Ok(())
}
