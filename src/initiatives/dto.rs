//! Bodies and answers.

mod body;
mod filter;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

pub use body::{InitiativeFields, InitiativePatch, InitiativeTransition, NewInitiative};
pub use filter::InitiativeFilter;

use super::queries::InitiativeRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    figures::{Figures, Health, Percent},
    http::{
        fields::{Code, Count, Day, Line, Prose, Rial, Weight, field_from_json},
        page::page_of,
    },
};

text_enum! {
    /// The status of an initiative in its lifecycle.
    pub enum InitiativeStatus {
        /// Being written; seen by the province and the manager of the place.
        Draft = "draft",
        /// Submitted to the province.
        Proposed = "proposed",
        /// Taken on, with a frozen baseline.
        Approved = "approved",
        /// Under way.
        InProgress = "in_progress",
        /// Held up.
        Blocked = "blocked",
        /// Done.
        Completed = "completed",
        /// Given up.
        Cancelled = "cancelled",
    }
}

impl InitiativeStatus {
    /// The statuses in which an agency is asked to act: to accept, to decline, to mend what was returned.
    pub const ASKING: [Self; 4] = [Self::Proposed, Self::Approved, Self::InProgress, Self::Blocked];
    /// The statuses in which deferrals are asked for and decided.
    pub const DECIDING: [Self; 3] = [Self::Approved, Self::InProgress, Self::Blocked];
    /// The statuses in which nothing moves any more.
    pub const OVER: [Self; 2] = [Self::Completed, Self::Cancelled];

    /// Whether its responsibilities are live (DESIGN §3).
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Approved | Self::InProgress | Self::Blocked | Self::Completed)
    }

    /// Whether nothing moves under it any more.
    pub fn is_over(self) -> bool {
        Self::OVER.contains(&self)
    }
}

field_from_json!(InitiativeStatus, Health);

/// How many responsibilities an initiative has; declined and withdrawn ones do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResponsibilityCounts {
    /// All that count.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub total: i64,
    /// Those that are verified.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub verified: i64,
    /// Those that are late today.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub late: i64,
}

/// An initiative.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Initiative {
    /// Its id.
    pub id: Id,
    /// Its code, unique in the province; case does not count.
    #[schema(value_type = Code)]
    pub code: String,
    /// The neighbourhood it runs in.
    pub neighborhood_id: Id,
    /// The code of its domain.
    #[schema(value_type = Code, examples("education"))]
    pub domain: String,
    /// Its title.
    #[schema(value_type = Line<300>)]
    pub title: String,
    /// What is to be done, in full; null where not given.
    #[schema(value_type = Option<Prose<4000>>)]
    pub description: Option<String>,
    /// What it is to achieve; null where not given.
    #[schema(value_type = Option<Prose<4000>>)]
    pub objective: Option<String>,
    /// Where it stands in its lifecycle.
    pub status: InitiativeStatus,
    /// Its first day; null while none is set.
    #[schema(value_type = Option<Day>)]
    pub starts_on: Option<NaiveDate>,
    /// Its last day; null while none is set.
    #[schema(value_type = Option<Day>)]
    pub due_on: Option<NaiveDate>,
    /// The day on which it was completed; null until then.
    #[schema(value_type = Option<Day>)]
    pub completed_on: Option<NaiveDate>,
    /// The agency that leads it; null while none is set.
    pub lead_agency_id: Option<Id>,
    /// Its weight in the progress of a group, 1..100.
    #[schema(value_type = Weight)]
    pub weight: i32,
    /// Rials planned for it; null where not planned.
    #[schema(value_type = Option<Rial>)]
    pub budget_planned_rial: Option<i64>,
    /// Rials spent on it so far; null where not given.
    #[schema(value_type = Option<Rial>)]
    pub budget_spent_rial: Option<i64>,
    /// How many persons it is planned to reach; null where not planned.
    #[schema(value_type = Option<Count>)]
    pub beneficiaries_planned: Option<i64>,
    /// How many persons it has reached so far; null where not given.
    #[schema(value_type = Option<Count>)]
    pub beneficiaries_reached: Option<i64>,
    /// Percent of the weight of its live responsibilities that is verified; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub progress: Option<Percent>,
    /// Percent of the same weight that is due by today in the baseline; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub planned_progress: Option<Percent>,
    /// How it stands against its plan; null where nothing is live.
    pub health: Option<Health>,
    /// How many responsibilities it has.
    pub responsibilities: ResponsibilityCounts,
    /// The statuses to which this caller may move it now; conditions that would answer 422 are not looked at.
    #[schema(max_items = 7)]
    pub allowed_transitions: Vec<InitiativeStatus>,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Initiative {
    /// The answer for a row, with its derived fields.
    pub fn new(row: InitiativeRow, figures: &Figures, allowed_transitions: Vec<InitiativeStatus>) -> Self {
        Self {
            id: row.id,
            code: row.code,
            neighborhood_id: row.neighborhood_id,
            domain: row.domain,
            title: row.title,
            description: row.description,
            objective: row.objective,
            status: row.status,
            starts_on: row.starts_on,
            due_on: row.due_on,
            completed_on: row.completed_on,
            lead_agency_id: row.lead_agency_id,
            weight: row.weight,
            budget_planned_rial: row.budget_planned_rial,
            budget_spent_rial: row.budget_spent_rial,
            beneficiaries_planned: row.beneficiaries_planned,
            beneficiaries_reached: row.beneficiaries_reached,
            progress: figures.progress(),
            planned_progress: figures.planned_progress(),
            health: figures.health(),
            responsibilities: ResponsibilityCounts { total: figures.total, verified: figures.total_verified, late: figures.late },
            allowed_transitions,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(InitiativePage, Initiative);
