//! `neighborhoods`: each neighbourhood against its plan; a manager finds their own first.

use std::cmp::Ordering;

use super::{
    Report, Table,
    definitions::{self, GROUP},
    dto::{FigureTotals, NamedRef, answer_of, group_columns, with_figures},
    extras::Order,
    groups, refs,
    scope::View,
    sums,
};
use crate::{
    db::Conn,
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

answer_of!(NeighborhoodsReport, "neighborhoods", NeighborhoodFigures, FigureTotals);

/// The report.
pub struct Neighborhoods;

impl Report for Neighborhoods {
    type Answer = NeighborhoodsReport;
    const NAME: &'static str = "neighborhoods";
    const COLUMNS: &'static [&'static str] = group_columns!("neighborhood_code", "neighborhood_name", "designation", "manager");

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
        Ok(NeighborhoodsReport::new(view, definitions::of(&[GROUP], view.query.language), rows, totals))
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
            cells.extend(row.figure_cells());
            cells
        };
        let mut totals = vec![Cell::Empty; 4];
        totals.extend(answer.totals.figure_cells());
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
    let turned = |order: Ordering| if view.query.extras.sort.descending { order.reverse() } else { order };
    let by_name = || one.name_sort.cmp(&other.name_sort);
    let (one_id, other_id) = (one.row.neighborhood.id, other.row.neighborhood.id);
    let as_sorted = match view.query.extras.sort.by {
        Order::Name => turned(by_name()),
        Order::Late => turned(one.row.late.cmp(&other.row.late)),
        Order::Gap => match (&one.gap, &other.gap) {
            (Some(first), Some(second)) => turned(first.cmp(second)),
            // What has none comes last, whichever way the rest runs.
            (first, second) => first.is_none().cmp(&second.is_none()),
        },
    };
    view.is_own(other_id).cmp(&view.is_own(one_id)).then(as_sorted).then_with(by_name).then(one_id.cmp(&other_id))
}
