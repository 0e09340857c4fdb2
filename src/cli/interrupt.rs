//! Ctrl-C and SIGTERM: the first one asks the program to stop, the second one ends it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, output};

/// How often a pause checks whether it was asked to end.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Whether somebody asked this program to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

/// What the first signal does.
enum First {
    /// Asks the program to stop, which checks for that.
    Asks,
    /// Ends the program.
    Ends,
}

impl Interrupt {
    /// Listens from now on: the first signal asks, the second ends the program.
    ///
    /// # Errors
    /// Where signals can't be received.
    pub(super) fn listen() -> Result<Self, Failure> {
        let interrupt = Self::default();
        interrupt.follow(First::Asks)?;
        Ok(interrupt)
    }

    /// Has a signal end the program; files that are not whole are removed.
    ///
    /// # Errors
    /// As [`Self::listen`].
    pub(super) fn end_at_once() -> Result<(), Failure> {
        Self::default().follow(First::Ends)
    }

    /// Starts to listen.
    fn follow(&self, first: First) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::broken(&format!("Signals can't be received: {error}."));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
        let context = runtime.enter();
        let mut interrupts = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        drop(context);
        let asked = self.clone();
        thread::spawn(move || {
            runtime.block_on(async {
                let mut come = async || {
                    tokio::select! {
                        _ = interrupts.recv() => {}
                        _ = terminate.recv() => {}
                    }
                };
                if matches!(first, First::Asks) {
                    come().await;
                    asked.0.store(true, Ordering::Relaxed);
                }
                come().await;
            });
            output::abandon();
            std::process::exit(2);
        });
        Ok(())
    }

    /// Whether it was asked.
    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for `time`, or until the program is asked to stop.
    pub(super) fn pause(&self, time: Duration) {
        let began = Instant::now();
        while !self.is_asked() && began.elapsed() < time {
            thread::sleep(CHECK_INTERVAL.min(time));
        }
    }
}
