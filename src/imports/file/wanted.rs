//! Where the cells of a file go: its headings and the columns of a dataset.

use super::{FileFault, Given, Record, is_blank};
use crate::{
    fault::FaultCode,
    http::export::{Column, called},
};

/// The columns of a dataset that a file must or may have.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// All of them: those that are written, then those that are taken and ignored.
    pub columns: &'static [Column],
    /// Those that identify a row; every file must have them.
    pub key: &'static [&'static str],
}

impl Wanted {
    /// How many columns are written.
    pub fn width(&self) -> usize {
        self.columns.iter().filter(|column| column.writable).count()
    }

    /// The number of the column that a heading's cells go to; none for a column that an import ignores.
    pub(super) fn place(&self, heading: &str) -> Result<Option<usize>, FileFault> {
        let column = called(self.columns, heading).ok_or_else(|| FileFault::new(FaultCode::UnknownColumn, heading.trim()))?;
        Ok(self.columns.iter().position(|known| known == column).filter(|_| column.writable))
    }

    /// Where the cells of each heading go, judged as a whole.
    pub(super) fn layout<'a>(&self, headings: impl Iterator<Item = &'a str>) -> Result<Vec<Option<usize>>, FileFault> {
        let mut named: Vec<&str> = headings.collect();
        while named.last().is_some_and(|heading| is_blank(heading)) {
            named.pop();
        }
        // All of them at once, since the file has to be sent again for each that is reported.
        let unknown: Vec<&str> =
            named.iter().filter(|heading| called(self.columns, heading).is_none()).map(|heading| heading.trim()).collect();
        if !unknown.is_empty() {
            return Err(FileFault::new(FaultCode::UnknownColumn, unknown.join(", ")));
        }
        let mut places = Vec::with_capacity(named.len());
        for heading in named {
            let place = self.place(heading)?;
            if place.is_some() && places.contains(&place) {
                return Err(FileFault::new(FaultCode::DuplicateColumn, heading.trim()));
            }
            places.push(place);
        }
        if places.is_empty() {
            return Err(FileFault { code: FaultCode::EmptyFile, args: Vec::new(), row: None });
        }
        for key in self.key {
            let number = self.columns.iter().position(|column| column.name == *key);
            if !places.contains(&number) {
                return Err(FileFault::new(FaultCode::MissingColumn, key));
            }
        }
        Ok(places)
    }

    /// How many of these headings are known; for telling separators apart.
    pub(super) fn known<'a>(&self, headings: impl Iterator<Item = &'a str>) -> usize {
        headings.filter(|heading| called(self.columns, heading).is_some()).count()
    }
}

/// Puts cells where the layout says. Too few cells, or one beyond the headings, are a fault: it is unclear which cell is which.
pub(super) fn arranged(row: u32, layout: &[Option<usize>], width: usize, given: Vec<Given>) -> Record {
    let count = given.len();
    let beyond = given.iter().skip(layout.len()).any(|cell| *cell != Given::Empty);
    let mut cells = vec![None; width];
    if count < layout.len() || beyond {
        let fault = (FaultCode::WrongCellCount, vec![count.to_string(), layout.len().to_string()]);
        return Record { row, cells, fault: Some(fault) };
    }
    for (place, cell) in layout.iter().zip(given) {
        if let Some(slot) = place.and_then(|place| cells.get_mut(place)) {
            *slot = Some(cell);
        }
    }
    Record { row, cells, fault: None }
}
