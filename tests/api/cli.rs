//! The binary itself, as an operator runs it (CONTRACT §6), on databases of its own.

mod administer;
mod copy;
mod demo;
mod export;
mod import;
mod killed;
mod place;
mod serve;
mod usage;
mod verify;

use place::{PATIENCE, Place, Server, errors, password_file};
