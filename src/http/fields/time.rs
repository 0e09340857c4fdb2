//! Days and instants.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::openapi::{KnownFormat, SchemaFormat};

use super::{Field, Refusal, inline_schema, string};
use crate::{db::Timestamp, fault::FaultCode, persian};

/// A date, `YYYY-MM-DD`, 1900 to 2199.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

impl Field for Day {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        persian::parse_gregorian(text).map(Self).ok_or_else(|| (FaultCode::InvalidFormat, vec!["YYYY-MM-DD, 1900..2199".into()]))
    }
}

/// A day that only another kind of transition takes; none can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDay;

impl Field for NoDay {
    fn from_text(_: &str) -> Result<Self, Refusal> {
        Err((FaultCode::UnknownField, Vec::new()))
    }
}

inline_schema!(
    Day,
    "Day",
    string()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .min_length(Some(10))
        .max_length(Some(10))
        .pattern(Some("^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))
);

impl Field for Timestamp {
    fn from_text(text: &str) -> Result<Self, Refusal> {
        match chrono::DateTime::parse_from_rfc3339(text) {
            Ok(at) if (1900..2200).contains(&chrono::Datelike::year(&at)) => Ok(Self::new(at.to_utc())),
            _ => Err((FaultCode::InvalidFormat, vec!["RFC 3339".into()])),
        }
    }
}

inline_schema!(
    Timestamp,
    "Timestamp",
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).min_length(Some(20)).max_length(Some(40))
);
