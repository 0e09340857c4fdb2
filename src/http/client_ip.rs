//! The address of a client, behind proxies too (CONTRACT §1, "Headers").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::HttpRequest;

use crate::app::App;

/// The client's address: the peer's, or what a trusted proxy says of it.
///
/// X-Forwarded-For is read from its end, as long as the address reached is a trusted proxy's. An entry that is no address ends
/// this, since the client may have written it. Addresses of one IPv6 network count as one: who has one has them all.
pub fn of(app: &App, request: &HttpRequest) -> IpAddr {
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
