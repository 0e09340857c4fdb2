//! A clock that stands still until a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use mahalleh::{
    clock::{Clock, SystemDice, World},
    db::Timestamp,
};

/// The tests' clock; begins at 2026-11-22T08:00:00Z, half past eleven in Tehran.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl Default for ManualClock {
    fn default() -> Self {
        let noon: chrono::DateTime<chrono::Utc> = "2026-11-22T08:00:00Z".parse().expect("an instant");
        Self(Arc::new(AtomicI64::new(noon.timestamp_micros())))
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// The world with this clock and the system's dice.
    pub fn world(&self) -> World {
        World::new(Arc::new(self.clone()), Arc::new(SystemDice))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).expect("an instant in chrono's range")
    }
}
