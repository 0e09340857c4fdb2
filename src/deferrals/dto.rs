//! Bodies and answers.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::DeferralRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Day, NoDay, Prose, field_from_json},
        page::page_of,
        query::AnyOf,
        shape::Faults,
    },
};

text_enum! {
    /// The status of a deferral.
    pub enum DeferralStatus {
        /// It awaits a decision.
        Requested = "requested",
        /// The deadline has moved.
        Accepted = "accepted",
        /// The deadline stays.
        Rejected = "rejected",
    }
}

field_from_json!(DeferralStatus);

/// The fields of a request for a later deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct DeferralFields {
    pub responsibility_id: Id,
    pub requested_due_on: NaiveDate,
    pub reason: String,
}

/// A request for a later deadline of a responsibility.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewDeferral {
    responsibility_id: Id,
    requested_due_on: Day,
    reason: Prose<2000>,
}

impl From<NewDeferral> for DeferralFields {
    fn from(new: NewDeferral) -> Self {
        Self { responsibility_id: new.responsibility_id, requested_due_on: new.requested_due_on.0, reason: new.reason.0 }
    }
}

/// The decision on a deferral.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct DeferralTransition {
    /// The decision: `accepted` or `rejected`.
    pub to: DeferralStatus,
    /// The reason, which the event keeps.
    #[deserr(default)]
    pub reason: Option<Prose<2000>>,
    /// A note, which becomes `decision_note`.
    #[deserr(default)]
    pub note: Option<Prose<2000>>,
    /// Belongs to the report of a responsibility: null here, or absent.
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub reported_done_on: Option<NoDay>,
}

/// A deferral: an agency's request for a later deadline of its responsibility.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Deferral {
    /// Its id.
    pub id: Id,
    /// The responsibility whose deadline is to move.
    pub responsibility_id: Id,
    /// The agency that asked for it.
    pub agency_id: Id,
    /// The deadline asked for.
    #[schema(value_type = Day)]
    pub requested_due_on: NaiveDate,
    /// Why the agency asks for it.
    #[schema(value_type = Prose<2000>)]
    pub reason: String,
    /// Whether it awaits a decision, was accepted or was rejected.
    pub status: DeferralStatus,
    /// The province's note on its decision; null until it is decided, and where there was no note.
    #[schema(value_type = Option<Prose<2000>>)]
    pub decision_note: Option<String>,
    /// The statuses to which this caller may move it now.
    #[schema(max_items = 3)]
    pub allowed_transitions: Vec<DeferralStatus>,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Deferral {
    /// The answer for a row, with its derived fields.
    pub fn new(row: DeferralRow, allowed_transitions: Vec<DeferralStatus>) -> Self {
        Self {
            id: row.id,
            responsibility_id: row.responsibility_id,
            agency_id: row.agency_id,
            requested_due_on: row.requested_due_on,
            reason: row.reason,
            status: row.status,
            decision_note: row.decision_note,
            allowed_transitions,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(DeferralPage, Deferral);

/// The filter of the list of deferrals.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeferralFilter {
    /// Ids of responsibilities, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub responsibility_id: Option<AnyOf<Id>>,
    /// Ids of agencies, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// Statuses, separated by commas: `requested`, `accepted`, `rejected`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<DeferralStatus>>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
