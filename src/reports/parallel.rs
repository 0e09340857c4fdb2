//! A part of a report that another reader computes meanwhile, so that two cores share the work of one answer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crossbeam_channel::{Receiver, bounded};

use super::{query::ReportQuery, scope::View};
use crate::{
    auth::Scope,
    db::{Conn, Db, in_snapshot},
    error::ApiError,
    events::{self, RegisterState},
};

/// What a report is computed from.
#[derive(Clone)]
pub struct Source {
    /// The database, for other readers.
    pub db: Db,
    /// Who asks for what.
    pub shared: Arc<(Scope, ReportQuery)>,
    /// The state of the register, as the snapshot has it.
    pub state: RegisterState,
}

/// Computes a part.
type Work<T> = fn(&mut Conn, &View<'_>) -> Result<T, ApiError>;

/// A part that was handed to another reader.
pub struct Parallel<T> {
    work: Work<T>,
    /// Set by whoever comes first: the other reader that begins, or this one that needs the part.
    claimed: Arc<AtomicBool>,
    done: Receiver<T>,
}

impl<T: Send + 'static> Parallel<T> {
    /// Hands a part over.
    pub fn begin(source: &Source, work: Work<T>) -> Self {
        let (sender, done) = bounded(1);
        let claimed = Arc::new(AtomicBool::new(false));
        let (theirs, source, province) = (Arc::clone(&claimed), source.clone(), source.shared.0.actor.province_id);
        source.db.clone().also_read(move |conn| {
            if theirs.swap(true, Ordering::AcqRel) {
                return Ok(());
            }
            in_snapshot(conn, |conn| {
                // A part computed from another state does not belong to this report.
                if events::state(conn, province)? == source.state {
                    sender.send(work(conn, &View::of(&source))?).ok();
                }
                Ok(())
            })
        });
        Self { work, claimed, done }
    }

    /// The part: computed here where no other reader was free, or saw the register in another state.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end(self, conn: &mut Conn, view: &View<'_>) -> Result<T, ApiError> {
        if self.claimed.swap(true, Ordering::AcqRel)
            && let Ok(part) = self.done.recv()
        {
            return Ok(part);
        }
        (self.work)(conn, view)
    }
}

impl<T> Drop for Parallel<T> {
    /// Where the rest fails nobody needs the part any more.
    fn drop(&mut self) {
        self.claimed.store(true, Ordering::Release);
    }
}
