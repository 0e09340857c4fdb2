//! Deferrals: an agency asks for a later deadline, the province decides.
//!
//! An accepted one moves `due_on`, never the baseline.

mod dto;
mod export;
pub mod queries;
mod routes;
pub mod rules;
pub mod write;

pub use dto::{DeferralFields, DeferralStatus, DeferralTransition};
pub use routes::configure;
