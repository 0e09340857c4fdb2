//! `neighborhoods`: each neighbourhood against its plan; a manager finds his own first. And `domains`, the same by field.

use std::cmp::Ordering;

use diesel::RunQueryDsl;

use super::{
    Report, Table,
    definitions::{self, GROUP},
    dto::{NamedRef, answer_of, with_figures},
    extras::Order,
    groups, refs,
    scope::View,
    sums,
};
use crate::{
    db::Conn,
    domains::queries::DomainRow,
    error::ApiError,
    figures::ExactGap,
    http::export::Cell,
    neighborhoods::{self, Designation, Manager, rules::is_closed},
};

with_figures! {
    /// A neighbourhood with its figures.
    pub struct NeighborhoodFigures {
        /// The neighbourhood.
        pub neighborhood: NamedRef,
        /// Part that the neighbourhood has in the programme.
        pub designation: Designation,
        /// Who manages the neighbourhood today; null where nobody does.
        pub manager: Option<Manager>,
    }
}

with_figures! {
    /// A domain with its figures.
    pub struct DomainFigures {
        /// The domain.
        pub domain: NamedRef,
    }
}

with_figures! {
    /// The figures of all rows together.
    pub struct FigureTotals {}
}

answer_of!(NeighborhoodsReport, "neighborhoods", NeighborhoodFigures, FigureTotals);
answer_of!(DomainsReport, "domains", DomainFigures, FigureTotals);

/// The report by neighbourhood.
pub struct Neighborhoods;
/// The report by domain.
pub struct Domains;

/// The columns of the figures, as [`figures`] gives their cells.
macro_rules! columns {
    ($($own:literal),+) => {
        &[
            $($own,)+
            "initiatives_total", "initiatives_draft", "initiatives_proposed", "initiatives_approved", "initiatives_in_progress",
            "initiatives_blocked", "initiatives_completed", "initiatives_cancelled", "progress", "planned_progress", "gap", "health",
            "late", "max_days_late", "budget_planned_rial", "budget_spent_rial", "beneficiaries_planned", "beneficiaries_reached",
        ]
    };
}

macro_rules! figures {
    ($row:expr) => {{
        let row = $row;
        let mut cells: Vec<Cell> = vec![row.initiatives.total.into()];
        cells.extend(row.initiatives.each().map(|(_, count)| Cell::from(count)));
        cells.extend([Table::percent(row.progress), Table::percent(row.planned_progress), Table::percent(row.gap)]);
        cells.extend([row.health.map(|health| health.as_str()).into(), row.late.into(), row.max_days_late.into()]);
        cells.extend([row.budget_planned_rial.into(), row.budget_spent_rial.into()]);
        cells.extend([row.beneficiaries_planned.into(), row.beneficiaries_reached.into()]);
        cells
    }};
}

