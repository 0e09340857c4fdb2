//! Mahalleh: the register and scoreboard of a province's neighbourhood-centred programme.
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod db;
pub mod domains;
pub mod error;
pub mod events;
pub mod fault;
pub mod http;
pub mod neighborhoods;
pub mod openapi;
pub mod operations;
pub mod persian;
pub mod policy;
pub mod tx;
pub mod writable;
