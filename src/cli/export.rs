//! `mahalleh export`: writes a list of a server into a file, which never looks whole when it is not.

use std::{
    fs,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::PossibleValuesParser;
use serde::{Deserialize, Serialize};

use super::{
    Failure,
    interrupt::Interrupt,
    note,
    output::{replace, unwritable},
    remote::{self, Remote, Session},
};
use crate::{
    db::Timestamp,
    http::export::{Calendar, Format},
};

/// A writer that began earlier may commit an older instant up to 60 s later (CONTRACT §1, "Filters"), and the answer's head, which tells
/// when it began, may come 10 s after that.
const OVERLAP: TimeDelta = TimeDelta::seconds(70);

const DATASETS: [&str; 9] =
    ["agencies", "neighborhoods", "initiatives", "responsibilities", "users", "domains", "mandates", "deferrals", "events"];

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to export.
    #[arg(long, value_parser = DATASETS)]
    dataset: String,
    #[command(flatten)]
    remote: Remote,
    /// The format of the file.
    #[arg(long, default_value = "csv", value_parser = PossibleValuesParser::new(Format::WORDS))]
    format: String,
    /// The calendar of the dates.
    #[arg(long, default_value = "gregorian", value_parser = PossibleValuesParser::new(Calendar::WORDS))]
    calendar: String,
    /// Begin CSV with a byte order mark, for spreadsheets.
    #[arg(long)]
    bom: bool,
    /// A filter of the list, as `city=قم`; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = filter)]
    filter: Vec<(String, String)>,
    /// The order: a sort key of the list, `-` before it for descending.
    #[arg(long, allow_hyphen_values = true)]
    sort: Option<String>,
    /// Only what was changed at this instant or later, as `2026-11-22T08:30:00Z`.
    #[arg(long, value_name = "INSTANT")]
    updated_since: Option<String>,
    /// Remember here when a run was complete, and fetch only what was changed since the last one that was.
    #[arg(long, value_name = "FILE", conflicts_with = "updated_since")]
    state: Option<PathBuf>,
    /// Where to write; `-` for standard output.
    #[arg(long, default_value = "-")]
    output: PathBuf,
}

fn filter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name @ ("format" | "calendar" | "bom" | "sort" | "updated_since"), _)) => {
            Err(format!("give it as --{}", name.replace('_', "-")))
        }
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("NAME=VALUE".to_owned()),
    }
}

/// What a state file holds: which export it belongs to, and from when the next run goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    url: String,
    /// Another user has another reach, so the export is another one.
    user_id: Option<String>,
    dataset: String,
    filter: Vec<(String, String)>,
    updated_since: String,
}

impl Options {
    pub(super) fn run(&self) -> Result<(), Failure> {
        if self.state.is_some() && self.dataset == "events" {
            return Err(Failure::usage("Events are never changed: go on with --filter after=SEQ, the last seq that you have."));
        }
        if self.to_standard_output() && self.format == "xlsx" && io::stdout().is_terminal() {
            return Err(Failure::usage("A spreadsheet is not for a terminal: give --output FILE."));
        }
        Interrupt::end_at_once()?;
        let mut session = self.remote.open()?;
        let done = self.fetch(&mut session);
        session.close();
        done
    }

    fn fetch(&self, session: &mut Session) -> Result<(), Failure> {
        let kept = self.state.as_deref().map(|path| self.state_of(session).map(|own| (path, own))).transpose()?;
        let since = match &kept {
            Some((path, own)) => remembered(path, own)?,
            None => self.updated_since.clone(),
        };
        let response = session.get(&self.address(since.as_deref()))?;
        let began = remote::header_text(response.headers(), "date").map(str::to_owned);
        self.save(response.into_body().into_reader())?;
        kept.map_or(Ok(()), |(path, own)| remember(path, own, began.as_deref()))
    }

    fn to_standard_output(&self) -> bool {
        self.output == Path::new("-")
    }

