//! `mahalleh migrate`.

use super::{Done, say, sentence, target};
use crate::db;

/// Brings the schema up to date.
pub(super) fn run() -> Done {
    let target = target()?;
    let db::Migrated(run) = db::migrate(&target).map_err(|error| sentence(&error))?;
    for name in &run {
        say(&format!("Ran {name}."))?;
    }
    say(&if run.is_empty() { format!("{target:?}: the schema was current.") } else { format!("{target:?}: the schema is current.") })
}
