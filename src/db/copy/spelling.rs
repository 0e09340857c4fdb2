//! How a value of a column is written as text that both databases read.

/// A column, and how it is spelt.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Column {
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.name)
    }
}

/// How a column is spelt in the two databases (see [`crate::db::types`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in both.
    Plain,
    Day,
    Whole,
    Fraction,
    Flag,
    Uid,
    Binary,
    Instant,
    Document,
}

impl Kind {
    /// The kind of a column, by the name of PostgreSQL's type.
    pub(super) fn of(postgres: &str) -> Option<Self> {
        Some(match postgres {
            "text" => Self::Plain,
            "date" => Self::Day,
            "integer" | "bigint" => Self::Whole,
            "double precision" => Self::Fraction,
            "boolean" => Self::Flag,
            "uuid" => Self::Uid,
            "bytea" => Self::Binary,
            "timestamp with time zone" => Self::Instant,
            "jsonb" => Self::Document,
            _ => return None,
        })
    }

    /// SQL that gives the column as text that the other database understands; null stays null.
    pub(super) fn read(self, column: &str, on_postgres: bool) -> String {
        match (self, on_postgres) {
            (Self::Plain, _) | (Self::Day | Self::Document, false) => column.to_owned(),
            (Self::Flag, true) => format!("{column}::integer::text"),
            (Self::Uid, true) => format!("replace({column}::text, '-', '')"),
            (Self::Binary, true) => format!("encode({column}, 'hex')"),
            // Not by a float: extract gives a number with all its digits.
            (Self::Instant, true) => format!("(extract(epoch FROM {column}) * 1000000)::bigint::text"),
            (Self::Day | Self::Whole | Self::Fraction | Self::Document, true) => format!("{column}::text"),
            (Self::Whole | Self::Flag | Self::Instant, false) => format!("CAST({column} AS TEXT)"),
            // SQLite's hex of null is an empty text.
            (Self::Uid | Self::Binary, false) => format!("iif({column} IS NULL, NULL, lower(hex({column})))"),
            (Self::Fraction, false) => format!("iif({column} IS NULL, NULL, printf('%!.17g', {column}))"),
        }
    }

    /// SQL that makes the column's value of that text.
    pub(super) fn write(self, text: &str, on_postgres: bool) -> String {
        match (self, on_postgres) {
            (Self::Plain, _) | (Self::Day | Self::Document, false) => text.to_owned(),
            (Self::Day, true) => format!("({text})::date"),
            (Self::Whole, true) => format!("({text})::bigint"),
            (Self::Fraction, true) => format!("({text})::double precision"),
            (Self::Flag, true) => format!("({text})::integer::boolean"),
            (Self::Uid, true) => format!("({text})::uuid"),
            (Self::Binary, true) => format!("decode({text}, 'hex')"),
            (Self::Instant, true) => {
                let (seconds, micros) = (format!("({text})::bigint / 1000000"), format!("({text})::bigint % 1000000"));
                format!("TIMESTAMPTZ 'epoch' + ({seconds} || ' seconds')::interval + ({micros} || ' microseconds')::interval")
            }
            (Self::Document, true) => format!("({text})::jsonb"),
            (Self::Whole | Self::Flag | Self::Instant, false) => format!("CAST({text} AS INTEGER)"),
            (Self::Fraction, false) => format!("CAST({text} AS REAL)"),
            (Self::Uid | Self::Binary, false) => format!("unhex({text})"),
        }
    }
}
