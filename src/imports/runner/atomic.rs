//! A file that is written whole, or not at all.

use std::sync::atomic::Ordering;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Runner, Stop, analyze_early, feed::Feed};
use crate::{
    db::{Conn, Written, in_transaction, large, lock_imports},
    error::ApiError,
    imports::{
        dataset::{Dataset, Draft},
        judge::{Judge, StoredReport},
        queries,
        report::Counts,
    },
};

fn ended() -> Stop {
    Stop::from(ApiError::internal("a thread of an import ended"))
}

/// A batch with what it refers to.
type LookedUp<D> = (Vec<Draft<<D as Dataset>::Values>>, <D as Dataset>::Known);

/// A batch that was judged and only has to be stored.
struct Ready<D: Dataset> {
    batch: D::Prepared,
    report: StoredReport,
    done: Counts,
}

impl Runner<'_> {
    /// Writes everything in one transaction, or nothing.
    pub(super) fn run_atomic<D: Dataset>(&self, conn: &mut Conn, total: i64) -> Result<(), Stop> {
        large::begin(conn).map_err(ApiError::from)?;
        std::thread::scope(|scope| {
            let mut feed = self.open::<D>(scope, total);
            // A workbook takes its time to be opened, and others could not write meanwhile.
            feed.wait();
            in_transaction(conn, |conn| self.write_all::<D>(conn, feed))
        })?;
        self.tidy::<D>(conn);
        Ok(())
    }

    /// Writes everything in the transaction that it is called in, or nothing. While a batch is stored, the next one, whose
    /// references are looked up already, is judged in a thread of its own.
    fn write_all<D: Dataset>(&self, conn: &mut Conn, feed: Feed<'_, D>) -> Result<(), Stop> {
        lock_imports(conn, self.job.province_id, Written::File)?;
        // Left by an attempt that found a rejection and was broken off while it reported.
        queries::delete_batches(conn, self.job)?;
        let judge = Judge::<D>::begin(&mut self.tx(conn))?;
        let counts = std::thread::scope(|scope| {
            let (to_judge, batches) = bounded::<LookedUp<D>>(1);
            let (to_store, judged) = bounded::<Result<Ready<D>, Stop>>(1);
            scope.spawn(move || self.judge_all(judge, &batches, &to_store));
            let (mut ahead, mut counts) = (false, Counts::default());
            let taken = feed.each(self.running, &mut |batch| {
                let known = D::look_up(&mut self.tx(conn), &batch, true)?;
                // After a refused batch nobody takes further ones, and the refusal is what comes next.
                let is_taken = to_judge.send((batch, known)).is_ok();
                if std::mem::replace(&mut ahead, true) || !is_taken {
                    counts = self.store(conn, judged.recv().unwrap_or_else(|_| Err(ended()))?)?;
                }
                Ok(())
            });
            drop(to_judge);
            taken?;
            for ready in judged {
                counts = self.store(conn, ready?)?;
            }
            Ok::<Counts, Stop>(counts)
        })?;
        self.end(conn, counts)
    }

    /// Judges batch after batch, until one is refused or nobody waits for the next.
    fn judge_all<D: Dataset>(&self, mut judge: Judge<D>, batches: &Receiver<LookedUp<D>>, to_store: &Sender<Result<Ready<D>, Stop>>) {
        for (batch, known) in batches {
            let stamp = self.stamp();
            let ready = judge.judge_batch(&stamp, batch, known).map_err(Stop::from).and_then(|judged| {
                if judged.report.counts.rejected > 0 {
                    return Err(Stop::Rejected);
                }
                Ok(Ready { batch: D::prepare(&stamp, judged.steps)?, report: judged.report.stored()?, done: judge.counts })
            });
            let last = ready.is_err();
            if to_store.send(ready).is_err() || last {
                break;
            }
        }
    }

    fn store<D: Dataset>(&self, conn: &mut Conn, ready: Ready<D>) -> Result<Counts, Stop> {
        D::store(&mut self.tx(conn), ready.batch)?;
        analyze_early::<D>(conn, ready.done)?;
        self.keep(conn, &ready.report)?;
        self.running.rows_done.store(ready.done.total(), Ordering::Relaxed);
        Ok(ready.done)
    }
}
