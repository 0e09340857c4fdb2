//! Checks the address of a PostgreSQL database before libpq reads it: libpq's error would quote what it can't read, which may be
//! the password. The messages here quote nothing.

/// Refuses an address that libpq would not read, or in which it might take a part of the password for something else.
///
/// # Errors
/// A sentence for the operator.
pub fn check(url: &str) -> Result<(), String> {
    let Some((_, rest)) = url.split_once("://") else { return Err(wrong("it must begin with postgres://")) };
    if rest.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(wrong("it holds a blank or a control character"));
    }
    let mut escapes = rest.split('%').skip(1);
    if !escapes.all(|escape| escape.get(..2).is_some_and(|hex| hex != "00" && hex.bytes().all(|b| b.is_ascii_hexdigit()))) {
        return Err(wrong("it holds a % that is no percent-encoding"));
    }
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let hosts = match authority.split_once('@') {
        Some((_, hosts)) if hosts.contains('@') => return Err(wrong("it holds more than one @ before the host")),
        Some((_, hosts)) => hosts,
        None => authority,
    };
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    if !hosts.split(',').all(|host| port_of(host).is_none_or(is_port)) || database.contains('@') {
        return Err(wrong("what should be a port is no number, or an @ stands after the host"));
    }
    let is_parameter = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, value)| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !value.contains('='))
    };
    // libpq looks for an @ beyond the ?, too.
    if parameters.contains('@') {
        return Err(wrong("an @ stands after the ?"));
    }
    if !parameters.is_empty() && !parameters.split('&').all(is_parameter) {
        return Err(wrong("what follows the ? is not name=value"));
    }
    Ok(())
}

/// How long PostgreSQL's host may be silent, where the address does not say: a connection takes five seconds at most, and one over which
/// nothing comes back counts as broken after ten to twenty-five. Without that a host that lost its power would be waited for in vain.
const SILENCE: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
];

/// The address with the limits of [`SILENCE`] that it does not set itself.
pub fn bounded(url: &str) -> String {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let is_set = |name: &str| parameters.split('&').any(|pair| pair.split_once('=').is_some_and(|(set, _)| set == name));
    let missing = SILENCE.into_iter().filter(|(name, _)| !is_set(name)).map(|(name, value)| format!("{name}={value}"));
    let all: Vec<String> = Some(parameters.to_owned()).filter(|given| !given.is_empty()).into_iter().chain(missing).collect();
    format!("{place}?{}", all.join("&"))
}

/// What follows the colon after a host; an IPv6 address, in brackets, has colons of its own.
fn port_of(host: &str) -> Option<&str> {
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    after.split_once(':').map(|(_, port)| port)
}

fn wrong(why: &str) -> String {
    format!("{why}. Percent-encode all in a name or password that is no letter, digit or one of - . _ ~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_libpq_takes_are_taken() {
        for url in [
            "postgres://mahalleh@127.0.0.1:5432/mahalleh",
            "postgresql://mahalleh:change-me@db.example/mahalleh?sslmode=require&connect_timeout=5",
            "postgres://a:p%40ss%2Fw%25rd@one:5432,two:5433/mahalleh?target_session_attrs=read-write",
            "postgres://a:b@[::1]:5432,[2001:db8::1]/mahalleh",
            "postgres:///mahalleh?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun%2Fpostgresql/mahalleh",
            "postgres://محله:گذر@localhost/qom",
            "postgres://",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_an_address_says_of_silence_holds() {
        assert_eq!(
            bounded("postgres://a@one,two/x"),
            "postgres://a@one,two/x?connect_timeout=5&tcp_user_timeout=10000&keepalives_idle=10&keepalives_interval=5&keepalives_count=3"
        );
        let own = "postgres://a@b/x?sslmode=require&connect_timeout=60&keepalives_idle=1&keepalives_interval=1&keepalives_count=1";
        assert_eq!(bounded(own), format!("{own}&tcp_user_timeout=10000"));
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_and_never_quoted() {
        for url in [
            "postgres://m:sek%ret@127.0.0.1/x",
            "postgres://m:sek ret@127.0.0.1/x",
            "postgres://m:sek%00ret@127.0.0.1/x",
            "postgres://m@127.0.0.1/x?password=sek ret",
            "postgres://m:pa@sekret@127.0.0.1/x",
            "postgres://m:pa/sekret@127.0.0.1/x",
            "postgres://m:12/sekret@127.0.0.1/x",
            "postgres://m:12?sekret@127.0.0.1/x",
            "postgres://m:pa?sekret@127.0.0.1/x",
            "postgres://m:12?sek=ret@127.0.0.1/x?sslmode=require",
            "postgres://127.0.0.1/x?password=se@kret@",
            "postgres://m:sekret%",
        ] {
            let refused = check(url).expect_err(url);
            assert!(!refused.contains("sek") && !refused.contains("ret@"), "{refused}");
        }
    }
}
