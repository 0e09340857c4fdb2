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
    /// The part of an agency.
    pub enum Part {
        /// It leads the initiative.
        Lead = "lead",
        /// It helps.
        Support = "support",
    }
}

text_enum! {
    /// Where a responsibility stands in its lifecycle (DESIGN §2).
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
    /// Which nobody works at: neither counted nor live (DESIGN §3).
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
    /// Unique in its initiative, compared without case.
    #[schema(value_type = Code)]
    pub code: String,
    /// Of which initiative.
    pub initiative_id: Id,
    /// Where its initiative lies.
    pub neighborhood_id: Id,
    /// Whose.
    pub agency_id: Id,
    /// Whether its agency leads or helps.
    pub part: Part,
    /// What.
    #[schema(value_type = Line<300>)]
    pub title: String,
    /// What will be there when it is done.
    #[schema(value_type = Option<Prose<4000>>)]
    pub deliverable: Option<String>,
    /// By what one sees that it is done.
    #[schema(value_type = Option<Prose<4000>>)]
    pub acceptance_criterion: Option<String>,
    /// Its weight in its initiative, 1..100.
    #[schema(value_type = Weight)]
    pub weight: i32,
    /// The deadline, as deferrals have moved it.
    #[schema(value_type = Day)]
    pub due_on: NaiveDate,
    /// The deadline as it was approved.
    #[schema(value_type = Option<Day>)]
    pub baseline_due_on: Option<NaiveDate>,
    /// Where it stands.
    pub status: ResponsibilityStatus,
    /// The day that its agency says it was done.
    #[schema(value_type = Option<Day>)]
    pub reported_done_on: Option<NaiveDate>,
    /// What its agency says was done.
    #[schema(value_type = Option<Prose<2000>>)]
    pub report_note: Option<String>,
    /// When it was seen to be done.
    pub verified_at: Option<Timestamp>,
    /// Who saw it.
    pub verified_by: Option<Id>,
    /// What he saw.
    #[schema(value_type = Option<Prose<2000>>)]
    pub verification_note: Option<String>,
    /// Whether it is late today.
    pub late: bool,
    /// By how many days; 0 where it is not.
    #[schema(minimum = 0, maximum = 200_000)]
    pub days_late: i64,
    /// Where this caller may move it now.
    #[schema(max_items = 7)]
    pub allowed_transitions: Vec<ResponsibilityStatus>,
    /// Moved by changes of its own fields.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Responsibility {
    /// A row with what is derived.
    pub fn new(row: ResponsibilityRow, today: NaiveDate, allowed_transitions: Vec<ResponsibilityStatus>) -> Self {
        let days_late = row.part_of_figures().days_late(today);
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
