//! The record of what was done (DESIGN §4, decision 8).

mod bulks;
mod chain;
mod feed;
mod race;
mod record;
mod tamper;

use std::sync::Arc;

use mahalleh::{
    auth::Actor,
    clock::World,
    db::Conn,
    error::ApiError,
    events::{self, Changes, EventAction, NewEvent, Subject},
    tx::Tx,
};

/// Records so many deeds of somebody on a thing of this kind, all at once as an import does.
fn deeds(conn: &mut Conn, world: &World, actor: Actor, kind: &'static str, many: usize) -> Result<(), ApiError> {
    let mut tx = Tx::new(conn, Arc::new(actor), world, None);
    let deed = |_| NewEvent::of(&tx, EventAction::Updated, &Subject::kind(kind), &Changes::default(), None);
    let new = (0..many).map(deed).collect::<Result<Vec<_>, _>>()?;
    events::record_all(&mut tx, new)
}
