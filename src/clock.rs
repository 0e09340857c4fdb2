//! The clock and the random source: time, ids and randomness come from here alone, so that a test can set them.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use chrono::{NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Asia::Tehran;
use rand::{TryRng, rngs::SysRng};

use crate::db::{Id, Timestamp};

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long it has been since some beginning. A clock whose `now` may be set back overrides this, which must never go back.
    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.now().micros().unsigned_abs())
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Timestamp {
        Timestamp::new(Utc::now())
    }

    fn elapsed(&self) -> Duration {
        static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGINNING.elapsed()
    }
}

/// Where random bytes come from.
pub trait RandomSource: Send + Sync {
    /// Fills `bytes`; `false` where there is no randomness to be had.
    fn fill(&self, bytes: &mut [u8]) -> bool;
}

/// The operating system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        SysRng.try_fill_bytes(bytes).is_ok()
    }
}

/// Time, ids and randomness, as the server sees them.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

impl World {
    /// The real one.
    pub fn real() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemRandom))
    }

    /// One with the given clock and random source.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Self {
        Self { clock, random }
    }

    /// The same random source under another clock.
    #[must_use]
    pub fn under(&self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, random: Arc::clone(&self.random) }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How long it has been since some beginning; unlike the time of day it never goes back.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// The day it is in Tehran (DESIGN §2).
    pub fn today(&self) -> NaiveDate {
        tehran_day(self.now())
    }

    /// `N` bytes that nobody can guess.
    ///
    /// Early in a machine's start the system may have no randomness yet: this waits for it, since a guessable secret is worse.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        while !self.random.fill(&mut bytes) {
            std::thread::sleep(Duration::from_millis(10));
        }
        bytes
    }

    /// A new id: UUIDv7 of this instant.
    pub fn new_id(&self) -> Id {
        let millis = u64::try_from(self.now().micros() / 1000).unwrap_or(0);
        Id(uuid::Builder::from_unix_timestamp_millis(millis, &self.random_bytes::<10>()).into_uuid())
    }
}

/// The rate limiter measures time by this clock.
impl governor::clock::Clock for World {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.elapsed()
    }
}

/// The day on which an instant lies in Tehran.
pub fn tehran_day(at: Timestamp) -> NaiveDate {
    at.utc().with_timezone(&Tehran).date_naive()
}

/// The instant at which a day begins in Tehran; where the clock skipped midnight, the first instant of that day.
pub fn midnight(day: NaiveDate) -> Timestamp {
    let begin = day.and_time(NaiveTime::MIN);
    let local = begin.and_local_timezone(Tehran).earliest().or_else(|| (begin + TimeDelta::hours(1)).and_local_timezone(Tehran).earliest());
    Timestamp::new(local.map_or_else(|| begin.and_utc(), |at| at.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_falls_on_the_day_that_it_is_in_tehran() {
        let at = |text: &str| Timestamp::new(text.parse().expect("an instant"));
        assert_eq!(tehran_day(at("2026-11-21T20:29:59Z")).to_string(), "2026-11-21");
        assert_eq!(tehran_day(at("2026-11-21T20:30:00Z")).to_string(), "2026-11-22");
    }

    #[test]
    fn a_day_begins_when_it_is_midnight_in_tehran() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(midnight(day("2026-11-22")).to_string(), "2026-11-21T20:30:00.000000Z");
        // In 2021 the clock still went from midnight to one.
        assert_eq!(midnight(day("2021-03-22")).to_string(), "2021-03-21T20:30:00.000000Z");
    }
}
