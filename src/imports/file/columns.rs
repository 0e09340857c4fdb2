//! Where the cells of a file go: its headings and the columns of a dataset.

use super::{CellValue, FileFault, Record, is_blank};
use crate::{
    fault::FaultCode,
    http::export::{Column, called},
};

/// Where the cells below a heading go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// To the column of this number.
    Column(usize),
    /// Nowhere: the column is taken, and ignored.
    Ignored,
    /// Nowhere: the heading is blank, and so must the cells be.
    Unnamed,
}

/// The columns of a dataset that a file must or may have.
#[derive(Debug, Clone, Copy)]
pub struct FileColumns {
    /// All of them: those that are written, then those that are taken and ignored.
    pub all: &'static [Column],
    /// Those that identify a row; every file must have them.
    pub key: &'static [&'static str],
}

impl FileColumns {
    /// How many columns are written.
    pub fn width(&self) -> usize {
        self.all.iter().filter(|column| column.writable).count()
    }

    /// Where the cells below a heading go; none where it is unknown.
    pub(super) fn target(&self, heading: &str) -> Option<Target> {
        let column = called(self.all, heading)?;
        let number = self.all.iter().position(|known| known == column).filter(|_| column.writable);
        Some(number.map_or(Target::Ignored, Target::Column))
    }

    /// Where the cells of each heading go, judged as a whole.
    pub(super) fn layout<'a>(&self, headings: impl Iterator<Item = &'a str>) -> Result<Vec<Target>, FileFault> {
        let mut named: Vec<&str> = headings.collect();
        while named.last().is_some_and(|heading| is_blank(heading)) {
            named.pop();
        }
        let (mut targets, mut unknown, mut repeated) = (Vec::with_capacity(named.len()), Vec::new(), None);
        for heading in named {
            let target = if is_blank(heading) { Some(Target::Unnamed) } else { self.target(heading) };
            match target {
                None => unknown.push(heading.trim()),
                Some(target @ Target::Column(_)) if targets.contains(&target) => repeated = repeated.or(Some(heading)),
                Some(target) => targets.push(target),
            }
        }
        if !unknown.is_empty() {
            // All of them at once, since the file has to be sent again for each that is reported.
            return Err(FileFault::new(FaultCode::UnknownColumn, unknown.join(", ")));
        }
        if let Some(heading) = repeated {
            return Err(FileFault::new(FaultCode::DuplicateColumn, heading.trim()));
        }
        if targets.is_empty() {
            return Err(FileFault::bare(FaultCode::EmptyFile));
        }
        for key in self.key {
            let number = self.all.iter().position(|column| column.name == *key);
            if !number.is_some_and(|number| targets.contains(&Target::Column(number))) {
                return Err(FileFault::new(FaultCode::MissingColumn, key));
            }
        }
        Ok(targets)
    }

    /// How many of these headings are known; for telling separators apart.
    pub(super) fn known<'a>(&self, headings: impl Iterator<Item = &'a str>) -> usize {
        headings.filter(|heading| called(self.all, heading).is_some()).count()
    }
}

/// Puts cells where the layout says. Too few cells, or one below no heading, are a fault: it is unclear which cell is which.
pub(super) fn arranged(row: u32, layout: &[Target], width: usize, given: Vec<CellValue>) -> Record {
    let count = given.len();
    let is_unnamed = |number| layout.get(number).is_none_or(|target| *target == Target::Unnamed);
    let astray = given.iter().enumerate().any(|(number, cell)| *cell != CellValue::Empty && is_unnamed(number));
    let mut cells = vec![None; width];
    if count < layout.len() || astray {
        let named = layout.iter().filter(|target| **target != Target::Unnamed).count();
        let headings = if astray { named } else { layout.len() };
        let fault = (FaultCode::WrongCellCount, vec![count.to_string(), headings.to_string()]);
        return Record { row, cells, fault: Some(fault) };
    }
    for (target, cell) in layout.iter().zip(given) {
        if let Target::Column(number) = target
            && let Some(slot) = cells.get_mut(*number)
        {
            *slot = Some(cell);
        }
    }
    Record { row, cells, fault: None }
}
