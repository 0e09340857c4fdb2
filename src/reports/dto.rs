//! What the answers of all reports have in common (CONTRACT §5).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::ask::Asked;
use super::refs::Place;
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
named_ref_from!(AgencyRow, DomainRow, Place);

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

/// A rate in percent, with what it was divided from; the value is null where there is nothing to divide by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"value": 62.5, "numerator": 5, "denominator": 8}))]
pub struct Rate {
    /// Percent.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub value: Option<Percent>,
    /// Of how many it holds.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub numerator: i64,
    /// Of how many it could.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub denominator: i64,
}

impl Rate {
    /// So many of so many.
    pub fn of(numerator: i64, denominator: i64) -> Self {
        Self { value: crate::figures::percent(numerator, denominator), numerator, denominator }
    }
}

/// A number with one decimal, kept as tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenths(pub i64);

impl Tenths {
    /// As a number.
    pub fn number(self) -> f64 {
        f64::from(i32::try_from(self.0).unwrap_or(i32::MAX)) / 10.0
    }
}

impl Serialize for Tenths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number())
    }
}

/// How many of each status, every status named.
macro_rules! by_status {
    ($totals:ident, $by:ident, $status:ty, $thing:literal; $($variant:ident => $field:ident),+) => {
        #[doc = concat!("How many ", $thing, " there are in each status.")]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
        #[schema(description = concat!("How many ", $thing, " there are in each status."))]
        pub struct $by {
            $(#[schema(minimum = 0, maximum = 1_000_000_000)] pub $field: i64,)+
        }

        #[doc = concat!("How many ", $thing, " there are.")]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
        #[schema(description = concat!("How many ", $thing, " there are."))]
        pub struct $totals {
            /// All in reach, whatever their status.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub total: i64,
            /// By status.
            pub by_status: $by,
        }

        impl $totals {
            /// So many more of a status.
            pub const fn add(&mut self, status: $status, count: i64) {
                self.total += count;
                match status { $(<$status>::$variant => self.by_status.$field += count,)+ }
            }

            /// Another group's too.
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

/// What was filtered by, as it was given; null where it was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportFilters {
    /// Ids, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$")]
    pub neighborhood_id: Option<String>,
    /// Ids, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$")]
    pub agency_id: Option<String>,
    /// Codes, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("education"))]
    pub domain: Option<String>,
    /// Words, separated by commas.
    #[schema(max_length = 13_000, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("model,expansion"))]
    pub designation: Option<String>,
    /// The first day that counts, given or from the period.
    #[schema(value_type = Option<Day>)]
    pub from: Option<NaiveDate>,
    /// The last day that counts.
    #[schema(value_type = Option<Day>)]
    pub to: Option<NaiveDate>,
    /// The calendar of months and written dates.
    #[schema(example = json!("gregorian"))]
    pub calendar: Calendar,
    /// The period.
    #[schema(max_length = 40, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$", examples("1405-Q3"))]
    pub period: Option<String>,
    /// The days ahead; of the agenda alone.
    #[schema(minimum = 0, maximum = 3660, examples(30))]
    pub days: Option<i64>,
}

impl ReportFilters {
    /// Of what was asked.
    pub fn of(asked: &Asked) -> Self {
        Self {
            neighborhood_id: asked.text("neighborhood_id"),
            agency_id: asked.text("agency_id"),
            domain: asked.text("domain"),
            designation: asked.text("designation"),
            from: asked.from,
            to: asked.to,
            calendar: asked.calendar,
            period: asked.text("period"),
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

/// Declares the answer of a report: the envelope of CONTRACT §5 under a name of its own.
macro_rules! answer_of {
    ($name:ident, $report:literal, $row:ty, $totals:ty $(, $(#[$meta:meta])* $extra:ident: $type:ty)*) => {
        #[doc = concat!("The report `", $report, "`.")]
        #[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
        #[schema(description = concat!("The report `", $report, "`."))]
        pub struct $name {
            /// Its name.
            #[schema(min_length = 1, max_length = 40, pattern = "^[a-z]+$", examples($report))]
            pub report: &'static str,
            /// The day on which it is judged.
            #[schema(value_type = $crate::http::fields::Day)]
            pub as_of: chrono::NaiveDate,
            /// What it was narrowed by.
            pub filters: $crate::reports::dto::ReportFilters,
            /// What its figures mean.
            pub definition: $crate::reports::dto::Definition,
            /// Row by row.
            #[schema(max_items = 1_000_000)]
            pub rows: Vec<$row>,
            /// All together.
            pub totals: $totals,
            $($(#[$meta])* pub $extra: $type,)*
        }

        impl $name {
            /// In the envelope.
            fn new(
                view: &$crate::reports::scope::View<'_>,
                definition: $crate::reports::dto::Definition,
                rows: Vec<$row>,
                totals: $totals,
                $($extra: $type,)*
            ) -> Self {
                let filters = $crate::reports::dto::ReportFilters::of(view.asked);
                Self { report: $report, as_of: view.as_of, filters, definition, rows, totals, $($extra,)* }
            }
        }
    };
}
pub(super) use answer_of;

/// Declares a row or the totals of a group of initiatives: own fields, then the figures that all groups have.
macro_rules! with_figures {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Every initiative in reach.
            pub initiatives: $crate::reports::dto::InitiativeTotals,
            /// Percent of the weight of what is live that is verified; null where nothing is live.
            #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
            pub progress: Option<$crate::figures::Percent>,
            /// The same by the baseline.
            #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
            pub planned_progress: Option<$crate::figures::Percent>,
            /// Progress less planned progress, in points.
            #[schema(value_type = Option<f64>, minimum = -100, maximum = 100, examples(-15.0))]
            pub gap: Option<$crate::figures::Percent>,
            /// How it stands against its plan.
            pub health: Option<$crate::figures::Health>,
            /// Late responsibilities.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub late: i64,
            /// Days that the one that is late longest is late; null where none is.
            #[schema(minimum = 1, maximum = 200_000, examples(12))]
            pub max_days_late: Option<i64>,
            /// Rials.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub budget_planned_rial: Option<i64>,
            /// Rials.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub budget_spent_rial: Option<i64>,
            /// Persons.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub beneficiaries_planned: Option<i64>,
            /// Persons.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub beneficiaries_reached: Option<i64>,
        }

        impl $name {
            /// Own fields and the figures of a group.
            #[allow(clippy::too_many_arguments, reason = "a row's own fields")]
            pub fn new($($field: $type,)* sums: &$crate::reports::sums::Sums, standing: &$crate::figures::Standing, view: &$crate::reports::scope::View<'_>) -> Self {
                Self {
                    $($field,)*
                    initiatives: sums.initiatives,
                    progress: standing.progress,
                    planned_progress: standing.planned_progress,
                    gap: standing.gap,
                    health: standing.health,
                    late: sums.late,
                    max_days_late: sums.max_days_late(view.as_of),
                    budget_planned_rial: sums.resources.budget_planned,
                    budget_spent_rial: sums.resources.budget_spent,
                    beneficiaries_planned: sums.resources.beneficiaries_planned,
                    beneficiaries_reached: sums.resources.beneficiaries_reached,
                }
            }
        }
    };
}
pub(super) use with_figures;
