//! The bodies of requests, and how a patch changes the fields.

use chrono::NaiveDate;
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Part, ResponsibilityStatus};
use crate::{
    db::Id,
    http::{
        fields::{Code, Day, Line, Prose, Weight},
        patch::Patch,
        shape::Faults,
    },
    responsibilities::rules::{State, is_given_away},
};

/// The writable fields of a responsibility; changes are found by comparing two of these.
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

/// A new responsibility, which begins as proposed.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
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
    /// Its weight in the progress of its initiative, 1..100; 10 where nothing is said.
    #[deserr(default)]
    weight: Option<Weight>,
    /// The deadline.
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

/// Changes to a responsibility: an absent field stays as it is, null clears one that may be null; one that is fixed by now is refused with 409 `frozen`.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct ResponsibilityPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(in crate::responsibilities) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(in crate::responsibilities) initiative_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    pub(in crate::responsibilities) agency_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Part>, nullable = false)]
    pub(in crate::responsibilities) part: Patch<Part>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<300>>, nullable = false)]
    pub(in crate::responsibilities) title: Patch<Line<300>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(in crate::responsibilities) deliverable: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Prose<4000>>)]
    pub(in crate::responsibilities) acceptance_criterion: Patch<Option<Prose<4000>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Weight>, nullable = false)]
    pub(in crate::responsibilities) weight: Patch<Weight>,
    /// The deadline; fixed once the initiative is approved.
    #[deserr(default)]
    #[schema(value_type = Option<Day>, nullable = false)]
    pub(in crate::responsibilities) due_on: Patch<Day>,
}

impl ResponsibilityPatch {
    /// What these changes make of a responsibility: where it is given away and no part is named, it becomes a supporting one.
    pub fn of(self, state: &State, lead: Option<Id>, old: &ResponsibilityFields) -> ResponsibilityFields {
        let names_part = matches!(self.part, Patch::Set(_));
        let mut new = self.onto(old.clone());
        if !names_part && is_given_away(state, old, &new, lead) {
            new.part = Part::Support;
        }
        new
    }

    /// `fields` with these changes made.
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
pub struct ResponsibilityTransition {
    /// The status to move it to.
    pub to: ResponsibilityStatus,
    /// The reason; required for declining, returning and withdrawing.
    #[deserr(default)]
    pub reason: Option<Prose<2000>>,
    /// What was done, required for reporting; or what was seen, for verifying and returning.
    #[deserr(default)]
    pub note: Option<Prose<2000>>,
    /// The day on which it was done, not after today: required for reporting, refused otherwise.
    #[deserr(default)]
    pub reported_done_on: Option<Day>,
}
