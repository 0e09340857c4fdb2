//! Imports: whole files into the register, as jobs that outlive the server (CONTRACT §4).
//!
//! A file is stored as it arrives; a worker reads it, judges every row by the rules of requests, and writes what it may.

mod cell;
mod course;
mod dataset;
mod dto;
mod file;
mod jobs;
mod pass;
mod queries;
mod readable;
mod report;
mod routes;
mod template;
mod upload;
mod wait;
mod worker;
mod write;

pub use cell::{CellFault, Cells};
pub use dataset::{Dataset, DatasetName, Draft, Step, StepOf};
pub use dto::ImportMode;
pub use file::{FileFormat, Given, Wanted};
pub use jobs::Jobs;
pub use queries::{Imports, delete_expired};
pub use readable::{Coded, Readable, Spoken, YesNo};
pub use routes::configure;
pub use template::example as template_example;
pub use worker::work;
