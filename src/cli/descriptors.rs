//! How many files and connections this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// What is open besides connections of clients, and some more: files, connections to the database, pipes.
const OTHER_DESCRIPTORS: u64 = 256;
/// actix's own bound, for a worker.
const MAX_CONNECTIONS: u64 = 25_600;
/// Below it nothing would be served.
const MIN_CONNECTIONS: u64 = 16;

/// Has the system allow as many as it allows at all (many allow 1,024 at first), and gives the most connections of each worker: who
/// opens more waits to be taken, where without a bound nobody would be served any more.
pub(super) fn connections_of_a_worker(workers: usize) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::debug!(%error, "the limit of open files could not be raised");
        }
    }
    let workers = u64::try_from(workers.max(1)).unwrap_or(MAX_CONNECTIONS);
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let each = allowed.saturating_sub(OTHER_DESCRIPTORS) / workers;
    each.clamp(MIN_CONNECTIONS, MAX_CONNECTIONS).try_into().unwrap_or(usize::MAX)
}
