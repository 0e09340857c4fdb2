//! A pool is a number of threads, each of which owns one connection and takes its work from one bounded queue ([`super::queue`]).
//!
//! So a slow query never holds up the server's own threads, and a full queue is refused at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::bounded;
use diesel::connection::{Connection, InstrumentationEvent};
use tokio::sync::oneshot;

use super::{
    Conn, Target, checkpoint,
    queue::{Queue, next},
    writer::once_ended,
};
use crate::error::{ApiError, ProblemCode};

/// The most statements that a connection keeps prepared. Filters and sorts combine to many more, and each takes memory
/// here and in the database.
const MAX_PREPARED: usize = 500;

/// One piece of work for a connection.
pub type Work<T> = Box<dyn FnOnce(&mut Conn) -> Result<T, ApiError> + Send>;

/// What a piece of work shows of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The connection can be used on.
    Sound,
    /// A statement failed unexpectedly: the rest of the transaction is kept, but the next transaction gets a new connection.
    Doubtful,
    /// The connection must not be used again, and those of other workers may be broken too.
    Broken,
}

/// Work in a queue, whatever it gives.
pub trait Job: Send {
    /// Whether it is still to be done; `false` where its caller has hung up.
    fn is_awaited(&self) -> bool;
    /// Does the work.
    fn run(&mut self, conn: &mut Conn) -> Health;
    /// Whether the work was done and its part of a transaction is to be kept.
    fn is_kept(&self) -> bool;
    /// Tells the waiting caller. `commit` is what became of the transaction that held the work.
    fn answer(self: Box<Self>, commit: Result<(), ApiError>);
}

/// The usual job: a closure, its result, and somebody who waits for it.
struct Task<T> {
    work: Option<Work<T>>,
    result: Option<Result<T, ApiError>>,
    /// None where nobody is to hear of the result.
    reply: Option<oneshot::Sender<Result<T, ApiError>>>,
    /// Set by whoever comes first: the worker that begins, or the caller who stops waiting.
    claimed: Arc<AtomicBool>,
    span: tracing::Span,
}

impl<T> Task<T> {
    fn new(work: Work<T>, reply: Option<oneshot::Sender<Result<T, ApiError>>>) -> Self {
        Self { work: Some(work), result: None, reply, claimed: Arc::default(), span: tracing::Span::current() }
    }
}

impl<T: Send> Job for Task<T> {
    fn is_awaited(&self) -> bool {
        self.reply.as_ref().is_none_or(|reply| !reply.is_closed())
    }

    fn run(&mut self, conn: &mut Conn) -> Health {
        let Some(work) = self.work.take() else { return Health::Sound };
        if self.claimed.swap(true, Ordering::AcqRel) {
            self.result = Some(Err(ApiError::busy()));
            return Health::Sound;
        }
        let Ok(result) = self.span.in_scope(|| catch_unwind(AssertUnwindSafe(|| work(conn)))) else {
            self.result = Some(Err(ApiError::internal("a panic while working on the database")));
            return Health::Broken;
        };
        let health = match result.as_ref().map_err(|error| error.code) {
            Err(ProblemCode::Unavailable) => Health::Broken,
            Err(ProblemCode::Internal) => Health::Doubtful,
            _ => Health::Sound,
        };
        self.result = Some(result);
        health
    }

    fn is_kept(&self) -> bool {
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, commit: Result<(), ApiError>) {
        let result = match self.result {
            Some(done) => once_ended(done, commit),
            None => commit.and_then(|()| Err(ApiError::busy())),
        };
        // Sending fails where the caller has hung up, which cancels nothing that has begun.
        drop(self.reply.map(|reply| reply.send(result)));
    }
}

/// Threads with a connection each.
#[derive(Clone)]
pub struct Pool {
    queue: Arc<Queue>,
    patience: Duration,
}

/// What a worker thread does with the queue.
pub type Worker = fn(&Target, &Weak<Queue>, &AtomicU64);

