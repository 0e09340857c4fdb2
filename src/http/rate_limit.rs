//! How many requests a second one user, or one address without a user, may make (CONTRACT §1, "Headers").

use std::{net::IpAddr, num::NonZeroU32, sync::Arc};

use governor::{Quota, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore};

use crate::{auth::Actor, clock::World, config::RateLimit, db::Id, error::ApiError};

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RateKey {
    User(Id),
    Address(IpAddr),
}

/// The least limit outside the API, in requests a second from one address, however low the API's own limit is.
const MIN_OUTSIDE_API: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

type Counted = governor::RateLimiter<RateKey, DashMapStateStore<RateKey>, World, StateInformationMiddleware>;

/// The limiter of a server; every server counts for itself.
pub struct RateLimiter {
    counted: Option<(NonZeroU32, Counted)>,
    /// For what lies outside the API, as health does: whoever floods the API must not make the server look dead.
    outside_api: Option<(NonZeroU32, Counted)>,
    world: World,
}

/// How a request stands with the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// Not counted.
    Free,
    /// Within the limit.
    Within {
        /// Requests a second.
        quota: u32,
        /// Requests left now.
        remaining: u32,
    },
    /// Over it.
    Exceeded {
        /// Requests a second.
        quota: u32,
        /// Whole seconds until another request is taken.
        retry_after: u32,
    },
}

impl Allowance {
    /// The headers of draft-ietf-httpapi-ratelimit-headers-11; none where nothing is counted.
    pub fn headers(&self, mut put: impl FnMut(&'static str, &str)) {
        let (quota, remaining, reset) = match self {
            Self::Free => return,
            Self::Within { quota, remaining } => (quota, *remaining, 1),
            Self::Exceeded { quota, retry_after } => (quota, 0, *retry_after),
        };
        put("ratelimit-policy", &format!("\"default\";q={quota};w=1"));
        put("ratelimit", &format!("\"default\";r={remaining};t={reset}"));
    }
}

impl RateLimiter {
    /// A limiter with the configured quota.
    pub fn new(limit: RateLimit, world: World) -> Self {
        let counted = |quota: NonZeroU32| {
            let limiter = governor::RateLimiter::dashmap_with_clock(Quota::per_second(quota), world.clone());
            let limiter = limiter.with_middleware::<StateInformationMiddleware>();
            (quota, limiter)
        };
        let quota = match limit {
            RateLimit::Off => None,
            RateLimit::PerSecond(quota) => Some(quota),
        };
        let outside_api = quota.map(|quota| counted(quota.max(MIN_OUTSIDE_API)));
        Self { counted: quota.map(counted), outside_api, world }
    }

    /// Counts a request of the API.
    pub fn check(&self, caller: &Result<Option<Arc<Actor>>, ApiError>, address: IpAddr) -> Allowance {
        self.count(
            self.counted.as_ref(),
            match caller {
                Ok(Some(actor)) => RateKey::User(actor.user_id),
                _ => RateKey::Address(address),
            },
        )
    }

    /// Counts a request to what lies outside the API.
    pub fn check_outside_api(&self, address: IpAddr) -> Allowance {
        self.count(self.outside_api.as_ref(), RateKey::Address(address))
    }

    fn count(&self, counted: Option<&(NonZeroU32, Counted)>, key: RateKey) -> Allowance {
        let Some((quota, limiter)) = counted else { return Allowance::Free };
        match limiter.check_key(&key) {
            Ok(state) => Allowance::Within { quota: quota.get(), remaining: state.remaining_burst_capacity() },
            Err(refused) => {
                let wait = refused.wait_time_from(self.world.elapsed());
                Allowance::Exceeded { quota: quota.get(), retry_after: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1) }
            }
        }
    }

    /// Forgets those who have not called for a while, so that memory does not grow with addresses.
    pub fn drop_idle(&self) {
        for (_, limiter) in self.counted.iter().chain(&self.outside_api) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}
