//! `/neighborhoods` (CONTRACT §3).

mod create;
mod delete;
mod export;
mod geojson;
mod list;
mod search;
mod update;
