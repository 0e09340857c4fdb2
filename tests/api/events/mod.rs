//! The record of what was done (DESIGN §4, decision 8).

mod bulks;
mod chain;
mod feed;
mod race;
mod record;
mod tamper;
