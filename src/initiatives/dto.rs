//! Bodies and answers.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::InitiativeRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    figures::{Figures, Health, Percent},
    http::{
        fields::{Code, Count, Day, Line, Prose, Rial, Weight, field_from_json},
        page::page_of,
        patch::Patch,
        query::{AnyOf, CodeKey, Search},
        shape::Faults,
    },
};

text_enum! {
    /// Where an initiative stands in its lifecycle (DESIGN §2).
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
    /// In which an agency answers for what it is asked to do.
    pub const ASKING: [Self; 4] = [Self::Proposed, Self::Approved, Self::InProgress, Self::Blocked];
    /// In which deadlines move.
    pub const DECIDING: [Self; 3] = [Self::Approved, Self::InProgress, Self::Blocked];
    /// In which nothing moves any more.
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

/// What can be written of an initiative; the shape that changes are compared in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct InitiativeFields {
    pub code: String,
    pub neighborhood_id: Id,
    pub domain: String,
    pub title: String,
    pub description: Option<String>,
    pub objective: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub lead_agency_id: Option<Id>,
    pub weight: i32,
    pub budget_planned_rial: Option<i64>,
    pub budget_spent_rial: Option<i64>,
    pub beneficiaries_planned: Option<i64>,
    pub beneficiaries_reached: Option<i64>,
}

/// A new initiative; it begins as a draft.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "code": "SH-EDU-09", "neighborhood_id": "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50", "domain": "education",
    "title": "کلاس جبرانی ریاضی در سه مدرسهٔ شیخ‌آباد", "starts_on": "2026-12-01", "due_on": "2027-05-31",
    "lead_agency_id": "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f51", "budget_planned_rial": 4_500_000_000_i64, "beneficiaries_planned": 320
}))]
pub struct NewInitiative {
    code: Code,
    neighborhood_id: Id,
    domain: Code,
    title: Line<300>,
    #[deserr(default)]
    description: Option<Prose<4000>>,
    #[deserr(default)]
    objective: Option<Prose<4000>>,
    #[deserr(default)]
    starts_on: Option<Day>,
    #[deserr(default)]
    due_on: Option<Day>,
    #[deserr(default)]
    lead_agency_id: Option<Id>,
    #[deserr(default)]
    weight: Option<Weight>,
    #[deserr(default)]
    budget_planned_rial: Option<Rial>,
    #[deserr(default)]
    budget_spent_rial: Option<Rial>,
    #[deserr(default)]
    beneficiaries_planned: Option<Count>,
    #[deserr(default)]
    beneficiaries_reached: Option<Count>,
}

impl From<NewInitiative> for InitiativeFields {
    fn from(new: NewInitiative) -> Self {
        Self {
            code: new.code.0,
            neighborhood_id: new.neighborhood_id,
            domain: new.domain.0,
            title: new.title.0,
            description: new.description.map(|text| text.0),
            objective: new.objective.map(|text| text.0),
            starts_on: new.starts_on.map(|day| day.0),
            due_on: new.due_on.map(|day| day.0),
            lead_agency_id: new.lead_agency_id,
            weight: new.weight.unwrap_or_default().small(),
            budget_planned_rial: new.budget_planned_rial.map(|rial| rial.0),
            budget_spent_rial: new.budget_spent_rial.map(|rial| rial.0),
            beneficiaries_planned: new.beneficiaries_planned.map(|count| count.0),
            beneficiaries_reached: new.beneficiaries_reached.map(|count| count.0),
        }
    }
}

/// Changes to an initiative: absent leaves, null clears. What is fixed at its stage answers 409 `frozen`.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"budget_spent_rial": 1_200_000_000_i64, "beneficiaries_reached": 140}))]
pub struct InitiativePatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(super) neighborhood_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) domain: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<300>>, nullable = false)]
    pub(super) title: Patch<Line<300>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(super) description: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(super) objective: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(super) starts_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(super) due_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>)]
    pub(super) lead_agency_id: Patch<Option<Id>>,
    #[deserr(default)]
    #[schema(value_type = Option<Weight>, nullable = false)]
    pub(super) weight: Patch<Weight>,
    #[deserr(default)]
    #[schema(value_type = Option<Rial>)]
    pub(super) budget_planned_rial: Patch<Option<Rial>>,
    #[deserr(default)]
    #[schema(value_type = Option<Rial>)]
    pub(super) budget_spent_rial: Patch<Option<Rial>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(super) beneficiaries_planned: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(super) beneficiaries_reached: Patch<Option<Count>>,
}

