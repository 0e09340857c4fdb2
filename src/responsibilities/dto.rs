//! Bodies and answers.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::ResponsibilityRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Code, Day, Line, Prose, Weight, field_from_json},
        page::page_of,
        patch::Patch,
        query::{AnyOf, CodeKey, Flag, Search},
        shape::Faults,
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

/// What can be written of a responsibility; the shape that changes are compared in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct ResponsibilityFields {
    pub code: String,
    pub initiative_id: Id,
    pub agency_id: Id,
    pub part: Part,
    pub title: String,
    pub deliverable: Option<String>,
    pub acceptance_criterion: Option<String>,
    pub weight: i32,
    pub due_on: NaiveDate,
}

/// A new responsibility; it begins as proposed.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "code": "R1", "initiative_id": "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f50", "agency_id": "01936f6e-5a7b-7c3e-9d2f-6b1c2d3e4f51",
    "part": "lead", "title": "برگزاری کلاس‌ها", "deliverable": "۴۸ جلسه کلاس", "acceptance_criterion": "فهرست حضور ماهانه",
    "weight": 40, "due_on": "2027-05-15"
}))]
pub struct NewResponsibility {
    code: Code,
    initiative_id: Id,
    agency_id: Id,
    part: Part,
    title: Line<300>,
    #[deserr(default)]
    deliverable: Option<Prose<4000>>,
    #[deserr(default)]
    acceptance_criterion: Option<Prose<4000>>,
    #[deserr(default)]
    weight: Option<Weight>,
    due_on: Day,
}

impl From<NewResponsibility> for ResponsibilityFields {
    fn from(new: NewResponsibility) -> Self {
        Self {
            code: new.code.0,
            initiative_id: new.initiative_id,
            agency_id: new.agency_id,
            part: new.part,
            title: new.title.0,
            deliverable: new.deliverable.map(|text| text.0),
            acceptance_criterion: new.acceptance_criterion.map(|text| text.0),
            weight: new.weight.unwrap_or_default().small(),
            due_on: new.due_on.0,
        }
    }
}

/// Changes to a responsibility: absent leaves, null clears. What is fixed at its stage answers 409 `frozen`.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"title": "برگزاری کلاس‌های جبرانی", "weight": 30}))]
pub struct ResponsibilityPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(super) initiative_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(super) agency_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Part>, nullable = false)]
    pub(super) part: Patch<Part>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<300>>, nullable = false)]
    pub(super) title: Patch<Line<300>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(super) deliverable: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(super) acceptance_criterion: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Weight>, nullable = false)]
    pub(super) weight: Patch<Weight>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>, nullable = false)]
    pub(super) due_on: Patch<Day>,
}

impl ResponsibilityPatch {
    /// The fields with the changes in them.
    pub fn onto(self, mut fields: ResponsibilityFields) -> ResponsibilityFields {
        self.code.apply(&mut fields.code, |code| code.0);
        self.initiative_id.apply(&mut fields.initiative_id, |id| id);
        self.agency_id.apply(&mut fields.agency_id, |id| id);
        self.part.apply(&mut fields.part, |part| part);
        self.title.apply(&mut fields.title, |text| text.0);
        self.deliverable.apply(&mut fields.deliverable, |text| text.map(|text| text.0));
        self.acceptance_criterion.apply(&mut fields.acceptance_criterion, |text| text.map(|text| text.0));
        self.weight.apply(&mut fields.weight, Weight::small);
        self.due_on.apply(&mut fields.due_on, |day| day.0);
        fields
    }
}

/// A move of a responsibility along its lifecycle.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"to": "reported", "reported_done_on": "2026-11-20", "note": "۴۸ جلسه برگزار شد"}))]
pub struct ResponsibilityTransition {
    /// Where to.
    pub to: ResponsibilityStatus,
    /// Why; needed for declining, returning and withdrawing.
    #[deserr(default)]
    pub reason: Option<Prose<2000>>,
    /// What was done (needed for reporting), or what was seen.
    #[deserr(default)]
    pub note: Option<Prose<2000>>,
    /// The day it was done; only for reporting, not after today.
    #[deserr(default)]
    pub reported_done_on: Option<Day>,
}

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

/// Which responsibilities.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResponsibilityFilter {
    /// Codes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub code: Option<AnyOf<CodeKey>>,
    /// Ids of initiatives, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub initiative_id: Option<AnyOf<Id>>,
    /// Ids of neighbourhoods, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub neighborhood_id: Option<AnyOf<Id>>,
    /// Ids of agencies, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub agency_id: Option<AnyOf<Id>>,
    /// `lead`, `support`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub part: Option<AnyOf<Part>>,
    /// Statuses, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<ResponsibilityStatus>>,
    /// Whether late today.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub late: Option<Flag>,
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
