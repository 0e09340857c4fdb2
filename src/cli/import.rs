//! `mahalleh import`: sends a file to a server, and shows what became of its rows.

mod outcome;
mod progress;

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::builder::PossibleValuesParser;
use serde_json::Value;

use self::{
    outcome::Job,
    progress::{Progress, Stage},
};
use super::{
    Failure,
    interrupt::Interrupt,
    note,
    output::AtomicFile,
    remote::{self, Remote, Session, UploadError},
};
use crate::{
    clock::World,
    http::export::Calendar,
    imports::{DatasetName, FileFormat, ImportMode},
};

/// How long to wait for a server that restarts or is busy.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// What is known of an import whose file was sent before, without an answer that arrived.
const MAYBE_TAKEN: &str = "an earlier try may have been taken: GET /api/v1/imports tells";

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The file: CSV, NDJSON or XLSX.
    file: PathBuf,
    /// What the file holds.
    #[arg(long, value_parser = PossibleValuesParser::new(DatasetName::WORDS))]
    dataset: String,
    #[command(flatten)]
    remote: Remote,
    /// What a rejected row does: with `atomic` nothing is written, with `per_row` the others are.
    #[arg(long, default_value = "atomic", value_parser = PossibleValuesParser::new(ImportMode::WORDS))]
    mode: String,
    /// Report what would become of each row, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The calendar of the dates in the file.
    #[arg(long, default_value = "gregorian", value_parser = PossibleValuesParser::new(Calendar::WORDS))]
    calendar: String,
    /// The format of the file, where its name does not tell.
    #[arg(long, value_parser = PossibleValuesParser::new(FileFormat::WORDS))]
    format: Option<String>,
    /// Write what became of each row into this CSV file, a line a fault.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Options {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let format = self.format()?;
        let size = self.size()?;
        if self.report.as_deref().is_some_and(|report| is_same(report, &self.file)) {
            return Err(Failure::usage("The report would take the place of the file itself; give it another name."));
        }
        if self.report.as_deref() == Some(Path::new("-")) {
            return Err(Failure::usage("The report is a file: give --report its name."));
        }
        // Checked before the file of the report is begun.
        self.remote.origin()?;
        let interrupt = Interrupt::listen()?;
        let report = self.report.as_deref().map(AtomicFile::begin).transpose()?;
        let mut session = self.remote.open()?;
        // Before a large file is sent, checks that the server answers and knows this user.
        let done = session.json("/me").and_then(|_| {
            session.be_patient(RETRY_TIMEOUT, &interrupt);
            self.import(&mut session, format, size, report, &interrupt)
        });
        session.close();
        done
    }

    fn format(&self) -> Result<FileFormat, Failure> {
        let named = || FileFormat::of_name(&self.file.to_string_lossy());
        let format = self.format.as_deref().map_or_else(named, FileFormat::parse);
        format.ok_or_else(|| Failure::usage("The file's name does not tell its format; give --format csv, ndjson or xlsx."))
    }

    /// The size of the file, which must be a regular one, so that it can be read twice.
    fn size(&self) -> Result<u64, Failure> {
        let unreadable = |error: io::Error| Failure::usage(format!("{} can't be read: {error}.", self.file.display()));
        // Checked before it is opened: opening a pipe waits for somebody who writes into it.
        if !fs::metadata(&self.file).map_err(unreadable)?.is_file() {
            return Err(Failure::usage(format!("{} is no file.", self.file.display())));
        }
        Ok(File::open(&self.file).and_then(|file| file.metadata()).map_err(unreadable)?.len())
    }

    fn import(
        &self,
        session: &mut Session,
        format: FileFormat,
        size: u64,
        report: Option<AtomicFile>,
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        let mut job = Job::of(&self.upload(session, format, size, interrupt)?)?;
        let watched = watch(session, &mut job, interrupt);
        watched.map_err(|Failure { sentence, exit }| {
            let on = format!("The import {} goes on at the server; GET /api/v1{} tells how it ends.", job.id, job.path());
            Failure { sentence: format!("{sentence}\n{on}"), exit }
        })?;
        job.show(session, report.is_some())?;
        if let (Some(report), Some(path), true) = (report, &self.report, job.has_report()) {
            // What has cancelled the import does not break off its report.
            job.write_report(session, report, Some(interrupt).filter(|interrupt| !interrupt.is_asked()))?;
            note(&format!("Wrote {}.", path.display()));
        }
        job.verdict(interrupt.is_asked())
    }

    /// Sends the file; where the connection or the server fails, sends it again under the same key.
    fn upload(&self, session: &mut Session, format: FileFormat, size: u64, interrupt: &Interrupt) -> Result<Value, Failure> {
        let pairs = [
            ("dataset", self.dataset.as_str()),
            ("mode", &self.mode),
            ("dry_run", if self.dry_run { "true" } else { "false" }),
            ("calendar", &self.calendar),
            ("format", format.as_str()),
        ];
        let address = format!("/imports?{}", remote::query(pairs.into_iter()));
        let progress = Progress::begin(Stage::Upload, Some(size));
        let mut tries = 0;
        session.upload(&address, &World::real().new_id().to_string(), || {
            tries += 1;
            let outcome = if tries == 1 { "nothing was imported" } else { MAYBE_TAKEN };
            let file = File::open(&self.file).map_err(|error| self.unreadable(&error, outcome))?;
            progress.at(0);
            Ok((Sending { file, options: self, progress: &progress, interrupt, outcome }, size))
        })
    }

    fn unreadable(&self, error: &io::Error, outcome: &str) -> io::Error {
        UploadError(format!("{} can't be read: {error}; {outcome}.", self.file.display())).into()
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).is_ok_and(|one| fs::canonicalize(other).is_ok_and(|other| one == other))
}

