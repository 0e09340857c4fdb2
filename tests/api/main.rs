//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, reason = "a test is named in a sentence, and ends where it is surprised")]

mod cli;
mod events;
mod identity;
mod manners;
mod migrations;
mod neighborhoods;
mod parity;
mod support;
