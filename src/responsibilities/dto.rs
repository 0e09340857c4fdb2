//! Bodies and answers.

mod body;
mod filter;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

pub use body::{NewResponsibility, ResponsibilityFields, ResponsibilityPatch, ResponsibilityTransition};
pub use filter::ResponsibilityFilter;

use super::queries::ResponsibilityRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Code, Day, Line, Prose, Weight, field_from_json},
        page::page_of,
    },
};

text_enum! {
    /// The part that an agency has in an initiative.
    pub enum Part {
        /// It leads the initiative.
        Lead = "lead",
        /// It supports the lead agency.
        Support = "support",
    }
}

text_enum! {
    /// The status of a responsibility in its lifecycle.
    pub enum ResponsibilityStatus {
        /// Asked of the agency.
        Proposed = "proposed",
        /// Taken on.
        Accepted = "accepted",
        /// Not taken on.
        Declined = "declined",
        /// Said to be done by its agency.
        Reported = "reported",
        /// Seen to be done.
        Verified = "verified",
        /// Seen not to be done.
        Returned = "returned",
        /// No longer asked.
        Withdrawn = "withdrawn",
    }
}

impl ResponsibilityStatus {
    /// The statuses in which nobody works at it: neither counted nor live (DESIGN §3).
    pub const IDLE: [Self; 2] = [Self::Declined, Self::Withdrawn];

    /// Whether it counts in its initiative's figures and makes its agency take part.
    pub fn counts(self) -> bool {
        !Self::IDLE.contains(&self)
    }
}

field_from_json!(Part, ResponsibilityStatus);

/// A responsibility.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Responsibility {
    /// Its id.
    pub id: Id,
    /// Its code, unique in its initiative; case does not count.
    #[schema(value_type = Code)]
    pub code: String,
    /// The initiative it belongs to.
    pub initiative_id: Id,
    /// The neighbourhood of its initiative.
    pub neighborhood_id: Id,
    /// The agency that is responsible.
    pub agency_id: Id,
    /// Whether its agency leads the initiative or supports it.
    pub part: Part,
    /// Its title.
    #[schema(value_type = Line<300>)]
    pub title: String,
    /// What will be there when it is done; null where not given.
    #[schema(value_type = Option<Prose<4000>>)]
    pub deliverable: Option<String>,
    /// How one sees that it is done; null where not given.
    #[schema(value_type = Option<Prose<4000>>)]
    pub acceptance_criterion: Option<String>,
    /// Its weight in the progress of its initiative, 1..100.
    #[schema(value_type = Weight)]
    pub weight: i32,
    /// The present deadline, as accepted deferrals have moved it.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// The deadline as approved with the initiative, or as accepted where it was added later; null until then.
    #[schema(value_type = Option<Day>)]
    pub baseline_due_on: Option<NaiveDate>,
    /// Where it stands in its lifecycle.
    pub status: ResponsibilityStatus,
    /// The day on which it was done, as its agency reports; null until it reports.
    #[schema(value_type = Option<Day>)]
    pub reported_done_on: Option<NaiveDate>,
    /// What was done, as its agency reports; null until it reports.
    #[schema(value_type = Option<Prose<2000>>)]
    pub report_note: Option<String>,
    /// When it was verified; null until then.
    pub verified_at: Option<Timestamp>,
    /// The user who verified it; null where none has.
    pub verified_by: Option<Id>,
    /// The note of whoever verified or returned it last; null where there is none.
    #[schema(value_type = Option<Prose<2000>>)]
    pub verification_note: Option<String>,
    /// Whether it is late today.
    pub late: bool,
    /// How many days it is late today; 0 where it is not late.
    #[schema(minimum = 0, maximum = 200_000)]
    pub days_late: i64,
    /// The statuses to which this caller may move it now; conditions that would answer 422 are not looked at.
    #[schema(max_items = 7)]
    pub allowed_transitions: Vec<ResponsibilityStatus>,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Responsibility {
    /// The answer for a row, with its derived fields.
    pub fn new(row: ResponsibilityRow, today: NaiveDate, allowed_transitions: Vec<ResponsibilityStatus>) -> Self {
        let days_late = if row.open { (today - row.due_on).num_days().max(0) } else { 0 };
        Self {
            id: row.id,
            code: row.code,
            initiative_id: row.initiative_id,
            neighborhood_id: row.neighborhood_id,
            agency_id: row.agency_id,
            part: row.part,
            title: row.title,
            deliverable: row.deliverable,
            acceptance_criterion: row.acceptance_criterion,
            weight: row.weight,
            due_on: row.due_on,
            baseline_due_on: row.baseline_due_on,
            status: row.status,
            reported_done_on: row.reported_done_on,
            report_note: row.report_note,
            verified_at: row.verified_at,
            verified_by: row.verified_by,
            verification_note: row.verification_note,
            late: days_late > 0,
            days_late,
            allowed_transitions,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(ResponsibilityPage, Responsibility);
