//! Service accounts: machines that call the API under a name of their own (CONTRACT §2).
//!
//! The province keeps them. A secret is shown once, kept as a hash, and exchanged for access tokens at `/oauth/token`.

mod dto;
pub mod queries;
mod routes;
mod rules;
pub mod secrets;
mod write;

pub use routes::configure;
