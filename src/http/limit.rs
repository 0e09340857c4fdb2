//! How many requests a second one user, or one address without a user, may make (CONTRACT §1, "Headers").

use std::{net::IpAddr, num::NonZeroU32, sync::Arc};

use actix_web::dev::ServiceRequest;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use crate::{app::App, auth::Actor, config::RateLimit, db::Id, error::ApiError};

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Payer {
    User(Id),
    Address(IpAddr),
}

/// The fewest requests a second from an address for what lies beside the API, however low the limit is.
const LEAST_BESIDE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

type Counted = RateLimiter<Payer, DashMapStateStore<Payer>, DefaultClock, StateInformationMiddleware>;

/// The limiter of a server; every server counts for itself.
pub struct Limiter {
    counted: Option<(NonZeroU32, Counted)>,
    /// For what lies beside the API, as health: whoever floods the API must not have the server taken for dead.
    beside: Option<(NonZeroU32, Counted)>,
    clock: DefaultClock,
}

/// How a request stands with the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
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

impl Standing {
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

impl Limiter {
    /// A limiter with the configured quota.
    pub fn new(limit: RateLimit) -> Self {
        let counted = |quota: NonZeroU32| {
            let limiter = RateLimiter::dashmap(Quota::per_second(quota)).with_middleware::<StateInformationMiddleware>();
            (quota, limiter)
        };
        let quota = match limit {
            RateLimit::Off => None,
            RateLimit::PerSecond(quota) => Some(quota),
        };
        let beside = quota.map(|quota| counted(quota.max(LEAST_BESIDE)));
        Self { counted: quota.map(counted), beside, clock: DefaultClock::default() }
    }

    /// Counts a request of the API.
    pub fn check(&self, caller: &Result<Option<Arc<Actor>>, ApiError>, address: IpAddr) -> Standing {
        self.count(
            self.counted.as_ref(),
            match caller {
                Ok(Some(actor)) => Payer::User(actor.user_id),
                _ => Payer::Address(address),
            },
        )
    }

    /// Counts a request of what lies beside the API.
    pub fn check_beside(&self, address: IpAddr) -> Standing {
        self.count(self.beside.as_ref(), Payer::Address(address))
    }

    fn count(&self, counted: Option<&(NonZeroU32, Counted)>, payer: Payer) -> Standing {
        let Some((quota, limiter)) = counted else { return Standing::Free };
        match limiter.check_key(&payer) {
            Ok(state) => Standing::Within { quota: quota.get(), remaining: state.remaining_burst_capacity() },
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now());
                Standing::Exceeded { quota: quota.get(), retry_after: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1) }
            }
        }
    }

    /// Forgets those who have not called for a while, so that memory does not grow with addresses.
    pub fn forget_idle(&self) {
        for (_, limiter) in self.counted.iter().chain(&self.beside) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// The client's address: the peer's, or what a trusted proxy says of it.
pub fn address(app: &App, request: &ServiceRequest) -> IpAddr {
    client_address(app, request.peer_addr().map(|peer| peer.ip()), request.headers())
}

/// As [`address`], from its parts. The last address that no trusted proxy added is believed.
pub fn client_address(app: &App, peer: Option<IpAddr>, headers: &actix_web::http::header::HeaderMap) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let trusted = |address: &IpAddr| app.config.trusted_proxies.contains(address);
    if !trusted(&peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> = forwarded.flat_map(|value| value.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    hops.into_iter().rev().find(|hop| !trusted(hop)).unwrap_or(peer)
}
