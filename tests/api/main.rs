//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, reason = "tests are named in sentences")]
#![allow(clippy::pedantic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod allowed;
mod authz;
mod catalogue;
mod cli;
mod clients;
mod deferrals;
mod demo;
mod docs;
mod documented;
mod events;
mod examples;
mod exports;
mod identity;
mod imports;
mod initiatives;
mod lists;
mod mandates;
mod manners;
mod migrations;
mod neighborhoods;
mod openapi;
mod outage;
mod parity;
mod problems;
mod reach;
mod reports;
mod responsibilities;
mod standby;
mod support;
mod upkeep;
mod users;
mod writes;
