//! One import from beginning to end: the file is read once to see that it can be, then judged batch by batch and written.

mod atomic;
mod feed;

use std::sync::{Arc, atomic::Ordering};

use super::{
    dataset::{Dataset, DatasetName},
    dto::{ImportMode, ImportState},
    file::{self, FileFault, ReadError, Source},
    judge::{BatchReport, Judge, StoredReport},
    queries::{self, JobRow},
    report::Counts,
    running::Running,
};
use crate::{
    agencies::queries::Agencies,
    app::App,
    auth::Actor,
    db::{Conn, Written, in_transaction, large, lock_imports},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    fault::FaultCode,
    initiatives::queries::Initiatives,
    neighborhoods::queries::Neighborhoods,
    policy::Kind,
    responsibilities::queries::Responsibilities,
    tx::{Stamp, Tx},
    users::queries::Users,
};
use serde_json::json;

/// After how many batches the database is to refresh its statistics of the table.
const ANALYZED_AFTER: i64 = 8;
/// Batches that share a commit where only the report is written.
const BATCHES_PER_COMMIT: usize = 20;

/// Works on a job for its user, where the user still may, until it is over or has to be put back.
///
/// # Errors
/// What stopped it; then nothing that was begun is left half done.
pub fn run(app: &App, job: &JobRow, running: &Running, user: Option<Arc<Actor>>) -> Result<(), ApiError> {
    let mut conn = app.db.target().connect_for_import()?;
    let Some(actor) = user.filter(|actor| job.dataset.allows(actor.role)) else {
        let fault = FileFault::bare(FaultCode::Forbidden);
        return in_transaction(&mut conn, |conn| queries::fail(conn, job, &fault, app.world.now()));
    };
    let runner = Runner { app, job, running, actor };
    match job.dataset {
        DatasetName::Agencies => runner.run::<Agencies>(&mut conn),
        DatasetName::Neighborhoods => runner.run::<Neighborhoods>(&mut conn),
        DatasetName::Initiatives => runner.run::<Initiatives>(&mut conn),
        DatasetName::Responsibilities => runner.run::<Responsibilities>(&mut conn),
        DatasetName::Users => {
            let done = runner.run::<Users>(&mut conn);
            // Remembered users may be out of date; some rows may be written even where the rest failed. Other servers forget within 10 s
            // (CONTRACT §2).
            app.auth.invalidate_all();
            done
        }
    }
}

/// What ends a run before the file does.
enum Stop {
    /// A row was rejected, so that nothing is to be written.
    Rejected,
    /// The job is no longer this worker's: cancelled, taken over, or the server stops.
    GivenUp,
    /// A fault of the file, or of the database.
    ReadError(ReadError),
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::ReadError(ReadError::Server(error))
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::ReadError(error)
    }
}

/// Has the database refresh its statistics, once so many rows are written that look-ups by the old plans would become slow.
fn analyze_early<D: Dataset>(conn: &mut Conn, done: Counts) -> Result<(), ApiError> {
    let rows = i64::try_from(feed::BATCH).unwrap_or(i64::MAX);
    if done.total() / rows == ANALYZED_AFTER { Ok(large::analyze_if_outgrown(conn, D::TABLE)?) } else { Ok(()) }
}

struct Runner<'a> {
    app: &'a App,
    job: &'a JobRow,
    running: &'a Running,
    actor: Arc<Actor>,
}

