//! The manners that all resources share (CONTRACT §1): extractors, responders, and what surrounds every request.

pub mod answer;
pub mod answer_cache;
pub mod body;
pub mod client_ip;
pub mod conditional;
pub mod connection;
pub mod cors;
pub mod cursor;
pub mod export;
pub mod fallback;
pub mod fields;
pub mod header_limit;
pub mod idempotency;
pub mod language;
pub mod listen;
pub mod negotiate;
pub mod page;
pub mod patch;
pub mod path;
pub mod problem;
pub mod query;
pub mod rate_limit;
pub mod request;
pub mod resource;
pub mod shape;
pub mod timeouts;
