//! Domains: the fields that initiatives work in.
//!
//! Six are built in; a province adds its own and retires what it no longer uses.

mod dto;
mod export;
pub mod queries;
mod routes;
pub mod write;

pub use routes::configure;
