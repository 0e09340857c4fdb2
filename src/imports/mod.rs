//! Imports: whole files into the register, as jobs that outlive the server (CONTRACT §4).
//!
//! A file is stored as it arrives; a worker reads it, judges every row by the rules of requests, and writes what it may.

mod cell;
mod dataset;
mod dto;
mod file;
mod judge;
mod queries;
mod readable;
mod report;
mod routes;
mod runner;
mod running;
mod template;
mod upload;
mod wait;
mod worker;
mod write;

pub use cell::{CellFault, Cells};
pub use dataset::{Dataset, DatasetName, Draft, Step, StepOf};
pub use dto::ImportMode;
pub use file::{CellValue, FileColumns, FileFormat};
pub use queries::{Imports, delete_expired};
pub use readable::{Coded, Readable, Spoken, YesNo};
pub use routes::configure;
pub use running::RunningImports;
pub use template::example as template_example;
pub use worker::work;
