//! `mahalleh openapi`.

use super::{Done, say};
use crate::openapi;

/// Prints the document.
pub(super) fn run() -> Done {
    say(openapi::document().text.trim_end())
}
