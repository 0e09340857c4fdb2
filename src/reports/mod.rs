//! Reports: the figures that a governor, an agency head and a neighbourhood manager look at (CONTRACT §5).
//!
//! Each is one file, with a folder of the same name where it is long: its answer, and how it is computed within the caller's reach
//! (`scope`). What they share is how they are asked (`params`), answered and remembered (`answer`), written into files (`file`) and
//! drawn (`chart`).

mod agencies;
mod agenda;
mod answer;
mod chart;
mod definitions;
mod domains;
mod dto;
mod extras;
mod file;
mod gaps;
mod groups;
mod headings;
mod late;
mod neighborhoods;
mod overview;
mod pace;
mod parallel;
mod params;
mod query;
mod refs;
mod routes;
mod scope;
mod statement;
mod sums;
mod timeline;

use chrono::NaiveDate;
use serde::Serialize;

pub use routes::configure;

use crate::{db::Conn, error::ApiError, figures::Percent, http::export::Cell};
use dto::Definition;
use scope::View;

/// A report: its name, and how it is computed and written down.
trait Report: 'static {
    /// The whole answer.
    type Answer: Serialize + Send + Sync + 'static;
    /// Its name, as in its path.
    const NAME: &'static str;
    /// The columns of its table.
    const COLUMNS: &'static [&'static str];

    /// Computes it, with a fixed number of statements.
    fn compute(conn: &mut Conn, view: &View<'_>) -> Result<Self::Answer, ApiError>;

    /// The cursor of the next page; none in a report without pages.
    fn next_cursor(_: &Self::Answer) -> Option<&str> {
        None
    }

    /// The answer as a table.
    fn table(answer: &Self::Answer) -> Table;
}

/// A report as rows and columns.
struct Table {
    /// In the order of the columns.
    rows: Vec<Vec<Cell>>,
    /// The totals, where the report has any with the same columns.
    totals: Option<Vec<Cell>>,
    as_of: NaiveDate,
    definition: Definition,
}

impl Table {
    /// A percentage as a number.
    fn percent(of: Option<Percent>) -> Cell {
        of.map(Percent::number).into()
    }
}
