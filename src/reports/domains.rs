//! `domains`: each domain against its plan, in the order of the register.

use diesel::RunQueryDsl;

use super::{
    Report, Table,
    definitions::{self, GROUP},
    dto::{FigureTotals, NamedRef, answer_of, group_columns, with_figures},
    groups,
    scope::View,
    sums,
};
use crate::{db::Conn, domains::queries::DomainRow, error::ApiError, http::export::Cell};

with_figures! {
    /// A domain with its figures.
    pub struct DomainFigures {
        /// The domain.
        pub domain: NamedRef,
    }
}

answer_of!(DomainsReport, "domains", DomainFigures, FigureTotals);

/// The report.
pub struct Domains;

impl Report for Domains {
    type Answer = DomainsReport;
    const NAME: &'static str = "domains";
    const COLUMNS: &'static [&'static str] = group_columns!("domain_code", "domain_name");

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
        Ok(DomainsReport::new(view, definitions::of(&[GROUP], view.query.language), rows, totals))
    }

    fn table(answer: &DomainsReport) -> Table {
        let row = |row: &DomainFigures| {
            let mut cells: Vec<Cell> = vec![row.domain.code.as_str().into(), row.domain.name.as_str().into()];
            cells.extend(row.figure_cells());
            cells
        };
        let mut totals = vec![Cell::Empty; 2];
        totals.extend(answer.totals.figure_cells());
        let rows = answer.rows.iter().map(row).collect();
        Table { rows, totals: Some(totals), as_of: answer.as_of, definition: answer.definition.clone() }
    }
}