    fn address(&self, since: Option<&str>) -> String {
        let mut pairs = vec![("format", self.format.as_str()), ("calendar", self.calendar.as_str())];
        pairs.extend(self.bom.then_some(("bom", "true")));
        pairs.extend(self.sort.as_deref().map(|sort| ("sort", sort)));
        pairs.extend(since.map(|since| ("updated_since", since)));
        pairs.extend(self.filter.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        format!("/{}/export?{}", self.dataset, remote::query(pairs.into_iter()))
    }

    /// Writes the file beside its name and gives it that name when it is whole: a chunked answer that was cut is an
    /// error of reading.
    fn save(&self, mut from: impl Read) -> Result<(), Failure> {
        if self.to_standard_output() {
            let mut out = io::stdout().lock();
            // Not into the file, where that is shown on the terminal.
            let progress = Progress::begin(!out.is_terminal());
            copy(&mut from, &mut out, progress)?;
            return out.flush().map_err(|error| unwritable(Path::new("standard output"), &error));
        }
        let size = replace(&self.output, |file| copy(&mut from, file, Progress::begin(true)))?;
        note(&format!("Wrote {} ({size} bytes).", self.output.display()));
        Ok(())
    }

    /// What identifies this export; the user is asked of the server, whether logged in by name, as a service account or by a token.
    fn state_of(&self, session: &mut Session) -> Result<State, Failure> {
        let (url, dataset, filter) = (session.origin().to_owned(), self.dataset.clone(), self.filter.clone());
        Ok(State { url, user_id: Some(session.user_id()?), dataset, filter, updated_since: String::new() })
    }
}

/// The instant from which a state file says that this export is to go on; none where there is no such file.
fn remembered(path: &Path, own: &State) -> Result<Option<String>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::usage(format!("{} can't be read: {error}.", path.display()))),
    };
    let state: State =
        serde_json::from_str(&text).map_err(|error| Failure::usage(format!("{} holds no state: {error}.", path.display())))?;
    if (State { updated_since: String::new(), ..state.clone() }) == *own {
        Ok(Some(state.updated_since))
    } else {
        Err(Failure::usage(format!(
            "{} belongs to another export: other server, user, dataset or filter. Give another file, or remove it to begin anew.",
            path.display()
        )))
    }
}

/// Stores when this run began, by the server's own clock, which also gives the instants of its items.
fn remember(path: &Path, own: State, began: Option<&str>) -> Result<(), Failure> {
    let began = began.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let Some(began) = began else { return Err(Failure::broken("The server does not say what time it is; the state is not kept.")) };
    let state = State { updated_since: Timestamp::new(began.with_timezone(&Utc) - OVERLAP).to_string(), ..own };
    let text = serde_json::to_string_pretty(&state).map_err(|error| Failure::broken(&error.to_string()))?;
    replace(path, |file| writeln!(file, "{text}").map_err(|error| unwritable(path, &error)))
}

/// Copies to the end, and shows its progress.
fn copy(from: &mut impl Read, to: &mut impl Write, mut progress: Progress) -> Result<u64, Failure> {
    let (mut buffer, mut copied) = (vec![0; 64 * 1024], 0_u64);
    let done = loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break Ok(copied),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(Failure::broken(&format!("The export broke off after {copied} bytes: {error}."))),
        };
        if let Err(error) = to.write_all(buffer.get(..read).unwrap_or_default()) {
            break Err(Failure::broken(&format!("The export can't be written: {error}.")));
        }
        copied += u64::try_from(read).unwrap_or_default();
        progress.tell(copied);
    };
    progress.end();
    done
}

/// A line on standard error, where that is a terminal.
struct Progress {
    shown: bool,
    began: Instant,
    told: Option<Instant>,
}

impl Progress {
    fn begin(shown: bool) -> Self {
        Self { shown: shown && io::stderr().is_terminal(), began: Instant::now(), told: None }
    }

    fn tell(&mut self, bytes: u64) {
        if self.shown && self.told.is_none_or(|told| told.elapsed() > Duration::from_millis(200)) {
            self.told = Some(Instant::now());
            drop(write!(io::stderr(), "\r{} kB, {} s\u{1b}[K", bytes / 1000, self.began.elapsed().as_secs()));
        }
    }

    fn end(&self) {
        if self.told.is_some() {
            drop(write!(io::stderr(), "\r\u{1b}[K"));
        }
    }
}
