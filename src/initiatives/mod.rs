//! Initiatives: what is undertaken in a neighbourhood, from draft to completed.
//!
//! Planned by the manager of the place and the province, led by an agency, judged by its responsibilities.

mod dto;
mod export;
pub mod import;
pub mod judge;
pub mod queries;
mod routes;
pub mod rules;
pub mod write;

pub use dto::{InitiativeFields, InitiativeStatus, InitiativeTransition};
pub use routes::configure;
