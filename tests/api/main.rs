//! The API, spoken to over HTTP, on SQLite and on PostgreSQL alike.
#![allow(missing_docs, reason = "tests are named in sentences")]

mod authz;
mod deferrals;
mod demo;
mod events;
mod identity;
mod initiatives;
mod lists;
mod manners;
mod neighborhoods;
mod reach;
mod responsibilities;
mod support;
