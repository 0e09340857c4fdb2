//! Moves what SQLite's log holds into the file in a thread of its own; otherwise the commit that makes the log too long would do it
//! while all writes wait.

use std::thread::{Builder, Scope};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::SimpleConnection;

use super::{Conn, Target};

/// Commits of the writer from one call of the thread to the next.
const COMMITS_BETWEEN: u32 = 16;
/// Pages of 4 KiB in the log from which on the writer moves it too. While it writes without a pause, the thread never gets to move
/// the whole log, and so the log never begins anew; little is then left for the writer to move.
const WRITER_HELPS: u32 = 16 * 1024;

/// Makes the writer's connection leave the log to the thread, until the log is very long. Nothing on PostgreSQL.
///
/// # Errors
/// Those of the database.
pub fn leave(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Sqlite(sqlite) => sqlite.batch_execute(&format!("PRAGMA wal_autocheckpoint = {WRITER_HELPS}")),
        Conn::Postgres(_) => Ok(()),
    }
}

/// Counts commits, and calls the thread when there are enough.
pub struct Checkpoints {
    due: Sender<()>,
    commits: u32,
}

impl Checkpoints {
    /// Starts the thread, which ends when this is dropped. Where the system gives none, the writer moves the log itself.
    pub fn start<'scope>(scope: &'scope Scope<'scope, '_>, target: &'scope Target) -> Self {
        let (due, calls) = bounded(1);
        if let Err(error) = Builder::new().name("db-checkpoint".into()).spawn_scoped(scope, move || move_when_due(target, &calls)) {
            tracing::warn!(%error, "no thread for checkpoints");
        }
        Self { due, commits: 0 }
    }

    /// Counts a commit.
    pub fn count(&mut self) {
        self.commits = self.commits.wrapping_add(1);
        if self.commits.is_multiple_of(COMMITS_BETWEEN) {
            // Where the thread takes no call it is at work, and what it leaves is moved with the next.
            self.due.try_send(()).ok();
        }
    }
}

/// Moves all of the log into the file, at the end of a server, so that the file alone is the whole database. Nothing on PostgreSQL.
pub fn move_all(target: &Target) {
    // One that was taken away meanwhile is not made anew.
    let Target::Sqlite(path) = target else { return };
    if !path.exists() {
        return;
    }
    let moved =
        target.connect(true).and_then(|mut conn| Ok(conn.batch_execute("PRAGMA busy_timeout = 1000; PRAGMA wal_checkpoint(TRUNCATE)")?));
    if let Err(error) = moved {
        tracing::warn!(%error, "the log was not moved into the file; the next start does it");
    }
}

fn move_when_due(target: &Target, calls: &Receiver<()>) {
    let mut held = None;
    while let Ok(()) = calls.recv() {
        let moved = held.take().map_or_else(|| target.connect(false), Ok).and_then(|mut conn| {
            conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?;
            Ok(conn)
        });
        match moved {
            Ok(conn) => held = Some(conn),
            Err(error) => tracing::debug!(%error, "the log was not moved into the file; the next call tries again"),
        }
    }
}
