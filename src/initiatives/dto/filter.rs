//! The filter of the list.

use deserr::Deserr;
use utoipa::IntoParams;

use super::InitiativeStatus;
use crate::{
    db::{Id, Timestamp},
    figures::Health,
    http::{
        fields::Day,
        query::{AnyOf, CodeKey, Search},
        shape::Faults,
    },
};

/// The filter of the list of initiatives.
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
    /// Statuses, separated by commas: `draft`, `proposed`, `approved`, `in_progress`, `blocked`, `completed`, `cancelled`.
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
    /// Healths, separated by commas: `on_track`, `at_risk`, `late`. Costs a pass over the live initiatives in reach.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub health: Option<AnyOf<Health>>,
    /// Only those that start on or after this day.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub starts_from: Option<Day>,
    /// Only those that start on or before this day.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub starts_to: Option<Day>,
    /// Only those due on or after this day.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub due_from: Option<Day>,
    /// Only those due on or before this day.
    #[deserr(default)]
    #[param(value_type = Option<Day>)]
    pub due_to: Option<Day>,
    /// Words, each of which must occur in the code or the title.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
