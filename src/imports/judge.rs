//! Judging a file row by row: which keys occurred before, what accepted rows change for later ones, and each row's outcome.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    cell::{CellFault, Cells},
    dataset::{Dataset, Draft, Step, StepOf},
    dto::RowOutcome,
    file::Record,
    queries::JobRow,
    report::{self, Counts, Line},
};
use crate::{
    error::ApiError,
    fault::FaultCode,
    tx::{Stamp, Tx},
};

/// The keys so far, and what accepted rows change for later ones.
pub struct Judge<D: Dataset> {
    /// Where each key occurred first, by the key's hash.
    keys: HashMap<u64, First>,
    seed: u64,
    memory: D::Memory,
    /// How many rows so far had which outcome.
    pub counts: Counts,
}

/// Where a key occurred first.
#[derive(Clone, Copy)]
struct First {
    row: u32,
    /// Whether that row makes the item.
    makes: bool,
}

/// A batch that was judged.
pub struct Judged<D: Dataset> {
    /// What its rows do; those that were rejected do nothing.
    pub steps: Vec<StepOf<D>>,
    /// Its part of the report.
    pub report: BatchReport,
}

/// A batch's part of the report.
pub struct BatchReport {
    lines: Vec<Line>,
    /// How many of its rows had which outcome.
    pub counts: Counts,
}

/// A batch's part of the report as it is kept.
pub struct StoredReport {
    /// Its first and its last row.
    pub rows: Option<(u32, u32)>,
    /// How many of its rows had which outcome.
    pub counts: Counts,
    /// The lines.
    pub text: String,
}

impl BatchReport {
    /// The report as it is stored.
    ///
    /// # Errors
    /// `internal` alone.
    pub fn stored(self) -> Result<StoredReport, ApiError> {
        let rows = self.lines.first().map(|line| line.row).zip(self.lines.last().map(|line| line.row));
        Ok(StoredReport { rows, counts: self.counts, text: report::encode(self.lines)? })
    }
}

/// A record as a draft of its dataset.
pub fn draft<D: Dataset>(record: Record, job: &JobRow) -> Draft<D::Values> {
    let row = record.row;
    let mut cells = Cells::new(D::FILE_COLUMNS, record, job.calendar);
    let values = D::read(&mut cells);
    let key = if cells.is_unreadable() { None } else { D::key(&values) };
    Draft { row, key, values, cells }
}

impl<D: Dataset> Judge<D> {
    /// Before the first row.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin(tx: &mut Tx<'_>) -> Result<Self, ApiError> {
        Ok(Self { keys: HashMap::new(), seed: tx.now().micros().unsigned_abs(), memory: D::begin(tx)?, counts: Counts::default() })
    }

    /// Takes in what others have written meanwhile; called in the transaction in which the next batch is judged.
    ///
    /// # Errors
    /// Those of the database.
    pub fn refresh(&mut self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        self.memory = D::begin(tx)?;
        Ok(())
    }

    /// Remembers the key of a row that was judged before the import was broken off; whether it made its item is no longer known.
    pub fn skip(&mut self, draft: &Draft<D::Values>) {
        self.first(draft.row, draft.key.as_deref());
    }

    /// Where a key occurred first, perhaps in this row.
    fn first(&mut self, row: u32, key: Option<&str>) -> Option<&mut First> {
        let hash = xxh3_64_with_seed(key?.as_bytes(), self.seed);
        Some(self.keys.entry(hash).or_insert(First { row, makes: false }))
    }

    /// Judges a batch by the rules of requests; every row gets exactly one outcome and all its faults.
    ///
    /// # Errors
    /// `internal` alone.
    pub fn judge_batch(&mut self, stamp: &Stamp<'_>, batch: Vec<Draft<D::Values>>, mut known: D::Known) -> Result<Judged<D>, ApiError> {
        let mut steps = Vec::with_capacity(batch.len());
        let mut report = BatchReport { lines: Vec::with_capacity(batch.len()), counts: Counts::default() };
        for draft in batch {
            let repeated = self.first(draft.row, draft.key.as_deref()).copied().filter(|first| first.row != draft.row);
            if let (Some(First { makes: true, .. }), Some(key)) = (repeated, &draft.key) {
                // An earlier batch may have made it: a dry run, which has made nothing, finds the same faults.
                D::remove_known(&mut known, key, &draft.values);
            }
            let Draft { row, key, values, cells } = draft;
            let (step, found) =
                if cells.is_unreadable() { (Step::Unchanged, Vec::new()) } else { D::judge(stamp, values, &known, &self.memory)? };
            let own = D::FILE_COLUMNS.key.last().copied().unwrap_or_default();
            let code = cells.shown(own).map(|code| code.trim().to_owned());
            let is_new = key.is_some() && matches!(step, Step::Create(_));
            let mut faults = cells.into_faults::<D>(is_new, found);
            if let Some(first) = repeated {
                let column = Some(own.to_owned());
                faults
                    .insert(0, CellFault { column, code: FaultCode::DuplicateKey, args: vec![first.row.to_string()], value: code.clone() });
            }
            let outcome = match step {
                _ if !faults.is_empty() => RowOutcome::Rejected,
                Step::Create(_) => RowOutcome::Created,
                Step::Update(_) => RowOutcome::Updated,
                Step::Unchanged => RowOutcome::Unchanged,
            };
            if outcome == RowOutcome::Created
                && let Some(first) = self.first(row, key.as_deref())
            {
                first.makes = true;
            }
            if outcome != RowOutcome::Rejected {
                D::remember(&step, &mut self.memory);
                steps.push(step);
            }
            report.counts.add(outcome);
            report.lines.push(Line { row, code, outcome, faults });
        }
        self.counts = self.counts.plus(report.counts);
        Ok(Judged { steps, report })
    }
}
