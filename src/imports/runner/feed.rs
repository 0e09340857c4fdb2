//! The batches of a file, read ahead in a thread of its own.

use std::{
    iter::Peekable,
    thread::{Scope, ScopedJoinHandle},
};

use crossbeam_channel::{IntoIter, bounded};

use super::{Runner, Stop};
use crate::{
    error::ApiError,
    imports::{
        dataset::{Dataset, Draft},
        file::{self, ReadError, Source},
        judge::draft,
        running::Running,
    },
};

/// Rows that are judged and written together.
pub(super) const BATCH: usize = 500;
/// The text of a batch, in bytes, after which it takes no further row: so that memory does not grow with the length of rows.
const MAX_BATCH_BYTES: usize = 2 << 20;
/// Batches that are read ahead.
const BATCHES_AHEAD: usize = 8;

impl Runner<'_> {
    /// Reads the file, of which so many rows are known, in a thread of its own, and gives it batch by batch to `handle`.
    pub(super) fn feed<D: Dataset>(
        &self,
        total: i64,
        handle: &mut dyn FnMut(Vec<Draft<D::Values>>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        std::thread::scope(|scope| self.open::<D>(scope, total).each(self.running, handle))
    }

    /// Begins to read the file in a thread of its own.
    pub(super) fn open<'scope, D: Dataset>(&'scope self, scope: &'scope Scope<'scope, '_>, total: i64) -> Feed<'scope, D> {
        let (sender, batches) = bounded(BATCHES_AHEAD);
        let reader = scope.spawn(move || {
            let mut conn = self.app.db.target().connect(false)?;
            let (mut batch, mut text, mut left) = (Vec::with_capacity(BATCH), 0, total);
            let source = Source::new(&mut conn, self.job);
            file::each(self.job.format, source, D::FILE_COLUMNS, &mut |record| {
                text += record.length();
                left -= 1;
                batch.push(draft::<D>(record, self.job));
                if batch.len() < BATCH && text < MAX_BATCH_BYTES {
                    // What comes after the last row is nobody's to wait for.
                    return left > 0;
                }
                text = 0;
                sender.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_ok() && left > 0
            })?;
            drop(sender.send(batch));
            Ok::<(), ReadError>(())
        });
        Feed { batches: batches.into_iter().peekable(), reader }
    }
}

/// A file that is read in a thread of its own.
pub(super) struct Feed<'scope, D: Dataset> {
    batches: Peekable<IntoIter<Vec<Draft<D::Values>>>>,
    reader: ScopedJoinHandle<'scope, Result<(), ReadError>>,
}

impl<D: Dataset> Feed<'_, D> {
    /// Waits until the first batch is there, or it is known that there will be none.
    pub(super) fn wait(&mut self) {
        self.batches.peek();
    }

    /// Gives batch by batch to `handle`.
    pub(super) fn each(self, running: &Running, handle: &mut dyn FnMut(Vec<Draft<D::Values>>) -> Result<(), Stop>) -> Result<(), Stop> {
        let Self { mut batches, reader } = self;
        let handled = batches.try_for_each(|batch| if running.is_given_up() { Err(Stop::GivenUp) } else { handle(batch) });
        // The reader ends where nobody takes its batches any more.
        drop(batches);
        let read = reader.join().unwrap_or_else(|_| Err(ReadError::Server(ApiError::internal("a panic while reading a file"))));
        handled.and(read.map_err(Stop::ReadError))
    }
}
