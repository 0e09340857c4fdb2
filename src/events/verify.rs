//! Walking the hash chain: a changed, removed or inserted row shows (DESIGN §4, decision 8).

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, result::Error::DeserializationError};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{head::Head, queries::EventRow, waiting};
use crate::{
    db::{Conn, Id, Timestamp, schema::events},
    error::ApiError,
};

/// What the hash of an event covers, as canonical JSON (RFC 8785): the names in order, and nothing but texts, small whole numbers,
/// booleans and nulls, which serde writes in the canonical form.
#[derive(Serialize)]
struct Link<'a> {
    action: &'a str,
    actor_display_name: Option<&'a str>,
    actor_id: Option<Id>,
    actor_username: Option<&'a str>,
    at: Timestamp,
    changes: &'a str,
    id: Id,
    initiative_id: Option<Id>,
    neighborhood_id: Option<Id>,
    prev_hash: &'a str,
    reason: Option<&'a str>,
    register: bool,
    request_id: Option<&'a str>,
    resource_id: Option<Id>,
    resource_type: &'a str,
    role: Option<&'a str>,
    seq: i64,
    user_id: Option<Id>,
    version: Option<i32>,
}

/// The hash of an event at its place in the chain.
///
/// # Errors
/// `internal` alone.
pub fn chained(event: &EventRow, seq: i64, prev_hash: &str) -> Result<String, ApiError> {
    let link = Link {
        action: event.action.as_str(),
        actor_display_name: event.actor_display_name.as_deref(),
        actor_id: event.actor_id,
        actor_username: event.actor_username.as_deref(),
        at: event.at,
        changes: &event.changes,
        id: event.id,
        initiative_id: event.initiative_id,
        neighborhood_id: event.neighborhood_id,
        prev_hash,
        reason: event.reason.as_deref(),
        register: event.register,
        request_id: event.request_id.as_deref(),
        resource_id: event.resource_id,
        resource_type: &event.resource_type,
        role: event.role.as_deref(),
        seq,
        user_id: event.user_id,
        version: event.version,
    };
    let digest = Sha256::digest(serde_json::to_vec(&link).map_err(ApiError::internal)?);
    Ok(base16ct::lower::encode_string(&digest))
}

/// What a walk of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainState {
    /// So many sealed events, and each follows from the one before.
    Sound {
        /// How many events are sealed.
        events: i64,
        /// How many wait to be sealed.
        unsealed: i64,
    },
    /// The first `seq` at which something was changed, removed or inserted.
    Broken {
        /// The first bad `seq`.
        seq: i64,
    },
}

/// Walks a province's chain from its beginning to its head. To be called in a snapshot, where others may be sealing meanwhile.
///
/// # Errors
/// Those of the database.
pub fn verify(conn: &mut Conn, province_id: i32) -> Result<ChainState, ApiError> {
    let mut head = Head::genesis();
    let before_first = events::table.filter(events::province_id.eq(province_id).and(events::seq.le(0)));
    if let Some(Some(seq)) = before_first.select(events::seq).order(events::seq).first::<Option<i64>>(conn).optional()? {
        return Ok(ChainState::Broken { seq });
    }
    let mut limit = 1000;
    loop {
        let later = events::table.filter(events::province_id.eq(province_id).and(events::seq.gt(head.seq))).order(events::seq);
        let page: Vec<EventRow> = match later.limit(limit).load(conn) {
            Ok(page) => page,
            // What can't even be read was never sealed so; one by one it is found.
            Err(DeserializationError(_)) if limit > 1 => {
                limit = 1;
                continue;
            }
            Err(DeserializationError(_)) => return Ok(ChainState::Broken { seq: head.seq + 1 }),
            Err(error) => return Err(error.into()),
        };
        if page.is_empty() {
            break;
        }
        for event in page {
            let hash = chained(&event, head.seq + 1, &head.hash)?;
            let prev_hash = head.follow(&event, hash);
            let sound = event.seq == Some(head.seq) && event.prev_hash == Some(prev_hash) && event.hash.as_deref() == Some(&head.hash);
            if !sound {
                return Ok(ChainState::Broken { seq: head.seq });
            }
        }
    }
    if Head::find(conn, province_id)? != head {
        return Ok(ChainState::Broken { seq: head.seq + 1 });
    }
    Ok(ChainState::Sound { events: head.seq, unsealed: waiting::count(conn, province_id)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_is_canonical() {
        let (id, text, before) = (Id::NOBODY, "\u{1}\u{7f}\n\"\\/é\u{200c}ک\u{2028}😀", Head::genesis().hash);
        let link = Link {
            action: text,
            actor_display_name: None,
            actor_id: Some(id),
            actor_username: Some(text),
            at: Timestamp::from_micros(1_795_000_000_123_456).expect("a time"),
            changes: text,
            id,
            initiative_id: None,
            neighborhood_id: Some(id),
            prev_hash: &before,
            reason: Some(text),
            register: true,
            request_id: Some(text),
            resource_id: Some(id),
            resource_type: text,
            role: Some(text),
            seq: (1 << 53) - 1,
            user_id: None,
            version: Some(i32::MAX),
        };
        assert_eq!(serde_json::to_vec(&link).expect("JSON"), serde_json_canonicalizer::to_vec(&link).expect("JSON"));
    }
}
