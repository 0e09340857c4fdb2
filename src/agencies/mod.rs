//! Agencies: the bodies that take on responsibilities, with their office contact.
//!
//! The province makes them and makes them inactive; everybody reads them.

mod dto;
mod export;
pub mod import;
pub mod queries;
mod routes;
pub mod write;

pub use dto::{AgencyFields, AgencyKind};
pub use routes::configure;