impl InitiativePatch {
    /// The fields with the changes in them.
    pub fn onto(self, mut fields: InitiativeFields) -> InitiativeFields {
        self.code.apply(&mut fields.code, |code| code.0);
        self.neighborhood_id.apply(&mut fields.neighborhood_id, |id| id);
        self.domain.apply(&mut fields.domain, |code| code.0);
        self.title.apply(&mut fields.title, |text| text.0);
        self.description.apply(&mut fields.description, |text| text.map(|text| text.0));
        self.objective.apply(&mut fields.objective, |text| text.map(|text| text.0));
        self.starts_on.apply(&mut fields.starts_on, |day| day.map(|day| day.0));
        self.due_on.apply(&mut fields.due_on, |day| day.map(|day| day.0));
        self.lead_agency_id.apply(&mut fields.lead_agency_id, |id| id);
        self.weight.apply(&mut fields.weight, Weight::small);
        self.budget_planned_rial.apply(&mut fields.budget_planned_rial, |rial| rial.map(|rial| rial.0));
        self.budget_spent_rial.apply(&mut fields.budget_spent_rial, |rial| rial.map(|rial| rial.0));
        self.beneficiaries_planned.apply(&mut fields.beneficiaries_planned, |count| count.map(|count| count.0));
        self.beneficiaries_reached.apply(&mut fields.beneficiaries_reached, |count| count.map(|count| count.0));
        fields
    }
}

/// A move of an initiative along its lifecycle.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"to": "blocked", "reason": "مجوز شهرداری هنوز نرسیده است"}))]
pub struct InitiativeTransition {
    /// Where to.
    pub to: InitiativeStatus,
    /// Why; needed for going back to draft, blocking and cancelling.
    #[deserr(default)]
    pub reason: Option<Prose<2000>>,
    /// A remark, kept in the event.
    #[deserr(default)]
    pub note: Option<Prose<2000>>,
}

/// How many responsibilities an initiative has, those declined and withdrawn left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResponsibilityCounts {
    /// All.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub total: i64,
    /// Verified.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub verified: i64,
    /// Late today.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub late: i64,
}

/// An initiative.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Initiative {
    /// Its id.
    pub id: Id,
    /// Unique in the province, compared without case.
    #[schema(value_type = Code)]
    pub code: String,
    /// Where.
    pub neighborhood_id: Id,
    /// The code of its field.
    #[schema(value_type = Code, examples("education"))]
    pub domain: String,
    /// What.
    #[schema(value_type = Line<300>)]
    pub title: String,
    /// What exactly.
    #[schema(value_type = Option<Prose<4000>>)]
    pub description: Option<String>,
    /// What for.
    #[schema(value_type = Option<Prose<4000>>)]
    pub objective: Option<String>,
    /// Where it stands.
    pub status: InitiativeStatus,
    /// First day.
    #[schema(value_type = Option<Day>)]
    pub starts_on: Option<NaiveDate>,
    /// Last day.
    #[schema(value_type = Option<Day>)]
    pub due_on: Option<NaiveDate>,
    /// The day of its completion.
    #[schema(value_type = Option<Day>)]
    pub completed_on: Option<NaiveDate>,
    /// Who leads it.
    pub lead_agency_id: Option<Id>,
    /// Its weight among others, 1..100.
    #[schema(value_type = Weight)]
    pub weight: i32,
    /// Rials.
    #[schema(value_type = Option<Rial>)]
    pub budget_planned_rial: Option<i64>,
    /// Rials.
    #[schema(value_type = Option<Rial>)]
    pub budget_spent_rial: Option<i64>,
    /// Persons.
    #[schema(value_type = Option<Count>)]
    pub beneficiaries_planned: Option<i64>,
    /// Persons.
    #[schema(value_type = Option<Count>)]
    pub beneficiaries_reached: Option<i64>,
    /// Percent of the weight of its live responsibilities that is verified; null where nothing is live.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub progress: Option<Percent>,
    /// Percent of the weight that the baseline has due by today.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100)]
    pub planned_progress: Option<Percent>,
    /// How it stands against its plan.
    pub health: Option<Health>,
    /// How many responsibilities it has.
    pub responsibilities: ResponsibilityCounts,
    /// Where this caller may move it now.
    #[schema(max_items = 7)]
    pub allowed_transitions: Vec<InitiativeStatus>,
    /// Moved by changes of its own fields.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl Initiative {
    /// A row with what is derived.
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

/// Which initiatives.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InitiativeFilter {
    /// Codes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub code: Option<AnyOf<CodeKey>>,
    /// Ids of neighbourhoods, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub neighborhood_id: Option<AnyOf<Id>>,
    /// Codes of domains, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub domain: Option<AnyOf<CodeKey>>,
    /// Statuses, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<InitiativeStatus>>,
    /// Ids of leading agencies, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub lead_agency_id: Option<AnyOf<Id>>,
    /// Ids of agencies that take part, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// `on_track`, `at_risk`, `late`, separated by commas. Costs a pass over the live initiatives in reach.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub health: Option<AnyOf<Health>>,
    /// Starts on or after.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub starts_from: Option<Day>,
    /// Starts on or before.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub starts_to: Option<Day>,
    /// Due on or after.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub due_from: Option<Day>,
    /// Due on or before.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub due_to: Option<Day>,
    /// Words, each a part of code or title.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
