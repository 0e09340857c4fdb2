//! Neighbourhoods: the places that the programme is about, with their profile and boundary.
//!
//! The province makes and closes them; a place's manager keeps its profile figures and location.

mod dto;
mod export;
mod geo;
pub mod import;
pub mod queries;
mod routes;
pub mod rules;
pub mod write;

pub use dto::{Designation, Manager, NeighborhoodFields};
pub use routes::configure;
