//! The bodies of requests, and how a patch changes the fields.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::InitiativeStatus;
use crate::{
    db::Id,
    http::{
        fields::{Code, Count, Day, Line, NoDay, Prose, Rial, Weight},
        patch::Patch,
        shape::Faults,
    },
};

/// The writable fields of an initiative; changes are found by comparing two of these.
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

/// A new initiative, which begins as a draft.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
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
    /// Its weight in the progress of a group, 1..100; 10 where nothing is said.
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

/// Changes to an initiative: an absent field stays as it is, null clears one that may be null; one that is fixed by now is refused with 409 `frozen`.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct InitiativePatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(in crate::initiatives) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(in crate::initiatives) neighborhood_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(in crate::initiatives) domain: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<300>>, nullable = false)]
    pub(in crate::initiatives) title: Patch<Line<300>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(in crate::initiatives) description: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(in crate::initiatives) objective: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(in crate::initiatives) starts_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub(in crate::initiatives) due_on: Patch<Option<Day>>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>)]
    pub(in crate::initiatives) lead_agency_id: Patch<Option<Id>>,
    #[deserr(default)]
    #[schema(value_type = Option<Weight>, nullable = false)]
    pub(in crate::initiatives) weight: Patch<Weight>,
    #[deserr(default)]
    #[schema(value_type = Option<Rial>)]
    pub(in crate::initiatives) budget_planned_rial: Patch<Option<Rial>>,
    #[deserr(default)]
    #[schema(value_type = Option<Rial>)]
    pub(in crate::initiatives) budget_spent_rial: Patch<Option<Rial>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(in crate::initiatives) beneficiaries_planned: Patch<Option<Count>>,
    #[deserr(default)]
    #[schema(value_type = Option<Count>)]
    pub(in crate::initiatives) beneficiaries_reached: Patch<Option<Count>>,
}

impl InitiativePatch {
    /// `fields` with these changes made.
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
pub struct InitiativeTransition {
    /// The status to move it to.
    pub to: InitiativeStatus,
    /// The reason; required for going back to draft, blocking and cancelling.
    #[deserr(default)]
    pub reason: Option<Prose<2000>>,
    /// A remark, which the event keeps.
    #[deserr(default)]
    pub note: Option<Prose<2000>>,
    /// Belongs to the report of a responsibility: null here, or absent.
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    pub reported_done_on: Option<NoDay>,
}
