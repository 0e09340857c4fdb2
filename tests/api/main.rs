//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, reason = "a test is named in a sentence, and ends where it is surprised")]

mod authz;
mod cli;
mod deferrals;
mod demo;
mod docs;
mod events;
mod identity;
mod initiatives;
mod manners;
mod migrations;
mod neighborhoods;
mod openapi;
mod parity;
mod reach;
mod responsibilities;
mod standby;
mod support;
