//! What a server knows of the imports that it works on itself; everything else of them is in the database.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::{db::Id, shutdown::Shutdown};

/// An import that this server works on.
#[derive(Debug, Default)]
pub struct Running {
    /// How many rows have been judged.
    pub rows_done: AtomicI64,
    /// Whether its worker is to give it up: it was cancelled, taken over, or the server stops.
    pub given_up: AtomicBool,
}

impl Running {
    /// Whether its worker is to give it up.
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }
}

/// The imports of this server.
#[derive(Debug, Default)]
pub struct RunningImports {
    running: Mutex<HashMap<Id, Arc<Running>>>,
    /// How many files of each user are arriving.
    arriving: Mutex<HashMap<Id, i64>>,
    shutdown: Arc<Shutdown>,
    /// Notified when a new job waits.
    pub arrived: Notify,
    /// Notified when a job has ended.
    pub ended: Notify,
}

impl RunningImports {
    /// None so far, on a server that stops as this says.
    pub fn new(shutdown: Arc<Shutdown>) -> Self {
        Self { shutdown, ..Self::default() }
    }

    fn map<T>(&self, work: impl FnOnce(&mut HashMap<Id, Arc<Running>>) -> T) -> T {
        work(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a job on, of which so many rows are done.
    pub fn begin(&self, id: Id, rows_done: i64) -> Arc<Running> {
        let running = Arc::new(Running { rows_done: AtomicI64::new(rows_done), ..Running::default() });
        self.map(|map| map.insert(id, Arc::clone(&running)));
        // A `give_up_all` at the same time either finds the job in the map, or is seen here.
        running.given_up.fetch_or(self.shutdown.is_begun(), Ordering::Relaxed);
        running
    }

    /// Forgets a job that its worker no longer works on; another worker of this server may have begun it again.
    pub fn end(&self, id: Id, running: &Arc<Running>) {
        self.map(|map| {
            if map.get(&id).is_some_and(|known| Arc::ptr_eq(known, running)) {
                map.remove(&id);
            }
        });
        self.ended.notify_waiters();
    }

    /// The jobs that this server works on.
    pub fn running(&self) -> Vec<Id> {
        self.map(|map| map.keys().copied().collect())
    }

    /// How many rows this server has judged of a job that it works on.
    pub fn rows_done(&self, id: Id) -> Option<i64> {
        self.map(|map| map.get(&id).map(|running| running.rows_done.load(Ordering::Relaxed)))
    }

    /// Tells the worker of a job to give it up, where it is one of this server's.
    pub fn give_up(&self, id: Id) {
        self.map(|map| {
            if let Some(running) = map.get(&id) {
                running.given_up.store(true, Ordering::Relaxed);
            }
        });
    }

    /// Tells all workers to give up their jobs, which stay in the database for the next server.
    pub fn give_up_all(&self) {
        self.map(|map| map.values().for_each(|running| running.given_up.store(true, Ordering::Relaxed)));
        self.arrived.notify_waiters();
        self.ended.notify_waiters();
    }

    /// Counts a file of a user as arriving, until what this gives is dropped.
    pub fn arrive(&self, user: Id) -> Arriving<'_> {
        let mut arriving = self.arriving.lock().unwrap_or_else(PoisonError::into_inner);
        let count = arriving.entry(user).or_default();
        let before = *count;
        *count += 1;
        Arriving { imports: self, user, before }
    }
}

/// A file that is arriving.
#[derive(Debug)]
pub struct Arriving<'a> {
    imports: &'a RunningImports,
    user: Id,
    /// How many other files of its user were arriving at this server when it began.
    pub before: i64,
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        let mut arriving = self.imports.arriving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = arriving.entry(self.user) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
