//! How writes are committed: one transaction each on PostgreSQL; on SQLite all that wait share one commit,
//! with a savepoint each, and are answered when it is on the disk (DESIGN §4, decision 4).

use std::{
    sync::{Weak, atomic::AtomicU64},
    time::{Duration, Instant},
};

use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};

use super::{
    Conn, Target,
    checkpoint::Checkpoints,
    pool::{Connected, Health, Job},
    queue::{Queue, next},
    search,
};
use crate::error::{ApiError, ProblemCode};

type Manager = <Conn as Connection>::TransactionManager;

/// The most writes in one SQLite transaction.
const MAX_BATCH: usize = 64;
/// How long the writes of a batch may work, once it has begun, before it is committed.
const BATCH_TIME: Duration = Duration::from_millis(2);

/// Begins a transaction that has the right to write from the start.
///
/// A plain BEGIN on SQLite reads first and then fails to upgrade, whatever `busy_timeout` says (DESIGN §4).
///
/// # Errors
/// `busy` where another has that right for too long; `unavailable`.
pub fn begin(conn: &mut Conn) -> Result<(), ApiError> {
    match conn {
        Conn::Postgres(pg) => AnsiTransactionManager::begin_transaction(pg)?,
        Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?,
    }
    Ok(())
}

/// Does `work` in one transaction of its own: for start-up, the command line and imports, before or beside the pools.
///
/// # Errors
/// What the work or the commit gives; then nothing is kept.
pub fn in_transaction<T, E: From<ApiError>>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
    begin(conn)?;
    let worked = work(conn).and_then(|done| match search::gather(conn) {
        Ok(()) => Ok(done),
        Err(error) => Err(ApiError::from(error).into()),
    });
    match worked {
        Ok(done) => {
            Manager::commit_transaction(conn).map_err(ApiError::from)?;
            Ok(done)
        }
        Err(error) => {
            if let Err(second) = Manager::rollback_transaction(conn) {
                tracing::warn!(error = %second, "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}

/// Reads what belongs together as it was at one instant, whatever others write meanwhile.
///
/// # Errors
/// What the work gives.
pub fn in_snapshot<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, ApiError>) -> Result<T, ApiError> {
    match conn {
        Conn::Postgres(pg) => AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
        Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED")?,
    }
    let done = work(conn);
    let ended = Manager::rollback_transaction(conn);
    once_ended(done, ended.map_err(ApiError::from))
}

/// What work in a transaction gives, once that has ended. Where it did not end well a refusal does not count: it may have come over a
/// broken connection, or of another write in the same transaction, of which nothing is kept.
pub(super) fn once_ended<T>(done: Result<T, ApiError>, ended: Result<(), ApiError>) -> Result<T, ApiError> {
    match (done, ended) {
        (Err(refusal), Err(failed)) if refusal.code.status() < 500 => Err(failed),
        (Err(error), _) => Err(error),
        (Ok(done), ended) => ended.map(|()| done),
    }
}

/// PostgreSQL: each write is a transaction.
pub fn one_by_one(target: &Target, queue: &Weak<Queue>, generation: &AtomicU64) {
    let mut connected = Connected::new(target, generation, true);
    while let Some(mut job) = next(queue) {
        let conn = match connected.get() {
            Ok(conn) => conn,
            Err(error) => {
                job.answer(Err(error));
                continue;
            }
        };
        let mut health = Health::Sound;
        let outcome = alone(conn, job.as_mut(), &mut health);
        connected.mind(if has_broken(&outcome) { Health::Broken } else { health });
        job.answer(outcome);
    }
}

/// Whether a transaction failed otherwise than by waiting too long.
fn has_broken(outcome: &Result<(), ApiError>) -> bool {
    matches!(outcome, Err(error) if error.code.status() >= 500 && error.code != ProblemCode::Busy)
}

fn alone(conn: &mut Conn, job: &mut dyn Job, health: &mut Health) -> Result<(), ApiError> {
    begin(conn)?;
    *health = job.run(conn);
    if *health == Health::Broken {
        return Err(ApiError::unavailable("the write broke its connection"));
    }
    if job.is_kept() {
        Manager::commit_transaction(conn)?;
    } else {
        Manager::rollback_transaction(conn)?;
    }
    Ok(())
}

/// SQLite: the one writer takes what waits into one transaction.
pub fn in_groups(target: &Target, queue: &Weak<Queue>, generation: &AtomicU64) {
    std::thread::scope(|scope| {
        let mut checkpoints = Checkpoints::start(scope, target);
        let mut connected = Connected::new(target, generation, true);
        while let Some(first) = next(queue) {
            let mut batch = Vec::with_capacity(MAX_BATCH);
            batch.push(first);
            let mut health = Health::Sound;
            let outcome = connected.get().and_then(|conn| group(conn, queue, &mut batch, &mut health));
            connected.mind(if has_broken(&outcome) { Health::Broken } else { health });
            for job in batch {
                job.answer(outcome.clone());
            }
            if outcome.is_ok() {
                checkpoints.count();
            }
        }
    });
}

/// Adds what waits to the first write of a batch, tries all in one transaction, and commits it.
fn group(conn: &mut Conn, queue: &Weak<Queue>, batch: &mut Vec<Box<dyn Job>>, health: &mut Health) -> Result<(), ApiError> {
    begin(conn)?;
    // Counted from here: while an import held the lock, others queued up, and a batch is for them.
    let began = Instant::now();
    let mut tried = 0;
    while let Some(job) = batch.get_mut(tried) {
        Manager::begin_transaction(conn)?;
        match job.run(conn) {
            Health::Sound => {}
            Health::Doubtful => *health = Health::Doubtful,
            Health::Broken => return Err(ApiError::unavailable("a write in the same batch broke the connection")),
        }
        if job.is_kept() {
            Manager::commit_transaction(conn)?;
        } else {
            Manager::rollback_transaction(conn)?;
        }
        tried += 1;
        if tried < MAX_BATCH && began.elapsed() < BATCH_TIME {
            batch.extend(queue.upgrade().and_then(|queue| queue.at_once()));
        }
    }
    search::gather(conn)?;
    Manager::commit_transaction(conn)?;
    Ok(())
}
