//! Mandates: who manages a neighbourhood, from which day to which.
//!
//! The province appoints; a neighbourhood has one manager on any day. What has begun is ended, never removed.

mod dto;
mod export;
pub mod queries;
mod routes;
mod rules;
pub mod write;

pub use dto::MandateFields;
pub use routes::configure;
