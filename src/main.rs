//! `mahalleh`: see `mahalleh --help`.

use std::process::ExitCode;

use clap::Parser;
use mahalleh::{
    cli::{Cli, Failure},
    telemetry,
};

fn main() -> ExitCode {
    let command = Cli::parse();
    match telemetry::begin_log().map_err(Failure::from).and_then(|()| command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.sentence);
            ExitCode::from(failure.exit)
        }
    }
}
