//! Which of them a list holds.

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
