//! How many requests a second one user, or one address without a user, may make (CONTRACT §1, "Headers").

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
};

use actix_web::HttpRequest;
use governor::{Quota, RateLimiter, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore};

use crate::{app::App, auth::Actor, clock::World, config::RateLimit, db::Id, error::ApiError};

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Payer {
    User(Id),
    Address(IpAddr),
}

/// The least limit outside the API, in requests a second from one address, however low the API's own limit is.
const LEAST_BESIDE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

type Counted = RateLimiter<Payer, DashMapStateStore<Payer>, World, StateInformationMiddleware>;

/// The limiter of a server; every server counts for itself.
pub struct Limiter {
    counted: Option<(NonZeroU32, Counted)>,
    /// For what lies outside the API, as health does: whoever floods the API must not make the server look dead.
    beside: Option<(NonZeroU32, Counted)>,
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

impl Limiter {
    /// A limiter with the configured quota.
    pub fn new(limit: RateLimit, world: World) -> Self {
        let counted = |quota: NonZeroU32| {
            let limiter = RateLimiter::dashmap_with_clock(Quota::per_second(quota), world.clone());
            let limiter = limiter.with_middleware::<StateInformationMiddleware>();
            (quota, limiter)
        };
        let quota = match limit {
            RateLimit::Off => None,
            RateLimit::PerSecond(quota) => Some(quota),
        };
        let beside = quota.map(|quota| counted(quota.max(LEAST_BESIDE)));
        Self { counted: quota.map(counted), beside, world }
    }

    /// Counts a request of the API.
    pub fn check(&self, caller: &Result<Option<Arc<Actor>>, ApiError>, address: IpAddr) -> Allowance {
        self.count(
            self.counted.as_ref(),
            match caller {
                Ok(Some(actor)) => Payer::User(actor.user_id),
                _ => Payer::Address(address),
            },
        )
    }

    /// Counts a request to what lies outside the API.
    pub fn check_beside(&self, address: IpAddr) -> Allowance {
        self.count(self.beside.as_ref(), Payer::Address(address))
    }

    fn count(&self, counted: Option<&(NonZeroU32, Counted)>, payer: Payer) -> Allowance {
        let Some((quota, limiter)) = counted else { return Allowance::Free };
        match limiter.check_key(&payer) {
            Ok(state) => Allowance::Within { quota: quota.get(), remaining: state.remaining_burst_capacity() },
            Err(refused) => {
                let wait = refused.wait_time_from(self.world.elapsed());
                Allowance::Exceeded { quota: quota.get(), retry_after: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1) }
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
///
/// X-Forwarded-For is read from its end, as long as the address reached is a trusted proxy's. An entry that is no address ends
/// this, since the client may have written it. Addresses of one IPv6 network count as one: who has one has them all.
pub fn address(app: &App, request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let mut believed = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    let forwarded = request.headers().get_all("x-forwarded-for").map(|value| value.to_str().unwrap_or_default());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    let mut hops = hops.into_iter().rev().map(hop);
    while app.config.trusts(believed) {
        let Some(Some(before)) = hops.next() else { break };
        believed = before;
    }
    network(believed)
}

/// An address as proxies write it, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

/// What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_read_as_proxies_write_them() {
        let read = |text: &str| hop(text).map(|address| address.to_string());
        for (text, address) in [
            (" 203.0.113.9 ", Some("203.0.113.9")),
            ("203.0.113.9:51234", Some("203.0.113.9")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("::ffff:203.0.113.9", Some("203.0.113.9")),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(read(text).as_deref(), address, "{text}");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
    }
}
