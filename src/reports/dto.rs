//! What the answers of all reports have in common (CONTRACT §5).

mod declare;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

pub(super) use self::declare::{answer_of, group_columns, with_figures};
use super::{query::ReportQuery, refs::NeighborhoodRow};
use crate::{
    agencies::queries::AgencyRow,
    db::Id,
    domains::queries::DomainRow,
    figures::Percent,
    http::{
        export::Calendar,
        fields::{Code, Day, Line},
    },
    initiatives::InitiativeStatus,
    responsibilities::ResponsibilityStatus,
};

/// A neighbourhood, an agency or a domain, as a row refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedRef {
    /// Its id.
    pub id: Id,
    /// Its code.
    #[schema(value_type = Code)]
    pub code: String,
    /// Its name.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// For charts in English.
    #[serde(skip)]
    #[schema(ignore)]
    pub name_en: Option<String>,
}

macro_rules! named_ref_from {
    ($($row:ty),+) => {$(
        impl From<&$row> for NamedRef {
            fn from(row: &$row) -> Self {
                Self { id: row.id, code: row.code.clone(), name: row.name.clone(), name_en: row.name_en.clone() }
            }
        }
    )+};
}
named_ref_from!(AgencyRow, DomainRow, NeighborhoodRow);

/// An initiative or a responsibility, as a row refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TitledRef {
    /// Its id.
    pub id: Id,
    /// Its code.
    #[schema(value_type = Code)]
    pub code: String,
    /// Its title.
    #[schema(value_type = Line<300>)]
    pub title: String,
}

/// A rate in percent, with the two counts that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"value": 62.5, "numerator": 5, "denominator": 8}))]
pub struct Rate {
    /// Percent with one decimal; null where the denominator is 0.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub value: Option<Percent>,
    /// How many of the denominator meet the rate's condition.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub numerator: i64,
    /// How many were looked at.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub denominator: i64,
}

impl Rate {
    /// The rate of `numerator` in `denominator`.
    pub fn of(numerator: i64, denominator: i64) -> Self {
        Self { value: crate::figures::percent(numerator, denominator), numerator, denominator }
    }
}

/// A number with one decimal, kept as tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenths(pub i64);

impl Tenths {
    /// The value, tenths divided by ten.
    pub fn number(self) -> f64 {
        f64::from(i32::try_from(self.0).unwrap_or(i32::MAX)) / 10.0
    }
}

impl Serialize for Tenths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number())
    }
}

/// Declares the counts of a kind of thing: the total, and a field for each status.
macro_rules! by_status {
    ($totals:ident, $by:ident, $status:ty, $thing:literal; $($variant:ident => $field:ident),+) => {
        #[doc = concat!("How many ", $thing, " there are in each status.")]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
        #[schema(description = concat!("How many ", $thing, " there are in each status."))]
        pub struct $by {
            $(
                #[doc = concat!("How many ", $thing, " are in the status `", stringify!($field), "`.")]
                #[schema(minimum = 0, maximum = 1_000_000_000)]
                pub $field: i64,
            )+
        }

        #[doc = concat!("How many ", $thing, " there are.")]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
        #[schema(description = concat!("How many ", $thing, " there are."))]
        pub struct $totals {
            /// All in the caller's reach that the filters leave, whatever their status.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub total: i64,
            /// Their number in each status.
            pub by_status: $by,
        }

        impl $totals {
            /// Adds `count` things of a status.
            pub const fn add(&mut self, status: $status, count: i64) {
                self.total += count;
                match status { $(<$status>::$variant => self.by_status.$field += count,)+ }
            }

            /// Adds another group's counts.
            pub const fn merge(&mut self, other: &Self) {
                self.total += other.total;
                $(self.by_status.$field += other.by_status.$field;)+
            }

            /// The words of the statuses with their counts, in the order of the lifecycle.
            pub const fn each(&self) -> [(&'static str, i64); <$status>::ALL.len()] {
                [$((<$status>::$variant.as_str(), self.by_status.$field)),+]
            }
        }
    };
}

by_status!(InitiativeTotals, InitiativesByStatus, InitiativeStatus, "initiatives";
    Draft => draft, Proposed => proposed, Approved => approved, InProgress => in_progress, Blocked => blocked,
    Completed => completed, Cancelled => cancelled);
by_status!(ResponsibilityTotals, ResponsibilitiesByStatus, ResponsibilityStatus, "responsibilities";
    Proposed => proposed, Accepted => accepted, Declined => declined, Reported => reported, Verified => verified,
    Returned => returned, Withdrawn => withdrawn);

/// Filters that the report was asked with, as given; null where not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportFilters {
    /// Ids of neighbourhoods, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$")]
    pub neighborhood_id: Option<String>,
    /// Ids of agencies, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$")]
    pub agency_id: Option<String>,
    /// Codes of domains, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("education"))]
    pub domain: Option<String>,
    /// Designations of neighbourhoods, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("model,expansion"))]
    pub designation: Option<String>,
    /// First day of the interval, given or set by `period`; null where the interval is open.
    #[schema(value_type = Option<Day>)]
    pub from: Option<NaiveDate>,
    /// Last day of the interval, given or set by `period`; null where the interval is open.
    #[schema(value_type = Option<Day>)]
    pub to: Option<NaiveDate>,
    /// Calendar of the months in `pace`, and of dates in exports and charts.
    #[schema(example = json!("gregorian"))]
    pub calendar: Calendar,
    /// Year, quarter or month that set `from` and `to`; null where none was given.
    #[schema(max_length = 40, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("1405-Q3"))]
    pub period: Option<String>,
    /// Days that the agenda looks ahead; null in every other report.
    #[schema(minimum = 0, maximum = 3660, examples(30))]
    pub days: Option<i64>,
}

impl ReportFilters {
    /// The filters of a request.
    pub fn of(query: &ReportQuery) -> Self {
        Self {
            neighborhood_id: query.text("neighborhood_id"),
            agency_id: query.text("agency_id"),
            domain: query.text("domain"),
            designation: query.text("designation"),
            from: query.from,
            to: query.to,
            calendar: query.calendar,
            period: query.text("period"),
            days: None,
        }
    }
}

/// What each figure of the report means, by its name, in the caller's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<Code, Line<1000>>, example = json!({"gap": "Progress less planned progress, in points."}))]
pub struct Definition(pub BTreeMap<&'static str, &'static str>);

/// How many initiatives there are in each domain, by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<Code, crate::http::fields::Count>, example = json!({"education": 12, "sport": 9}))]
pub struct InitiativesByDomain(pub BTreeMap<String, i64>);

with_figures! {
    /// The figures of all rows together.
    pub struct FigureTotals {}
}
