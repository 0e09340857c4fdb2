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
    pool::{Held, Job},
    queue::{Queue, next},
};
use crate::error::ApiError;

type Manager = <Conn as Connection>::TransactionManager;

/// The most writes in one SQLite transaction.
const BATCH: usize = 64;
/// How long the writes of a batch may work before it is committed.
const BATCH_TIME: Duration = Duration::from_millis(2);

/// Begins a transaction that has the right to write from the start.
///
/// A plain BEGIN on SQLite reads first and then fails to upgrade, whatever `busy_timeout` says (DESIGN §4).
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
    match work(conn) {
        Ok(done) => {
            Manager::commit_transaction(conn).map_err(ApiError::from)?;
            Ok(done)
        }
        Err(error) => {
            Manager::rollback_transaction(conn).map_err(ApiError::from)?;
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
    Manager::rollback_transaction(conn)?;
    done
}

/// PostgreSQL: each write is a transaction.
pub fn one_by_one(target: &Target, queue: &Weak<Queue>, generation: &AtomicU64) {
    let mut held = Held::new(target, generation, true);
    while let Some(mut job) = next(queue) {
        let outcome = held.get().and_then(|conn| alone(conn, job.as_mut()));
        if matches!(&outcome, Err(error) if error.code.status() >= 500) {
            held.give_up();
        }
        job.answer(outcome);
    }
}

fn alone(conn: &mut Conn, job: &mut dyn Job) -> Result<(), ApiError> {
    begin(conn)?;
    let sound = job.run(conn);
    if !sound {
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
        let mut held = Held::new(target, generation, true);
        while let Some(first) = next(queue) {
            let mut batch = Vec::with_capacity(BATCH);
            let outcome = held.get().and_then(|conn| group(conn, first, queue, &mut batch));
            if matches!(&outcome, Err(error) if error.code != crate::error::Code::Busy) {
                held.give_up();
            }
            for job in batch {
                job.answer(outcome.clone());
            }
            if outcome.is_ok() {
                checkpoints.count();
            }
        }
    });
}

/// Fills `batch` with the writes that were tried in one transaction, and commits it.
fn group(conn: &mut Conn, first: Box<dyn Job>, queue: &Weak<Queue>, batch: &mut Vec<Box<dyn Job>>) -> Result<(), ApiError> {
    let began = Instant::now();
    batch.push(first);
    begin(conn)?;
    let mut tried = 0;
    while let Some(job) = batch.get_mut(tried) {
        Manager::begin_transaction(conn)?;
        if !job.run(conn) {
            return Err(ApiError::unavailable("a write in the same batch broke the connection"));
        }
        if job.is_kept() {
            Manager::commit_transaction(conn)?;
        } else {
            Manager::rollback_transaction(conn)?;
        }
        tried += 1;
        if tried < BATCH && began.elapsed() < BATCH_TIME {
            batch.extend(queue.upgrade().and_then(|queue| queue.at_once()));
        }
    }
    Manager::commit_transaction(conn)?;
    Ok(())
}
