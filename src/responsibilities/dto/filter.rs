//! The filter of the list.

use deserr::Deserr;
use utoipa::IntoParams;

use super::{Part, ResponsibilityStatus};
use crate::{
    db::{Id, Timestamp},
    http::{
        fields::Day,
        query::{AnyOf, CodeKey, Flag, Search},
        shape::Faults,
    },
};

/// The filter of the list of responsibilities.
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
    /// Parts, separated by commas: `lead`, `support`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub part: Option<AnyOf<Part>>,
    /// Statuses, separated by commas: `proposed`, `accepted`, `declined`, `reported`, `verified`, `returned`, `withdrawn`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<ResponsibilityStatus>>,
    /// Only those that are late today (`true`) or only those that are not (`false`).
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub late: Option<Flag>,
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
