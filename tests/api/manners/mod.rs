//! The manners that all resources share (CONTRACT §1), tried on neighbourhoods.

mod bodies;
mod coding;
mod conditional;
mod connection;
mod headers;
mod idempotency;
mod limits;
mod pages;
mod problems;
mod routing;
mod writes;
