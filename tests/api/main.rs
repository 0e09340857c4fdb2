//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, reason = "tests are named in sentences")]

mod identity;
mod neighborhoods;
mod support;
