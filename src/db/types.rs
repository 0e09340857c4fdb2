//! Column types that both databases hold natively: ids, instants and JSON (DESIGN §4).
//!
//! | type | PostgreSQL | SQLite |
//! |---|---|---|
//! | [`Id`] | `uuid` | 16-byte BLOB |
//! | [`Timestamp`] | `timestamptz` | INTEGER, microseconds since 1970 |
//! | [`JsonDoc`] | `jsonb` | TEXT |

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, SubsecRound, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::HasSqlType,
    sqlite::{Sqlite, SqliteValue},
};
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use super::{MultiBackend, MultiRawValue};

/// The SQL side of the custom types.
pub mod sql {
    use diesel::{query_builder::QueryId, sql_types::SqlType};

    /// A UUID.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// A point in time with microseconds.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
    pub struct Instant;

    /// A JSON document.
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
    pub struct Document;
}

/// The identity of a thing: a UUIDv7 made by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = sql::Uid)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Id {
    /// The id of no user, agency or neighbourhood; as an actor's it stands for the command line.
    pub const NOBODY: Self = Self(Uuid::nil());

    /// Reads the hyphenated form alone, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 36 { Uuid::try_parse(text).ok().map(Self) } else { None }
    }
}

/// A point in time, UTC, cut to microseconds, the precision of both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Instant)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Cuts what is finer than a microsecond.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// The instant as chrono has it.
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The inverse of [`Self::micros`]; `None` beyond chrono's range.
    pub const fn from_micros(micros: i64) -> Option<Self> {
        match DateTime::from_timestamp_micros(micros) {
            Some(at) => Some(Self(at)),
            None => None,
        }
    }

    /// This instant moved by `seconds`; itself where that leaves chrono's range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        chrono::Duration::try_seconds(seconds).and_then(|by| self.0.checked_add_signed(by)).map_or(self, Self)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with `Z` and always six decimals (CONTRACT §1).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A date that is read in bulk: on SQLite without the general parser, which took a twentieth of a page's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub struct DayColumn(pub NaiveDate);

impl FromSql<diesel::sql_types::Date, Sqlite> for DayColumn {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
        let parts = (part(0..4), part(5..7), part(8..10));
        let (Some(year), Some(month), Some(day)) = parts else { return Err("a date that is none".into()) };
        let date = NaiveDate::from_ymd_opt(i32::try_from(year)?, month, day);
        date.map(Self).ok_or_else(|| "a date that is none".into())
    }
}

impl FromSql<diesel::sql_types::Date, Pg> for DayColumn {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <NaiveDate as FromSql<diesel::sql_types::Date, Pg>>::from_sql(value).map(Self)
    }
}

impl FromSql<diesel::sql_types::Date, MultiBackend> for DayColumn {
    fn from_sql(bytes: MultiRawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, diesel::sql_types::Date>()
    }
}

/// A JSON document in a column of its own.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow, Serialize)]
#[diesel(sql_type = sql::Document)]
#[serde(transparent)]
pub struct JsonDoc(pub serde_json::Value);

/// Lets the connection enum pass a type through to the database behind it.
macro_rules! on_either_backend {
    ($sql:ty, $rust:ty) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(bytes: MultiRawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<Self, $sql>()
            }
        }
        impl Default for $sql {
            fn default() -> Self {
                Self
            }
        }
    };
}
on_either_backend!(sql::Uid, Id);
on_either_backend!(sql::Instant, Timestamp);
on_either_backend!(sql::Document, JsonDoc);

impl ToSql<sql::Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<sql::Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Uid, Sqlite> for Id {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}

impl ToSql<sql::Instant, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let naive: NaiveDateTime = self.0.naive_utc();
        ToSql::<diesel::sql_types::Timestamp, Pg>::to_sql(&naive, &mut out.reborrow())
    }
}

impl FromSql<sql::Instant, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let naive = <NaiveDateTime as FromSql<diesel::sql_types::Timestamp, Pg>>::from_sql(value)?;
        Ok(Self(naive.and_utc()))
    }
}

impl ToSql<sql::Instant, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Instant, Sqlite> for Timestamp {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::from_micros(value.read_long()).ok_or_else(|| "instant out of range".into())
    }
}

impl ToSql<sql::Document, Pg> for JsonDoc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // jsonb's binary form is one version byte, then the text.
        std::io::Write::write_all(out, &[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Document, Pg> for JsonDoc {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((1, json)) => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("unknown jsonb version".into()),
        }
    }
}

impl ToSql<sql::Document, Sqlite> for JsonDoc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Document, Sqlite> for JsonDoc {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}
