//! The outcome of an import: its counts, its rejected rows, its report.

use std::io::Write;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::progress::{Progress, Stage};
use crate::{
    cli::{
        Failure,
        interrupt::Interrupt,
        output::AtomicFile,
        remote::{self, Session},
        say, table,
    },
    http::export::defused,
};

/// How many rejected rows are shown.
const MAX_SHOWN: u64 = 50;
/// How wide a cell of their table may be, except the message.
const MAX_WIDTH: usize = 32;
/// How many rows of the report are fetched at a time: the most that a page holds.
const PAGE_SIZE: usize = 200;

/// A job, as the server answers it (CONTRACT §4).
#[derive(Debug, Deserialize)]
pub(super) struct Job {
    pub(super) id: String,
    mode: String,
    dry_run: bool,
    state: String,
    pub(super) rows_total: Option<u64>,
    pub(super) rows_done: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
    error: Option<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    message: String,
    row: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Row>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "row")]
    number: u64,
    code: Option<String>,
    outcome: String,
    errors: Vec<RowError>,
}

#[derive(Debug, Default, Deserialize)]
struct RowError {
    column: Option<String>,
    code: String,
    message: String,
    value: Option<String>,
}

fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|error| Failure::broken(&format!("The server's answer is not understood: {error}.")))
}

impl Job {
    /// Reads the job of an answer.
    pub(super) fn of(answer: &Value) -> Result<Self, Failure> {
        read(answer)
    }

    /// Its address below `/api/v1`.
    pub(super) fn path(&self) -> String {
        format!("/imports/{}", self.id)
    }

    /// Whether nothing more happens to it.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }

    /// Whether there is a report of its rows.
    pub(super) fn has_report(&self) -> bool {
        self.state != "failed" || self.total() > 0
    }

    const fn total(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.rejected
    }

    /// Prints what became of the rows, and a table of the rejected ones.
    pub(super) fn show(&self, session: &mut Session, in_report: bool) -> Result<(), Failure> {
        if matches!(self.state.as_str(), "failed" | "cancelled") && self.total() == 0 {
            return Ok(());
        }
        let would = if self.dry_run || self.state == "rejected" { "would be " } else { "" };
        let Self { created, updated, unchanged, rejected, .. } = self;
        tell(&format!("{}: {would}{created} created, {updated} updated, {unchanged} unchanged; {rejected} rejected.", rows(self.total())))?;
        if *rejected == 0 {
            return Ok(());
        }
        let page: Page = read(&session.json(&format!("{}/rows?outcome=rejected&limit={MAX_SHOWN}", self.path()))?)?;
        let mut lines = Vec::new();
        for row in page.items {
            let mut head = [row.number.to_string(), row.code.unwrap_or_default()];
            for error in row.errors {
                let [number, code] = std::mem::take(&mut head);
                lines.push([number, code, error.column.unwrap_or_default(), error.value.unwrap_or_default(), error.message]);
            }
        }
        for line in table::lines(["row", "code", "column", "value", "message"], &lines, MAX_WIDTH) {
            tell(&line)?;
        }
        if *rejected > MAX_SHOWN {
            let all = if in_report { "the report has them all" } else { "--report FILE writes them all" };
            tell(&format!("… and {} more; {all}.", rejected - MAX_SHOWN))?;
        }
        Ok(())
    }

    /// Writes what became of each row as CSV: a line a row, and for a rejected one a line a fault.
    pub(super) fn write_report(&self, session: &mut Session, mut report: AtomicFile, interrupt: Option<&Interrupt>) -> Result<(), Failure> {
        let failed = |error: csv::Error| Failure::broken(&format!("The report can't be written: {error}."));
        let progress = Progress::begin(Stage::Report, Some(self.total()));
        // Without this mark spreadsheets misread Persian.
        report.file().write_all("\u{feff}".as_bytes()).map_err(|error| failed(error.into()))?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(report.file());
        out.write_record(["row", "code", "outcome", "column", "fault", "value", "message"]).map_err(failed)?;
        let mut cursor = String::new();
        loop {
            if interrupt.is_some_and(Interrupt::is_asked) {
                return Err(Failure::broken("Interrupted while the report was fetched; the import itself is over."));
            }
            let page: Page = read(&session.json(&format!("{}/rows?limit={PAGE_SIZE}{cursor}", self.path()))?)?;
            for row in &page.items {
                let none = [RowError::default()];
                for error in if row.errors.is_empty() { &none } else { row.errors.as_slice() } {
                    out.write_record(line(row, error)).map_err(failed)?;
                }
            }
            progress.further(page.items.len());
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&{}", remote::query([("cursor", next.as_str())].into_iter()));
        }
        out.flush().map_err(|error| failed(error.into()))?;
        drop(out);
        report.finish()
    }

    /// What the exit code says: 0 done, 1 there were rejections, 2 it failed or was cancelled.
    pub(super) fn verdict(&self, asked: bool) -> Result<(), Failure> {
        let (kept, stays) = match (self.dry_run, self.mode.as_str(), self.total()) {
            (false, "per_row", 1..) => ("what is counted above is written and stays", " What is counted above is written and stays."),
            _ => ("nothing was written", ""),
        };
        match (self.state.as_str(), &self.error) {
            ("failed", Some(Fault { message, row: Some(row) })) => {
                Err(Failure::broken(&format!("The file was not taken, because of row {row}: {message}{stays}")))
            }
            ("failed", error) => {
                let message = error.as_ref().map_or("no reason is given", |error| &error.message);
                Err(Failure::broken(&format!("The file was not taken: {message}{stays}")))
            }
            ("cancelled", _) if asked => Err(Failure::broken(&format!("The import {} is cancelled; {kept}.", self.id))),
            ("cancelled", _) => Err(Failure::broken(&format!("Somebody cancelled the import {}; {kept}.", self.id))),
            ("rejected", _) => Err(Failure::refused(format!("{} rejected, so nothing is written.", rows(self.rejected)))),
            (_, _) if self.rejected > 0 => Err(Failure::refused(format!("{} rejected.", rows(self.rejected)))),
            _ => Ok(()),
        }
    }
}

/// Prints a line; where that fails the outcome was not told, which is another failure than a refusal.
fn tell(line: &str) -> Result<(), Failure> {
    say(line).map_err(|sentence| Failure::broken(&sentence))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// A line of the report; what a spreadsheet would run is defused, as in an export.
fn line(row: &Row, error: &RowError) -> [String; 7] {
    let text = |text: &Option<String>| defused(text.as_deref().unwrap_or_default());
    [
        row.number.to_string(),
        text(&row.code),
        row.outcome.clone(),
        text(&error.column),
        error.code.clone(),
        text(&error.value),
        defused(&error.message),
    ]
}
