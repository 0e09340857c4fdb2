//! `mahalleh`: see `mahalleh --help`.

use std::{io::Write, process::ExitCode};

use mahalleh::{
    cli::{Cli, Failure},
    telemetry,
};

/// A page of a list makes a thousand small allocations; with glibc's allocator they take a fifth of its time, and more memory is kept.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let command = Cli::given();
    match telemetry::begin_log().map_err(Failure::usage).and_then(|()| command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Not by `eprintln!`, which panics where nobody takes it.
            drop(writeln!(std::io::stderr(), "{}", failure.sentence));
            ExitCode::from(failure.exit)
        }
    }
}
