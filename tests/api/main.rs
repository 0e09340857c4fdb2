//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, reason = "tests are named in sentences")]

mod deferrals;
mod identity;
mod initiatives;
mod neighborhoods;
mod responsibilities;
mod support;