impl Pool {
    /// Starts `size` threads; work that has not begun after `patience` is refused as busy.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(name: &str, target: &Target, size: usize, patience: Duration, worker: Worker) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(size.saturating_mul(128).max(1024)));
        let generation = Arc::new(AtomicU64::new(0));
        for number in 0..size {
            let (target, queue, generation) = (target.clone(), Arc::downgrade(&queue), Arc::clone(&generation));
            thread::Builder::new()
                .name(format!("{name}-{number}"))
                .stack_size(2 << 20)
                .spawn(move || worker(&target, &queue, &generation))?;
        }
        Ok(Self { queue, patience })
    }

    /// Hands work to a worker, if there is room in the queue, and does not wait for its result.
    pub fn hand(&self, work: Work<()>) {
        self.queue.put(Box::new(Task::new(work, None)));
    }

    /// Waits until what is in the queue now has had its turn, at most for the pool's patience. It blocks, so the server's own threads
    /// must not call it.
    pub fn wait_for_turn(&self) {
        let (come, turn) = bounded(1);
        self.hand(Box::new(move |_| {
            come.send(()).ok();
            Ok(())
        }));
        // Nothing comes where the queue is full, or where no worker can begin.
        turn.recv_timeout(self.patience).ok();
    }

    /// Hands work to a worker, and waits for the result.
    ///
    /// # Errors
    /// `busy` where the queue is full or the work has not begun in time; else what the work gives.
    pub async fn run<T: Send + 'static>(&self, work: Work<T>) -> Result<T, ApiError> {
        let (reply, mut waiting) = oneshot::channel();
        let task = Task::new(work, Some(reply));
        let claimed = Arc::clone(&task.claimed);
        if !self.queue.put(Box::new(task)) {
            return Err(ApiError::busy());
        }
        let done = match tokio::time::timeout(self.patience, &mut waiting).await {
            Ok(done) => done,
            Err(_) if !claimed.swap(true, Ordering::AcqRel) => {
                return Err(ApiError::busy().with_cause("no connection to the database was free in time"));
            }
            Err(_) => waiting.await,
        };
        done.unwrap_or_else(|_| Err(ApiError::internal("a database worker ended")))
    }
}

/// A worker's connection: opened when first needed, dropped when it broke or another's broke, or holds too many statements.
pub struct Connected<'a> {
    target: &'a Target,
    generation: &'a AtomicU64,
    opened_in: u64,
    conn: Option<Conn>,
    prepared: Arc<AtomicUsize>,
    writes: bool,
}

impl<'a> Connected<'a> {
    /// A worker that is not connected yet.
    pub fn new(target: &'a Target, generation: &'a AtomicU64, writes: bool) -> Self {
        Self { target, generation, opened_in: 0, conn: None, prepared: Arc::default(), writes }
    }

    /// The connection, opened anew where need be.
    ///
    /// # Errors
    /// `unavailable` where the database can't be reached.
    pub fn get(&mut self) -> Result<&mut Conn, ApiError> {
        let now = self.generation.load(Ordering::Acquire);
        if self.opened_in != now || self.prepared.load(Ordering::Relaxed) > MAX_PREPARED {
            self.conn = None;
        }
        match &mut self.conn {
            Some(conn) => Ok(conn),
            empty => {
                let mut conn = self.target.connect(self.writes)?;
                if self.writes {
                    checkpoint::leave(&mut conn)?;
                }
                self.opened_in = now;
                self.prepared.store(0, Ordering::Relaxed);
                let prepared = Arc::clone(&self.prepared);
                conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                        prepared.fetch_add(1, Ordering::Relaxed);
                    }
                });
                Ok(empty.insert(conn))
            }
        }
    }

    /// Drops a connection that may not be used again; where it is broken, the other workers open theirs anew too.
    pub fn mind(&mut self, health: Health) {
        if health != Health::Sound {
            self.conn = None;
        }
        if health == Health::Broken {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// A reader: runs each job by itself, outside any transaction, unless the caller is gone before it has begun.
pub fn read_worker(target: &Target, queue: &Weak<Queue>, generation: &AtomicU64) {
    let mut connected = Connected::new(target, generation, false);
    while let Some(mut job) = next(queue) {
        if !job.is_awaited() {
            continue;
        }
        match connected.get() {
            Ok(conn) => {
                let health = job.run(conn);
                connected.mind(health);
                job.answer(Ok(()));
            }
            Err(error) => job.answer(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests;
