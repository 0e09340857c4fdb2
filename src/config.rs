//! The settings of a server: environment variables, or the flags of the same name. `docs/configuration.md` lists them.

use std::{
    env::VarError,
    net::IpAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::builder::{NonEmptyStringValueParser, RangedU64ValueParser};

use crate::db::{PoolSize, Target};

/// Settings of `serve` and `demo`. Secrets are never flags: `DATABASE_URL` is read from the environment alone.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Address and port of the API.
    #[arg(long, env = "MAHALLEH_BIND", default_value = "127.0.0.1:8080", value_parser = address)]
    pub bind: String,
    /// Address and port of /metrics.
    #[arg(long, env = "MAHALLEH_MANAGEMENT_BIND", default_value = "127.0.0.1:9090", value_parser = address)]
    pub management_bind: String,
    /// Threads that serve HTTP; 0 is one a core.
    #[arg(long, env = "MAHALLEH_WORKERS", default_value_t = 0, value_parser = within(0, 512))]
    pub workers: usize,
    /// The file with the key that encrypts the signing keys; made where absent.
    #[arg(long, env = "MAHALLEH_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
    /// Requests a second for each user, or `off`.
    #[arg(long, env = "MAHALLEH_RATE_LIMIT", default_value = "200", value_parser = rate)]
    pub rate_limit: RateLimit,
    /// Origins that browsers may call from, separated by commas; `*` for any.
    #[arg(long, env = "MAHALLEH_CORS_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,
    /// Addresses of proxies whose X-Forwarded-For is believed, separated by commas.
    #[arg(long, env = "MAHALLEH_TRUSTED_PROXIES", value_delimiter = ',', value_parser = proxy)]
    pub trusted_proxies: Vec<Option<IpAddr>>,
    /// The `iss` claim of tokens.
    #[arg(long, env = "MAHALLEH_ISSUER", default_value = "mahalleh", value_parser = NonEmptyStringValueParser::new())]
    pub issuer: String,
    /// The `aud` claim of tokens.
    #[arg(long, env = "MAHALLEH_AUDIENCE", default_value = "mahalleh", value_parser = NonEmptyStringValueParser::new())]
    pub audience: String,
    /// The largest JSON body, in bytes.
    #[arg(long, env = "MAHALLEH_BODY_LIMIT", default_value_t = 1 << 20, value_parser = within(1 << 10, 1 << 30))]
    pub body_limit: usize,
    /// The largest file of an import, in bytes.
    #[arg(long, env = "MAHALLEH_IMPORT_LIMIT", default_value_t = 256 << 20, value_parser = within(1, 1 << 40))]
    pub import_limit: usize,
    /// Imports that this server works on at a time; 0 leaves them to other servers.
    #[arg(long, env = "MAHALLEH_IMPORT_WORKERS", default_value_t = 1, value_parser = within(0, 64))]
    pub import_workers: usize,
    /// Connections that read; 0 is four a core, at least eight.
    #[arg(long, env = "MAHALLEH_DB_READERS", default_value_t = 0, value_parser = within(0, 1000))]
    pub db_readers: usize,
    /// Connections that write (PostgreSQL); 0 is four a core, at least eight and at most sixteen.
    #[arg(long, env = "MAHALLEH_DB_WRITERS", default_value_t = 0, value_parser = within(0, 1000))]
    pub db_writers: usize,
    /// Milliseconds that a request waits for a connection before it is refused as busy.
    #[arg(long, env = "MAHALLEH_DB_PATIENCE_MS", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..=25_000))]
    pub db_patience_ms: u64,
    /// Whether this is the demo, whose accounts everybody may know; set by `demo`, never by a flag.
    #[arg(skip)]
    pub is_demo: bool,
}

/// How many requests a second one user may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// No limit, and no headers.
    Off,
    /// At most this many.
    PerSecond(NonZeroU32),
}

