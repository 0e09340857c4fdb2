//! `agencies`: who keeps their word.

mod word;

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use serde::Serialize;
use utoipa::ToSchema;

use self::word::{Word, words};
use super::{
    Report, Table, definitions,
    dto::{NamedRef, Rate, ResponsibilityTotals, Tenths, answer_of},
    scope::View,
};
use crate::{agencies::queries::AgencyRow, db::Conn, error::ApiError, http::export::Cell};

/// Declares a row, and the totals that are a row without an agency.
macro_rules! word {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Responsibilities in the caller's reach, counted by status.
            pub responsibilities: ResponsibilityTotals,
            /// Number of live responsibilities due within the interval and by `as_of`.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub due: i64,
            /// How many of `due` are verified and were done by their due date.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub kept: i64,
            /// Word kept: `kept` of `due`.
            pub kept_rate: Rate,
            /// The same rate with the baseline's due date in place of the present one.
            pub kept_rate_baseline: Rate,
            /// Number of responsibilities that are late on `as_of`.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub late: i64,
            /// Median of days late over the late responsibilities; null where none is late.
            #[schema(value_type = Option<f64>, minimum = 1, maximum = 200_000, examples(9.5))]
            pub median_days_late: Option<Tenths>,
            /// Number of responsibilities proposed for more than 7 days without an answer, in initiatives past draft.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub unanswered: i64,
            /// Number of deferrals asked for within the interval.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub deferrals_requested: i64,
            /// How many of those deferrals were accepted.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub deferrals_accepted: i64,
            /// How often reported work was sent back within the interval.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub returned: i64,
        }

        impl $name {
            fn new($($field: $type,)* word: &Word) -> Self {
                Self {
                    $($field,)*
                    responsibilities: word.responsibilities,
                    due: word.due,
                    kept: word.kept,
                    kept_rate: Rate::of(word.kept, word.due),
                    kept_rate_baseline: Rate::of(word.kept_baseline, word.due_baseline),
                    late: word.late.values().sum(),
                    median_days_late: median(&word.late),
                    unanswered: word.unanswered,
                    deferrals_requested: word.deferrals_requested,
                    deferrals_accepted: word.deferrals_accepted,
                    returned: word.returned,
                }
            }
        }
    };
}

word! {
    /// An agency, with how it keeps its word.
    pub struct AgencyWord {
        /// The agency.
        pub agency: NamedRef,
    }
}
word! {
    /// All agencies together.
    pub struct WordTotals {}
}

answer_of!(AgenciesReport, "agencies", AgencyWord, WordTotals);

/// The report.
pub struct Agencies;

const SAYS: &[&str] = &[
    "responsibilities",
    "due",
    "kept",
    "kept_rate",
    "kept_rate_baseline",
    "late",
    "median_days_late",
    "unanswered",
    "deferrals_requested",
    "deferrals_accepted",
    "returned",
];

/// The median of days late, from the number of responsibilities by days late; of an even number the mean of the two in the middle.
fn median(counts: &BTreeMap<i64, i64>) -> Option<Tenths> {
    let total: i64 = counts.values().sum();
    let at = |place: i64| {
        let mut passed = 0;
        counts.iter().find_map(|(days, count)| {
            passed += count;
            (passed > place).then_some(*days)
        })
    };
    Some(Tenths((at((total - 1) / 2)? + at(total / 2)?) * 5))
}

impl Report for Agencies {
    type Answer = AgenciesReport;
    const NAME: &'static str = "agencies";
    const COLUMNS: &'static [&'static str] = &[
        "agency_code",
        "agency_name",
        "responsibilities_total",
        "responsibilities_proposed",
        "responsibilities_accepted",
        "responsibilities_declined",
        "responsibilities_reported",
        "responsibilities_verified",
        "responsibilities_returned",
        "responsibilities_withdrawn",
        "due",
        "kept",
        "kept_rate",
        "kept_baseline",
        "due_baseline",
        "kept_rate_baseline",
        "late",
        "median_days_late",
        "unanswered",
        "deferrals_requested",
        "deferrals_accepted",
        "returned",
    ];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<AgenciesReport, ApiError> {
        let mut words = words(conn, view)?;
        let mut all = Word::default();
        for word in words.values() {
            all.merge(word);
        }
        let mut known: Vec<AgencyRow> = view.agencies().load(conn)?;
        known.sort_by(|one, other| one.name_sort.cmp(&other.name_sort).then(one.id.cmp(&other.id)));
        let rows = known
            .iter()
            .map(|row| (row, words.remove(&row.id).unwrap_or_default()))
            .filter(|(row, word)| row.active || !word.is_empty())
            .map(|(row, word)| AgencyWord::new(row.into(), &word))
            .collect();
        Ok(AgenciesReport::new(view, definitions::of(&[SAYS], view.query.language), rows, WordTotals::new(&all)))
    }

    fn table(answer: &AgenciesReport) -> Table {
        macro_rules! cells {
            ($row:expr) => {{
                let row = $row;
                let mut cells: Vec<Cell> = vec![row.responsibilities.total.into()];
                cells.extend(row.responsibilities.each().map(|(_, count)| Cell::from(count)));
                cells.extend([row.due.into(), row.kept.into(), Table::percent(row.kept_rate.value)]);
                cells.extend([row.kept_rate_baseline.numerator.into(), row.kept_rate_baseline.denominator.into()]);
                cells.extend([Table::percent(row.kept_rate_baseline.value), row.late.into()]);
                cells.extend([row.median_days_late.map(Tenths::number).into(), row.unanswered.into()]);
                cells.extend([row.deferrals_requested.into(), row.deferrals_accepted.into(), row.returned.into()]);
                cells
            }};
        }
        let row = |row: &AgencyWord| {
            let mut all: Vec<Cell> = vec![row.agency.code.as_str().into(), row.agency.name.as_str().into()];
            all.extend(cells!(row));
            all
        };
        let mut totals = vec![Cell::Empty; 2];
        totals.extend(cells!(&answer.totals));
        let rows = answer.rows.iter().map(row).collect();
        Table { rows, totals: Some(totals), as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two() {
        let of = |days: &[i64]| {
            let mut counts = BTreeMap::new();
            for day in days {
                *counts.entry(*day).or_default() += 1;
            }
            median(&counts)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(Tenths(70)));
        assert_eq!(of(&[1, 2]), Some(Tenths(15)));
        assert_eq!(of(&[1, 1, 9]), Some(Tenths(10)));
        assert_eq!(of(&[4, 1, 9, 30]), Some(Tenths(65)));
    }
}
