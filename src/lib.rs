//! Mahalleh: the register and scoreboard of a province's neighbourhood-centred programme.
//!
//! The story on one page; `docs/architecture.md` tells it at length.
//!
//! - [`cli`] reads a command and its [`config`]. `serve` and `demo` open the two pools of [`db`], put an [`app`] together and listen.
//! - A request passes [`http`]'s middleware, which knows the caller by [`auth`], and comes to the handler of its resource. What the
//!   handler takes has judged role ([`policy`]), id, media type and shape ([`fault`]) before it runs.
//! - A resource is a folder: [`domains`] is the smallest. `routes` are its operations, each with its place in the document
//!   ([`openapi`]); `dto` what comes in and goes out; `queries` the rows, of which `visible(actor)` is the reach; `rules` the
//!   programme's rules, pure; `write` the changes, by which requests, [`imports`] and the [`demo`] all go.
//! - A write is one transaction ([`tx`]): lock, find within reach, compare, judge ([`verdict`], [`writable`]), store, record the event
//!   ([`events`]), keep the finished answer under its Idempotency-Key.
//! - [`figures`] says what progress, lateness and health are; [`reports`] adds them up; [`persian`] folds, sorts and dates.
//! - All that can fail is one enum, [`error::ApiError`], with one table of codes that [`problems`] explains.

pub mod agencies;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod config;
pub mod db;
pub mod deferrals;
pub mod demo;
pub mod domains;
pub mod error;
pub mod events;
pub mod fault;
pub mod figures;
pub mod http;
pub mod imports;
pub mod initiatives;
pub mod lifecycle;
pub mod maintenance;
pub mod mandates;
pub mod neighborhoods;
pub mod openapi;
pub mod operations;
pub mod persian;
pub mod policy;
pub mod problems;
pub mod provinces;
pub mod reports;
pub mod responsibilities;
pub mod shutdown;
pub mod telemetry;
pub mod tx;
pub mod users;
pub mod verdict;
pub mod writable;