fn within(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

/// Checks the form of an address with a port; whether this machine has it shows when it is bound.
fn address(text: &str) -> Result<String, String> {
    let is_host = |host: &str| !host.is_empty() && !host.contains(char::is_whitespace) && (!host.contains(':') || host.ends_with(']'));
    let is_sound = |(host, port): (&str, &str)| is_host(host) && port.parse::<u16>().is_ok();
    text.rsplit_once(':')
        .is_some_and(is_sound)
        .then(|| text.to_owned())
        .ok_or_else(|| "an address and a port, as 127.0.0.1:8080".to_owned())
}

/// An origin as browsers write it (RFC 6454 §6.1), which is compared letter by letter; or `*`.
fn origin(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_bare = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) && host.to_lowercase() == host;
    // An empty variable names no origin.
    if text.is_empty() || text == "*" || host.is_some_and(is_bare) {
        return Ok(text.to_owned());
    }
    Err("an origin as https://panel.example.ir, in small letters and without a path, or *".to_owned())
}

/// An IP address; an empty variable names none.
fn proxy(text: &str) -> Result<Option<IpAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "an IP address".to_owned())
}

/// The highest rate limit, in requests a second.
const MAX_RATE_LIMIT: u32 = 1_000_000;

fn rate(text: &str) -> Result<RateLimit, String> {
    if text == "off" {
        return Ok(RateLimit::Off);
    }
    // Beyond a thousand million a second there is less than a nanosecond for each.
    let known = text.parse().ok().filter(|rate: &NonZeroU32| rate.get() <= MAX_RATE_LIMIT);
    known.map(RateLimit::PerSecond).ok_or_else(|| format!("1 to {MAX_RATE_LIMIT} requests a second, or off"))
}

impl Config {
    /// Whether a peer is a trusted proxy, whose forwarding headers are believed; an IPv4 address also matches its IPv6 form.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().flatten().any(|proxy| proxy.to_canonical() == peer.to_canonical())
    }

    /// The sizes of the pools.
    pub fn pool_size(&self) -> PoolSize {
        let sound = PoolSize::default();
        let or = |given: usize, default: usize| if given == 0 { default } else { given };
        PoolSize {
            readers: or(self.db_readers, sound.readers),
            writers: or(self.db_writers, sound.writers),
            patience: Duration::from_millis(self.db_patience_ms),
        }
    }

    /// Where the secret lies: as set, else beside the SQLite file, else under `./data`.
    pub fn secret_path(&self, target: &Target) -> PathBuf {
        secret_path(self.secret_file.as_deref(), target)
    }
}

/// Where the secret lies: as `given`, else beside the SQLite file, else under `./data`.
pub fn secret_path(given: Option<&Path>, target: &Target) -> PathBuf {
    match (given, target) {
        (Some(path), _) => path.to_owned(),
        (None, Target::Sqlite(path)) => path.with_extension("secret"),
        (None, Target::Postgres(_)) => PathBuf::from("./data/mahalleh.secret"),
    }
}

/// The database where `DATABASE_URL` names none.
pub const DEFAULT_DATABASE: &str = "sqlite:./data/mahalleh.db";

/// The database that `DATABASE_URL` names, or `default`.
///
/// # Errors
/// A sentence for the operator, where the URL is of no known kind.
pub fn database(default: &str) -> Result<Target, String> {
    target("DATABASE_URL")?.map_or_else(|| Target::parse(default), Ok)
}

/// The database that a variable names, where it is set; one that is not UTF-8 is set, and refused.
fn target(variable: &str) -> Result<Option<Target>, String> {
    match std::env::var(variable) {
        Ok(url) => Target::parse(&url).map(Some).map_err(|problem| format!("{variable}: {problem}")),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{variable} is not UTF-8")),
    }
}

/// The standby of a database that reads may use, where `DATABASE_READ_URL` names one.
///
/// # Errors
/// A sentence for the operator, where the URL is of no known kind, or of a kind that has no standbys.
pub fn replica(primary: &Target) -> Result<Option<Target>, String> {
    match (target("DATABASE_READ_URL")?, primary) {
        (Some(Target::Sqlite(_)), _) | (Some(_), Target::Sqlite(_)) => {
            Err("DATABASE_READ_URL names a standby of PostgreSQL, and both it and DATABASE_URL must be postgres://".into())
        }
        (standby, Target::Postgres(_)) | (standby @ None, Target::Sqlite(_)) => Ok(standby),
    }
}
