//! Users: who may log in, as what, and for which agency.
//!
//! The province keeps them; everybody else sees only themselves.

mod dto;
mod export;
pub mod import;
pub mod queries;
mod routes;
mod rules;
pub mod write;

pub use dto::UserFields;
pub use routes::configure;
