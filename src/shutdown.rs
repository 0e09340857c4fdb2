//! Whether the server stops, and since when.

use std::{sync::OnceLock, time::Duration};

use tokio::time::Instant;

/// The end of a server, from when it is told to stop.
#[derive(Debug, Default)]
pub struct Shutdown(OnceLock<Instant>);

impl Shutdown {
    /// Begins it; once is enough.
    pub fn begin(&self) {
        self.0.get_or_init(Instant::now);
    }

    /// Whether the server stops.
    pub fn is_begun(&self) -> bool {
        self.0.get().is_some()
    }

    /// How long ago it began; none where it did not.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.get().map(Instant::elapsed)
    }
}
