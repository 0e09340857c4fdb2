//! Ctrl-C, which is a wish the first time and the end the second time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::signal::unix::{SignalKind, signal};

use super::Failure;

/// How often a pause looks whether it was asked to end.
const LOOK: Duration = Duration::from_millis(20);

/// Whether somebody asked this program to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// Where signals can't be received.
    pub(super) fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::broken(&format!("Signals can't be received: {error}."));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
        let context = runtime.enter();
        let mut signals = signal(SignalKind::interrupt()).map_err(failed)?;
        drop(context);
        let interrupt = Self::default();
        let asked = interrupt.clone();
        thread::spawn(move || {
            runtime.block_on(async {
                signals.recv().await;
                asked.0.store(true, Ordering::Relaxed);
                signals.recv().await;
                std::process::exit(2);
            });
        });
        Ok(interrupt)
    }

    /// Whether it was asked.
    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits so long, or until it is asked.
    pub(super) fn pause(&self, time: Duration) {
        let began = Instant::now();
        while !self.is_asked() && began.elapsed() < time {
            thread::sleep(LOOK.min(time));
        }
    }
}
