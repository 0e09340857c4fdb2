//! Rows of the record.
use diesel::Queryable;
use crate::db::{Id, Timestamp};
/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct EventRow {
    pub intake: i64,
    pub province_id: i32,
    pub id: Id,
    pub seq: Option<i64>,
    pub at: Timestamp,
    pub actor_id: Option<Id>,
    pub actor_username: Option<String>,
    pub actor_display_name: Option<String>,
    pub role: Option<String>,
    pub action: String,
    pub resource_type: String,
    pub resource_id: Option<Id>,
    pub version: Option<i32>,
    pub changes: String,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub neighborhood_id: Option<Id>,
    pub initiative_id: Option<Id>,
    pub user_id: Option<Id>,
    pub register: bool,
    pub prev_hash: Option<String>,
    pub hash: Option<String>,
}