impl Runner<'_> {
    fn run<D: Dataset>(&self, conn: &mut Conn) -> Result<(), ApiError> {
        let job = self.job;
        match self.work::<D>(conn) {
            Ok(()) | Err(Stop::Rejected) => Ok(()),
            Err(Stop::GivenUp) => in_transaction(conn, |conn| queries::release(conn, job, job.attempts - 1, self.app.world.now())),
            Err(Stop::ReadError(ReadError::Server(error))) => Err(error),
            Err(Stop::ReadError(ReadError::File(fault))) => {
                in_transaction(conn, |conn| queries::fail(conn, job, &fault, self.app.world.now()))
            }
        }
    }

    fn work<D: Dataset>(&self, conn: &mut Conn) -> Result<(), Stop> {
        let total = self.scan::<D>(conn)?;
        match (self.job.dry_run, self.job.mode) {
            (true, _) => self.report_only::<D>(conn, total),
            (false, ImportMode::PerRow) => self.run_by_row::<D>(conn, total),
            (false, ImportMode::Atomic) => match self.run_atomic::<D>(conn, total) {
                Err(Stop::Rejected) => self.report_only::<D>(conn, total),
                done => done,
            },
        }
    }

    fn tx<'t>(&'t self, conn: &'t mut Conn) -> Tx<'t> {
        Tx::new(conn, Arc::clone(&self.actor), &self.app.world, self.job.request_id.clone())
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp::new(Arc::clone(&self.actor), &self.app.world, self.job.request_id.clone())
    }

    /// Reads the file once: whether it can be read to its end, and how many rows it has.
    fn scan<D: Dataset>(&self, conn: &mut Conn) -> Result<i64, Stop> {
        let job = self.job;
        let mut total = 0;
        let mut reader = self.app.db.target().connect(false)?;
        file::each(job.format, Source::new(&mut reader, job), D::FILE_COLUMNS, &mut |_| {
            total += 1;
            !self.running.is_given_up()
        })?;
        // What was counted until it was given up is not how many there are.
        self.held(true)?;
        let last_row = u32::try_from(job.last_row).unwrap_or(u32::MAX);
        self.held(in_transaction(conn, |conn| queries::keep_progress(conn, job, total, last_row, job.written()))?)?;
        Ok(total)
    }

    /// Ends the run where the job is no longer this worker's.
    fn held(&self, held: bool) -> Result<(), Stop> {
        if held && !self.running.is_given_up() { Ok(()) } else { Err(Stop::GivenUp) }
    }

    /// Judges every row and keeps the report; writes nothing else.
    fn report_only<D: Dataset>(&self, conn: &mut Conn, total: i64) -> Result<(), Stop> {
        let job = self.job;
        in_transaction(conn, |conn| {
            self.held(queries::keep_progress(conn, job, total, 0, Counts::default())?)?;
            Ok::<(), Stop>(queries::delete_batches(conn, job)?)
        })?;
        let mut judge = Judge::<D>::begin(&mut self.tx(conn))?;
        let mut waiting: Vec<BatchReport> = Vec::new();
        self.feed::<D>(total, &mut |batch| {
            let known = D::look_up(&mut self.tx(conn), &batch, false)?;
            waiting.push(judge.judge_batch(&self.stamp(), batch, known)?.report);
            self.running.rows_done.store(judge.counts.total(), Ordering::Relaxed);
            if waiting.len() < BATCHES_PER_COMMIT {
                return Ok(());
            }
            in_transaction(conn, |conn| {
                self.held(queries::keep_progress(conn, job, total, 0, judge.counts)?)?;
                Ok(waiting.drain(..).try_for_each(|report| self.keep(conn, &report.stored()?))?)
            })
        })?;
        let refused = judge.counts.rejected > 0 && job.mode == ImportMode::Atomic;
        if !refused && !job.dry_run {
            // The cause of a rejection has gone meanwhile: the whole file is tried again.
            return Err(Stop::ReadError(ReadError::Server(ApiError::busy())));
        }
        let state = if refused { ImportState::Rejected } else { ImportState::Succeeded };
        in_transaction(conn, |conn| {
            waiting.drain(..).try_for_each(|report| self.keep(conn, &report.stored()?))?;
            self.held(queries::finish(conn, job, state, judge.counts, None, self.app.world.now())?)
        })
    }

    /// Writes batch by batch, each with its part of the report and how far it is; goes on where it was broken off.
    fn run_by_row<D: Dataset>(&self, conn: &mut Conn, total: i64) -> Result<(), Stop> {
        let last_row = u32::try_from(self.job.last_row).unwrap_or(u32::MAX);
        let mut judge = Judge::<D>::begin(&mut self.tx(conn))?;
        judge.counts = self.job.counts();
        self.feed::<D>(total, &mut |batch| {
            let (done, batch): (Vec<_>, Vec<_>) = batch.into_iter().partition(|draft| draft.row <= last_row);
            for draft in &done {
                judge.skip(draft);
            }
            let Some(last) = batch.last().map(|draft| draft.row) else { return Ok(()) };
            in_transaction(conn, |conn| {
                lock_imports(conn, self.job.province_id, Written::Batch)?;
                judge.refresh(&mut self.tx(conn))?;
                let known = D::look_up(&mut self.tx(conn), &batch, true)?;
                let stamp = self.stamp();
                let judged = judge.judge_batch(&stamp, batch, known)?;
                D::store(&mut self.tx(conn), D::prepare(&stamp, judged.steps)?)?;
                analyze_early::<D>(conn, judge.counts)?;
                self.keep(conn, &judged.report.stored()?)?;
                self.held(queries::keep_progress(conn, self.job, total, last, judge.counts)?)
            })?;
            self.running.rows_done.store(judge.counts.total(), Ordering::Relaxed);
            self.app.db.let_others_write();
            Ok(())
        })?;
        in_transaction(conn, |conn| self.end(conn, judge.counts))?;
        self.tidy::<D>(conn);
        Ok(())
    }

    /// The housekeeping after a file was written; whoever waits for its end is told before it.
    fn tidy<D: Dataset>(&self, conn: &mut Conn) {
        self.app.imports.ended.notify_waiters();
        large::end(conn, D::TABLE);
    }

    /// Records the import and ends the job.
    fn end(&self, conn: &mut Conn, counts: Counts) -> Result<(), Stop> {
        let job = self.job;
        let summary = json!({
            "dataset": job.dataset, "mode": job.mode, "created": counts.created, "updated": counts.updated,
            "unchanged": counts.unchanged, "rejected": counts.rejected,
        });
        let subject = Subject { user_id: Some(job.user_id), ..Subject::new(Kind::Import, job.id, job.version + 1) };
        events::record(&mut self.tx(conn), EventAction::Imported, &subject, &Changes::created(&summary)?, None)?;
        self.held(queries::finish(conn, job, ImportState::Succeeded, counts, None, self.app.world.now())?)
    }

    fn keep(&self, conn: &mut Conn, report: &StoredReport) -> Result<(), ApiError> {
        match report.rows {
            Some(rows) => queries::insert_batch(conn, self.job, rows, report.counts, &report.text),
            None => Ok(()),
        }
    }
}