impl Report for Neighborhoods {
    type Answer = NeighborhoodsReport;
    const NAME: &'static str = "neighborhoods";
    const COLUMNS: &'static [&'static str] = columns!("neighborhood_code", "neighborhood_name", "designation", "manager");

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<NeighborhoodsReport, ApiError> {
        let mut groups = groups::by_neighborhood(conn, view)?;
        let all = sums::total(groups.values());
        let totals = FigureTotals::new(&all, &all.standing(), view);
        let known = refs::neighborhood_rows(conn, view)?;
        let mut managers = neighborhoods::queries::managers(conn, view.scope, known.iter().map(|row| row.id))?;
        let mut shown: Vec<Shown> = known
            .into_iter()
            .map(|row| (groups.remove(&row.id).unwrap_or_default(), row))
            .filter(|(sums, row)| !is_closed(row.closed_on, view.scope.today) || !sums.is_empty())
            .map(|(sums, place)| {
                let (standing, manager) = (sums.standing(), managers.remove(&place.id));
                let row = NeighborhoodFigures::new((&place).into(), place.designation, manager, &sums, &standing, view);
                Shown { row, name_sort: place.name_sort, gap: standing.exact_gap }
            })
            .collect();
        shown.sort_by(|one, other| order(view, one, other));
        let rows = shown.into_iter().map(|shown| shown.row).collect();
        Ok(NeighborhoodsReport::new(view, definitions::of(&[GROUP], view.asked.language), rows, totals))
    }

    fn table(answer: &NeighborhoodsReport) -> Table {
        let row = |row: &NeighborhoodFigures| {
            let manager = row.manager.as_ref().map(|manager| manager.display_name.clone());
            let mut cells: Vec<Cell> = vec![
                row.neighborhood.code.as_str().into(),
                row.neighborhood.name.as_str().into(),
                row.designation.as_str().into(),
                manager.into(),
            ];
            cells.extend(figures!(row));
            cells
        };
        let mut totals = vec![Cell::Empty; 4];
        totals.extend(figures!(&answer.totals));
        let rows = answer.rows.iter().map(row).collect();
        Table { rows, totals: Some(totals), as_of: answer.as_of, definition: answer.definition.clone() }
    }
}

/// A row with what it is ordered by.
struct Shown {
    row: NeighborhoodFigures,
    name_sort: Vec<u8>,
    /// Before it is rounded (DESIGN §3).
    gap: Option<ExactGap>,
}

/// A manager's own places first; then the order asked for; names' sort keys decide, and ids.
fn order(view: &View<'_>, one: &Shown, other: &Shown) -> Ordering {
    let turned = |order: Ordering| if view.asked.extras.sort.descending { order.reverse() } else { order };
    let by_name = || one.name_sort.cmp(&other.name_sort);
    let (one_id, other_id) = (one.row.neighborhood.id, other.row.neighborhood.id);
    let asked = match view.asked.extras.sort.by {
        Order::Name => turned(by_name()),
        Order::Late => turned(one.row.late.cmp(&other.row.late)),
        Order::Gap => match (&one.gap, &other.gap) {
            (Some(first), Some(second)) => turned(first.cmp(second)),
            // What has none comes last, whichever way the rest runs.
            (first, second) => first.is_none().cmp(&second.is_none()),
        },
    };
    view.is_own(other_id).cmp(&view.is_own(one_id)).then(asked).then_with(by_name).then(one_id.cmp(&other_id))
}

impl Report for Domains {
    type Answer = DomainsReport;
    const NAME: &'static str = "domains";
    const COLUMNS: &'static [&'static str] = columns!("domain_code", "domain_name");

    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<DomainsReport, ApiError> {
        let mut groups = groups::by_domain(conn, view)?;
        let all = sums::total(groups.values());
        let totals = FigureTotals::new(&all, &all.standing(), view);
        let mut known: Vec<DomainRow> = view.domains().load(conn)?;
        known.sort_by(|one, other| one.position.cmp(&other.position).then_with(|| one.code_key.cmp(&other.code_key)));
        let rows = known
            .iter()
            .map(|row| (row, groups.remove(&row.code).unwrap_or_default()))
            .filter(|(row, sums)| row.active || !sums.is_empty())
            .map(|(row, sums)| DomainFigures::new(row.into(), &sums, &sums.standing(), view))
            .collect();
        Ok(DomainsReport::new(view, definitions::of(&[GROUP], view.asked.language), rows, totals))
    }

    fn table(answer: &DomainsReport) -> Table {
        let row = |row: &DomainFigures| {
            let mut cells: Vec<Cell> = vec![row.domain.code.as_str().into(), row.domain.name.as_str().into()];
            cells.extend(figures!(row));
            cells
        };
        let mut totals = vec![Cell::Empty; 2];
        totals.extend(figures!(&answer.totals));
        let rows = answer.rows.iter().map(row).collect();
        Table { rows, totals: Some(totals), as_of: answer.as_of, definition: answer.definition.clone() }
    }
}
