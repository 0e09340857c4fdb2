//! Responsibilities: what one agency has taken on in an initiative, until when, and whether it was seen to be done.
//!
//! Its agency accepts and reports; the manager of the place, never the doer, verifies.

mod dto;
mod export;
pub mod import;
pub mod judge;
pub mod queries;
mod routes;
pub mod rules;
mod sums;
pub mod write;

pub use dto::{Part, ResponsibilityFields, ResponsibilityStatus, ResponsibilityTransition};
pub use routes::configure;
pub use sums::figures;
