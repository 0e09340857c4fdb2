//! Cursors: opaque, URL-safe, and bound to the filter and sort that they came from (CONTRACT §1, "Lists").

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::db::{Id, Timestamp};

/// A value that a cursor holds.
pub trait CursorKey: Sized {
    /// As text.
    fn encode(&self) -> String;
    /// From text; `None` where `encode` cannot have written it.
    fn decode(text: &str) -> Option<Self>;
}

macro_rules! cursor_key_by_text {
    ($($type:ty),+) => {$(
        impl CursorKey for $type {
            fn encode(&self) -> String { self.to_string() }
            fn decode(text: &str) -> Option<Self> { text.parse().ok() }
        }
    )+};
}
cursor_key_by_text!(i32, i64);

impl CursorKey for String {
    fn encode(&self) -> String {
        self.clone()
    }
    /// Refuses control characters, which no column holds.
    fn decode(text: &str) -> Option<Self> {
        (!text.chars().any(char::is_control)).then(|| text.to_owned())
    }
}

impl CursorKey for NaiveDate {
    fn encode(&self) -> String {
        self.to_string()
    }
    /// Only years of four digits, which both databases take.
    fn decode(text: &str) -> Option<Self> {
        text.parse().ok().filter(|day: &Self| (1900..=9999).contains(&day.year()))
    }
}

impl CursorKey for Timestamp {
    fn encode(&self) -> String {
        self.micros().to_string()
    }
    fn decode(text: &str) -> Option<Self> {
        Self::from_micros(text.parse().ok()?).filter(|at| (1900..=9999).contains(&at.utc().year()))
    }
}

impl CursorKey for Vec<u8> {
    fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self)
    }
    fn decode(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()
    }
}

/// What a cursor holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// A digest of the filter and sort that it came from.
    pub f: u64,
    /// The last row's sort key.
    pub k: String,
    /// The last row's id.
    pub i: Id,
}

/// What the cursors of a list without sort keys are bound to: its path and its filter.
pub fn binding(path: &str, filter: &serde_json::Map<String, serde_json::Value>) -> u64 {
    xxh3_64(format!("{path}\n{}", serde_json::to_string(filter).unwrap_or_default()).as_bytes())
}

/// The cursor after the row of this key and id.
pub fn seal(key: String, id: Id, binding: u64) -> Option<String> {
    let cursor = serde_json::to_vec(&Cursor { f: binding, k: key, i: id }).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(cursor))
}

/// A cursor, whatever it is bound to.
pub fn read(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
