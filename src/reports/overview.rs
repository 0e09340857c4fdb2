//! `overview`: the whole on one page, for the governor.

use std::collections::BTreeMap;

use diesel::{QueryDsl, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Report, Table,
    definitions::{self, GROUP},
    dto::{InitiativeTotals, InitiativesByDomain, ResponsibilityTotals, answer_of},
    groups,
    scope::View,
    sums,
};
use crate::{db::Conn, error::ApiError, figures::Percent, http::export::Cell, neighborhoods::queries::open_on};

/// Figures of everything in the caller's reach that the filters leave.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OverviewTotals {
    /// Number of open neighbourhoods.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub neighborhoods: i64,
    /// Initiatives in the caller's reach, counted by status.
    pub initiatives: InitiativeTotals,
    /// Number of initiatives by the code of their domain; a retired domain only where it has some.
    pub initiatives_by_domain: InitiativesByDomain,
    /// Responsibilities in the caller's reach, counted by status.
    pub responsibilities: ResponsibilityTotals,
    /// Mean of the initiatives' progress in percent, weighted by initiative; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub progress: Option<Percent>,
    /// Progress in percent that the baseline plans for `as_of`; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub planned_progress: Option<Percent>,
    /// Progress less planned progress, in percentage points; negative where behind the plan, null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = -100, maximum = 100, examples(-15.0))]
    pub gap: Option<Percent>,
    /// Number of responsibilities that are late on `as_of`.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub late: i64,
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

answer_of!(OverviewReport, "overview", OverviewTotals, OverviewTotals);

/// The report.
pub struct Overview;

const SAYS: &[&str] = &["neighborhoods", "initiatives_by_domain", "responsibilities"];

impl Report for Overview {
    type Answer = OverviewReport;
    const NAME: &'static str = "overview";
    const COLUMNS: &'static [&'static str] = &["figure", "part", "value"];

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<OverviewReport, ApiError> {
        let domains = groups::by_domain(conn, view)?;
        let responsibilities = groups::responsibilities(conn, view)?;
        let open = open_on(view.scope.today);
        let neighborhoods: i64 = view.neighborhoods().filter(open).count().get_result(conn)?;
        let known: Vec<(String, bool)> =
            view.domains().select((crate::db::schema::domains::code, crate::db::schema::domains::active)).load(conn)?;
        let active = known.into_iter().filter(|(_, active)| *active).map(|(code, _)| (code, 0));
        let mut by_domain: BTreeMap<String, i64> = active.collect();
        by_domain.extend(
            domains.iter().filter(|(_, sums)| sums.initiatives.total > 0).map(|(code, sums)| (code.clone(), sums.initiatives.total)),
        );
        let all = sums::total(domains.values());
        let standing = all.standing();
        let totals = OverviewTotals {
            neighborhoods,
            initiatives: all.initiatives,
            initiatives_by_domain: InitiativesByDomain(by_domain),
            responsibilities,
            progress: standing.progress,
            planned_progress: standing.planned_progress,
            gap: standing.gap,
            late: all.late,
            budget_planned_rial: all.resources.budget_planned,
            budget_spent_rial: all.resources.budget_spent,
            beneficiaries_planned: all.resources.beneficiaries_planned,
            beneficiaries_reached: all.resources.beneficiaries_reached,
        };
        let group: Vec<&str> = GROUP.iter().copied().filter(|name| !matches!(*name, "health" | "max_days_late")).collect();
        let definition = definitions::of(&[SAYS, &group], view.query.language);
        Ok(OverviewReport::new(view, definition, Vec::new(), totals))
    }

    fn table(answer: &OverviewReport) -> Table {
        let totals = &answer.totals;
        let row = |figure: &str, part: &str, value: Cell| vec![figure.into(), part.into(), value];
        let mut rows = vec![row("neighborhoods", "", totals.neighborhoods.into()), row("initiatives", "", totals.initiatives.total.into())];
        rows.extend(totals.initiatives.each().map(|(status, count)| row("initiatives", status, count.into())));
        rows.extend(totals.initiatives_by_domain.0.iter().map(|(code, count)| row("initiatives_by_domain", code, (*count).into())));
        rows.push(row("responsibilities", "", totals.responsibilities.total.into()));
        rows.extend(totals.responsibilities.each().map(|(status, count)| row("responsibilities", status, count.into())));
        rows.extend([
            row("progress", "", Table::percent(totals.progress)),
            row("planned_progress", "", Table::percent(totals.planned_progress)),
            row("gap", "", Table::percent(totals.gap)),
            row("late", "", totals.late.into()),
            row("budget_planned_rial", "", totals.budget_planned_rial.into()),
            row("budget_spent_rial", "", totals.budget_spent_rial.into()),
            row("beneficiaries_planned", "", totals.beneficiaries_planned.into()),
            row("beneficiaries_reached", "", totals.beneficiaries_reached.into()),
        ]);
        Table { rows, totals: None, as_of: answer.as_of, definition: answer.definition.clone() }
    }
}
