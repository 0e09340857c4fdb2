//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, reason = "tests are named in sentences")]

mod cli;
mod identity;
mod manners;
mod migrations;
mod neighborhoods;
mod openapi;
mod parity;
mod support;
