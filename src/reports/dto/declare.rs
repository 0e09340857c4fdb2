//! Declares the answers of reports, and the rows that have figures.

/// Declares the answer of a report: the envelope of CONTRACT §5 under a name of its own.
macro_rules! answer_of {
    ($name:ident, $report:literal, $row:ty, $totals:ty $(, $(#[$meta:meta])* $extra:ident: $type:ty)*) => {
        #[doc = concat!("The report `", $report, "`.")]
        #[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
        #[schema(description = concat!("The report `", $report, "`."))]
        pub struct $name {
            /// Name of the report.
            #[schema(min_length = 1, max_length = 40, pattern = "^[a-z]+$", examples($report))]
            pub report: &'static str,
            /// Day on which lateness, planned progress and health are judged.
            #[schema(value_type = $crate::http::fields::Day)]
            pub as_of: chrono::NaiveDate,
            /// Filters that the report was asked with.
            pub filters: $crate::reports::dto::ReportFilters,
            /// What each figure means.
            pub definition: $crate::reports::dto::Definition,
            /// Rows of the report.
            #[schema(max_items = 1_000_000)]
            pub rows: Vec<$row>,
            /// Figures of the whole report, all its pages together.
            pub totals: $totals,
            $($(#[$meta])* pub $extra: $type,)*
        }

        impl $name {
            /// Puts rows and totals into the envelope.
            fn new(
                view: &$crate::reports::scope::View<'_>,
                definition: $crate::reports::dto::Definition,
                rows: Vec<$row>,
                totals: $totals,
                $($extra: $type,)*
            ) -> Self {
                let filters = $crate::reports::dto::ReportFilters::of(view.query);
                Self { report: $report, as_of: view.as_of, filters, definition, rows, totals, $($extra,)* }
            }
        }
    };
}
pub(in crate::reports) use answer_of;

/// Declares the row of a group of initiatives, or the totals: fields of its own, then the figures that all groups have.
macro_rules! with_figures {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Initiatives in the caller's reach, counted by status.
            pub initiatives: $crate::reports::dto::InitiativeTotals,
            /// Mean of the initiatives' progress in percent, weighted by initiative; null where nothing is live.
            #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
            pub progress: Option<$crate::figures::Percent>,
            /// Progress in percent that the baseline plans for `as_of`; null where nothing is live.
            #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
            pub planned_progress: Option<$crate::figures::Percent>,
            /// Progress less planned progress, in percentage points; negative where behind the plan, null where nothing is live.
            #[schema(value_type = Option<f64>, minimum = -100, maximum = 100, examples(-15.0))]
            pub gap: Option<$crate::figures::Percent>,
            /// State against the plan, from the gap and the late responsibilities; null where nothing is live.
            pub health: Option<$crate::figures::Health>,
            /// Number of responsibilities that are late on `as_of`.
            #[schema(minimum = 0, maximum = 1_000_000_000)]
            pub late: i64,
            /// Most days that a responsibility is late; null where none is late.
            #[schema(minimum = 1, maximum = 200_000, examples(12))]
            pub max_days_late: Option<i64>,
            /// Rials planned, summed over initiatives neither draft nor cancelled; null where none has a figure.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub budget_planned_rial: Option<i64>,
            /// Rials spent, summed over initiatives neither draft nor cancelled; null where none has a figure.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub budget_spent_rial: Option<i64>,
            /// Persons to be reached, summed over initiatives neither draft nor cancelled; null where none has a figure.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub beneficiaries_planned: Option<i64>,
            /// Persons reached, summed over initiatives neither draft nor cancelled; null where none has a figure.
            #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
            pub beneficiaries_reached: Option<i64>,
        }

        impl $name {
            /// Joins fields of its own with the figures of a group.
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

            /// The cells of its figures, in the order of [`group_columns`].
            pub fn figure_cells(&self) -> Vec<$crate::http::export::Cell> {
                use $crate::{http::export::Cell, reports::Table};
                let mut cells: Vec<Cell> = vec![self.initiatives.total.into()];
                cells.extend(self.initiatives.each().map(|(_, count)| Cell::from(count)));
                cells.extend([Table::percent(self.progress), Table::percent(self.planned_progress), Table::percent(self.gap)]);
                cells.extend([self.health.map(|health| health.as_str()).into(), self.late.into(), self.max_days_late.into()]);
                cells.extend([self.budget_planned_rial.into(), self.budget_spent_rial.into()]);
                cells.extend([self.beneficiaries_planned.into(), self.beneficiaries_reached.into()]);
                cells
            }
        }
    };
}
pub(in crate::reports) use with_figures;

/// The columns of a group: its own, then those of the figures, as `figure_cells` of [`with_figures`] gives them.
macro_rules! group_columns {
    ($($own:literal),+) => {
        &[
            $($own,)+
            "initiatives_total", "initiatives_draft", "initiatives_proposed", "initiatives_approved", "initiatives_in_progress",
            "initiatives_blocked", "initiatives_completed", "initiatives_cancelled", "progress", "planned_progress", "gap", "health",
            "late", "max_days_late", "budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached",
        ]
    };
}
pub(in crate::reports) use group_columns;
