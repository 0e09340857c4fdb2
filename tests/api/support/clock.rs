//! A clock that stands still until a test moves it, and random bytes that are the same each time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use mahalleh::{
    clock::{Clock, RandomSource, SystemRandom, World},
    db::Timestamp,
};

/// The tests' clock, with the random source that belongs to it; begins at 2026-11-22T08:00:00Z, half past eleven in Tehran.
#[derive(Clone)]
pub struct ManualClock {
    now: Arc<AtomicI64>,
    random: Arc<dyn RandomSource>,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::with(SystemRandom)
    }
}

impl ManualClock {
    fn with(random: impl RandomSource + 'static) -> Self {
        let noon: chrono::DateTime<chrono::Utc> = "2026-11-22T08:00:00Z".parse().expect("an instant");
        Self { now: Arc::new(AtomicI64::new(noon.timestamp_micros())), random: Arc::new(random) }
    }

    /// One whose world makes the same ids in each run, as long as they are asked for in the same order.
    pub fn repeatable() -> Self {
        Self::with(Seeded::default())
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// The world with this clock and its random source.
    pub fn world(&self) -> World {
        World::new(Arc::new(self.clone()), Arc::clone(&self.random))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::SeqCst)).expect("an instant in chrono's range")
    }
}

/// SplitMix64 from zero.
#[derive(Default)]
struct Seeded(AtomicU64);

impl RandomSource for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        for part in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            part.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..part.len()]);
        }
        true
    }
}
