//! The append-only record of every accepted write, export and login: history, audit log and change feed in one.
//!
//! A write inserts its event unsealed; a sealer gives it its place in the province's hash chain (DESIGN §4).

mod changes;
mod dto;
mod export;
mod head;
pub mod queries;
mod record;
mod routes;
mod seal;
mod state;
mod verify;
mod waiting;

pub use changes::{Change, Changes};
pub use record::{EventAction, NewEvent, Subject, record, record_all};
pub use routes::configure;
pub use seal::{analyze_if_outgrown, seal_all, seal_province};
pub use state::{RegisterState, polled_state, settled, state};
pub use verify::{ChainState, verify};
