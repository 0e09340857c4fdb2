//! Answers.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    changes::{Change, Changes},
    queries::EventRow,
    record::EventAction,
};
use crate::{
    db::{Id, Timestamp},
    http::{
        fields::{Code, Line, Prose, Whole, field_from_json},
        query::{AnyOf, Name, Number},
        shape::Faults,
    },
};

field_from_json!(EventAction);

/// A place in the feed.
pub type Seq = Whole<0, 9_007_199_254_740_991>;

/// Who did it, with the names and the role of that time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventActor {
    /// Id of the user or service account.
    pub id: Id,
    /// Name used for logging in; the id of a service account.
    #[schema(value_type = Code)]
    pub username: String,
    /// Name shown to people.
    #[schema(value_type = Line<200>)]
    pub display_name: String,
    /// Role that the deed was done in.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("province"))]
    pub role: String,
}

/// Record of one accepted write, export, login or logout.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Event {
    /// Id of the event.
    pub id: Id,
    /// Place in the province's chain of events, counted from 1 without gaps.
    #[schema(value_type = Seq)]
    pub seq: i64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it; null where the command line did.
    pub actor: Option<EventActor>,
    /// What was done.
    pub action: EventAction,
    /// Kind of the item that it was done to.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("initiative"))]
    pub resource_type: String,
    /// Id of that item; null where the event concerns no single item, such as an export.
    pub resource_id: Option<Id>,
    /// Version of the item after the event; null where the event does not concern an item's own fields.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: Option<i32>,
    /// Fields that changed; of an import or export, what it was and how many rows it had.
    #[schema(max_items = 1000)]
    pub changes: Vec<Change>,
    /// Reason that was given for it; null where none was.
    #[schema(value_type = Option<Prose<2000>>)]
    pub reason: Option<String>,
    /// Id of the request, as in `X-Request-Id`; null where no request did it.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub request_id: Option<String>,
    /// `hash` of the event before, 64 zeros for the first.
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
            changes: changes.0,
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
    /// Events, ordered by `seq`.
    #[schema(max_items = 200)]
    pub items: Vec<Event>,
    /// For the parameter `cursor` of the next page; null on the last.
    #[schema(min_length = 1, max_length = 4096, pattern = "^[A-Za-z0-9_-]+$")]
    pub next_cursor: Option<String>,
    /// Number of events that match the whole filter; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, required = false, nullable = false)]
    pub total: Option<i64>,
    /// The last `seq` looked at, whether or not the caller saw anything; `after` of the next poll.
    #[schema(value_type = Seq)]
    pub up_to: i64,
}

/// Filters of the list of events.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Only events about these kinds of items, separated by commas: `agency`, `client`, `deferral`, `domain`, `event`, `import`, `initiative`, `mandate`, `neighborhood`,
    /// `province`, `report`, `responsibility`, `signing_key`, `user`; another finds nothing.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub resource_type: Option<AnyOf<Name>>,
    /// Only events about the items with these ids, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub resource_id: Option<AnyOf<Id>>,
    /// Only events that the users with these ids brought about, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub actor_id: Option<AnyOf<Id>>,
    /// Only events with these actions, separated by commas: `created`, `updated`, `deleted`, `transitioned`, `imported`, `exported`, `logged_in`,
    /// `logged_out`, `password_changed`, `key_rotated`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub action: Option<AnyOf<EventAction>>,
    /// Only events after this `seq`.
    #[deserr(default)]
    #[param(value_type = Option<Seq>)]
    pub after: Option<Number<Seq>>,
    /// Only events at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub at_from: Option<Timestamp>,
    /// Only events at or before this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub at_to: Option<Timestamp>,
}
