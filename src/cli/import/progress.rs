//! A progress bar on standard error, where that is a terminal.

use std::{fmt::Write, time::Duration};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The file is sent.
    Upload,
    /// Its rows are judged and written.
    Import,
    /// The report is fetched.
    Report,
}

impl Stage {
    const fn template(self, measured: bool) -> &'static str {
        match (self, measured) {
            (Self::Upload, _) => "Sending    [{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            (Self::Import, true) => "Importing  [{bar:30}] {human_pos} of {human_len} rows, {rate}, {eta} left",
            (Self::Import, false) => "{spinner} Waiting for the server to read the file, {elapsed}",
            (Self::Report, _) => "Reporting  [{bar:30}] {human_pos} of {human_len} rows, {rate}, {eta} left",
        }
    }
}

/// A bar that goes away when it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    stage: Stage,
}

impl Progress {
    /// Begins to show the bar; a spinner as long as `end` is not known.
    pub(super) fn begin(stage: Stage, end: Option<u64>) -> Self {
        let bar = end.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let progress = Self { bar, stage };
        progress.dress(end.is_some());
        progress.bar.enable_steady_tick(Duration::from_millis(200));
        progress
    }

    fn dress(&self, measured: bool) {
        if let Ok(style) = ProgressStyle::with_template(self.stage.template(measured)) {
            let rate = |state: &ProgressState, to: &mut dyn Write| {
                to.write_fmt(format_args!("{:.0} a second", state.per_sec())).unwrap_or_default();
            };
            self.bar.set_style(style.progress_chars("=> ").with_key("rate", rate));
        }
    }

    /// Sets how many are done.
    pub(super) fn at(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// Adds to how many are done.
    pub(super) fn further(&self, done: usize) {
        self.bar.inc(u64::try_from(done).unwrap_or(0));
    }

    /// Sets how many rows are done, and of how many where that is known.
    pub(super) fn rows(&self, done: u64, end: Option<u64>) {
        if let Some(end) = end
            && self.bar.length() != Some(end)
        {
            self.bar.set_length(end);
            // The time so far went into reading the file, and says nothing about how long the rows take.
            self.bar.reset_elapsed();
            self.bar.reset_eta();
            self.dress(true);
        }
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_can_be_drawn() {
        for stage in [Stage::Upload, Stage::Import, Stage::Report] {
            for measured in [true, false] {
                assert!(ProgressStyle::with_template(stage.template(measured)).is_ok(), "{stage:?}");
            }
        }
    }
}
