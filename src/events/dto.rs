//! Answers.

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    queries::EventRow,
    record::{Change, Changes, Deed},
};
use crate::{
    db::{Id, Timestamp},
    http::{
        fields::{Code, Line, Prose, Whole, field_from_json},
        query::{AnyOf, Name, Number},
        shape::Faults,
    },
};

field_from_json!(Deed);

/// A place in the feed.
pub type Seq = Whole<0, 9_007_199_254_740_991>;

/// Who did it, as he was called then.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventActor {
    /// The user.
    pub id: Id,
    /// His name for logging in.
    #[schema(value_type = Code)]
    pub username: String,
    /// His name for people.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// What he was.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("province"))]
    pub role: String,
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventChange {
    /// Its name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z_]+$", examples("due_on"))]
    pub field: String,
    /// What it was; null where the thing is new.
    #[schema(value_type = Option<Value>)]
    pub before: Value,
    /// What it is; null where the thing is removed.
    #[schema(value_type = Option<Value>)]
    pub after: Value,
}

impl From<Change> for EventChange {
    fn from(change: Change) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Event {
    /// Its id.
    pub id: Id,
    /// Its place in the province's chain, from 1, without gaps.
    #[schema(value_type = Seq)]
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who; null for the command line.
    pub actor: Option<EventActor>,
    /// What was done.
    pub action: Deed,
    /// To what kind of thing.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("initiative"))]
    pub resource_type: String,
    /// To which; null for what is no single thing.
    pub resource_id: Option<Id>,
    /// Its version afterwards.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: Option<i32>,
    /// What changed.
    #[schema(max_items = 1000)]
    pub changes: Vec<EventChange>,
    /// Why, where a reason was given.
    #[schema(value_type = Option<Prose<2000>>)]
    pub reason: Option<String>,
    /// The request, as in `X-Request-Id`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub request_id: Option<String>,
    /// The hash of the event before.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub prev_hash: String,
    /// SHA-256 of this event and `prev_hash`.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let changes: Changes = serde_json::from_str(&row.changes).unwrap_or_else(|error| {
            // Only somebody who writes past the server can bring this about; `verify-events` finds it.
            tracing::error!(%error, event = %row.id, "the changes of an event can't be read");
            Changes::default()
        });
        let actor = row.actor_id.map(|id| EventActor {
            id,
            username: row.actor_username.unwrap_or_default(),
            display_name: row.actor_display_name.unwrap_or_default(),
            role: row.role.unwrap_or_default(),
        });
        Self {
            id: row.id,
            seq: row.seq.unwrap_or_default(),
            at: row.at,
            actor,
            action: row.action,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            version: row.version,
            changes: changes.0.into_iter().map(EventChange::from).collect(),
            reason: row.reason,
            request_id: row.request_id,
            prev_hash: row.prev_hash.unwrap_or_default(),
            hash: row.hash.unwrap_or_default(),
        }
    }
}

/// A page of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// The events, by `seq`.
    #[schema(max_items = 200)]
    pub items: Vec<Event>,
    /// For the parameter `cursor` of the next page; null on the last.
    #[schema(min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$")]
    pub next_cursor: Option<String>,
    /// How many events the whole filter has; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, required = false, nullable = false)]
    pub total: Option<i64>,
    /// The `seq` looked at so far, whether or not the caller saw anything: for `after` of the next poll.
    #[schema(value_type = Seq)]
    pub up_to: i64,
}

/// Which events.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Kinds of things, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub resource_type: Option<AnyOf<Name>>,
    /// Ids of things, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub resource_id: Option<AnyOf<Id>>,
    /// Ids of users, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub actor_id: Option<AnyOf<Id>>,
    /// What was done, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub action: Option<AnyOf<Deed>>,
    /// Events after this `seq`.
    #[deserr(default)]
    #[param(value_type = Option<Seq>)]
    pub after: Option<Number<Seq>>,
    /// Done at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub at_from: Option<Timestamp>,
    /// Done at or before this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub at_to: Option<Timestamp>,
}
