//! `mahalleh`: see `mahalleh --help`.

use std::process::ExitCode;

use clap::Parser;
use mahalleh::{cli::Cli, telemetry};

fn main() -> ExitCode {
    let command = Cli::parse();
    match telemetry::begin_log().and_then(|()| command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