/// The file while it is sent; reading ends where the user interrupts.
struct Sending<'a> {
    file: File,
    options: &'a Options,
    progress: &'a Progress,
    interrupt: &'a Interrupt,
    /// What is known of the import where reading ends early.
    outcome: &'static str,
}

impl Read for Sending<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupt.is_asked() {
            return Err(UploadError(format!("Interrupted while the file was sent; {}.", self.outcome)).into());
        }
        let read = self.file.read(buffer).map_err(|error| self.options.unreadable(&error, self.outcome))?;
        self.progress.further(read);
        Ok(read)
    }
}

/// Polls the job until it is over; asks the server to cancel it where the user interrupts.
fn watch(session: &mut Session, job: &mut Job, interrupt: &Interrupt) -> Result<(), Failure> {
    let progress = Progress::begin(Stage::Import, job.rows_total);
    let began = Instant::now();
    while !job.is_over() {
        if interrupt.is_asked() {
            drop(progress);
            return cancel(session, job);
        }
        interrupt.pause(Duration::from_millis(if began.elapsed() < Duration::from_secs(2) { 50 } else { 250 }));
        match session.json(&job.path()) {
            Ok(now) => *job = Job::of(&now)?,
            Err(_) if interrupt.is_asked() => {}
            Err(failure) => return Err(failure),
        }
        progress.rows(job.rows_done, job.rows_total);
    }
    Ok(())
}

/// Asks the server to cancel; where the import ends first, its own end stands.
fn cancel(session: &mut Session, job: &mut Job) -> Result<(), Failure> {
    note(&format!("Interrupted: asking the server to cancel the import {}. A second time leaves it alone.", job.id));
    session.be_patient(RETRY_TIMEOUT, &Interrupt::default());
    let asked = session.ask(&format!("{}/cancel", job.path()));
    *job = match asked {
        Ok(now) => Job::of(&now)?,
        Err(refused) => Some(Job::of(&session.json(&job.path())?)?).filter(Job::is_over).ok_or(refused)?,
    };
    Ok(())
}
