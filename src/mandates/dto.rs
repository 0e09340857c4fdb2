//! Bodies and answers.

use chrono::NaiveDate;
use deserr::Deserr;
use diesel::{AsChangeset, Insertable};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::MandateRow;
use crate::{
    db::{Id, Timestamp, schema::mandates},
    http::{
        fields::{Day, Line},
        page::page_of,
        patch::Patch,
        query::AnyOf,
        shape::Faults,
    },
};

/// The writable fields of a mandate; changes are found by comparing two of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Insertable, AsChangeset)]
#[diesel(table_name = mandates, treat_none_as_null = true, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct MandateFields {
    pub user_id: Id,
    pub neighborhood_id: Id,
    pub order_no: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

/// A new mandate.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewMandate {
    user_id: Id,
    neighborhood_id: Id,
    order_no: Line<100>,
    valid_from: Day,
    #[deserr(default)]
    valid_to: Option<Day>,
}

impl From<NewMandate> for MandateFields {
    fn from(new: NewMandate) -> Self {
        Self {
            user_id: new.user_id,
            neighborhood_id: new.neighborhood_id,
            order_no: new.order_no.0,
            valid_from: new.valid_from.0,
            valid_to: new.valid_to.map(|day| day.0),
        }
    }
}

/// Changes to a mandate: an absent field stays as it is, null clears one that may be null. Once it has begun, only `order_no` and `valid_to` change.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct MandatePatch {
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    user_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Id>, nullable = false)]
    neighborhood_id: Patch<Id>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<100>>, nullable = false)]
    order_no: Patch<Line<100>>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>, nullable = false)]
    valid_from: Patch<Day>,
    #[deserr(default)]
    #[schema(value_type = Option<Day>)]
    valid_to: Patch<Option<Day>>,
}

impl MandatePatch {
    /// `fields` with these changes made.
    pub fn onto(self, mut fields: MandateFields) -> MandateFields {
        self.user_id.apply(&mut fields.user_id, |id| id);
        self.neighborhood_id.apply(&mut fields.neighborhood_id, |id| id);
        self.order_no.apply(&mut fields.order_no, |text| text.0);
        self.valid_from.apply(&mut fields.valid_from, |day| day.0);
        self.valid_to.apply(&mut fields.valid_to, |day| day.map(|day| day.0));
        fields
    }
}

/// A mandate: the dated appointment of a neighbourhood's manager.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Mandate {
    /// Its id.
    pub id: Id,
    /// The user who is appointed.
    pub user_id: Id,
    /// The neighbourhood that is managed.
    pub neighborhood_id: Id,
    /// The number of the letter of appointment.
    #[schema(value_type = Line<100>)]
    pub order_no: String,
    /// The first day on which it is valid.
    #[schema(value_type = Day)]
    pub valid_from: NaiveDate,
    /// The last day on which it is valid; null while none is set.
    #[schema(value_type = Option<Day>)]
    pub valid_to: Option<NaiveDate>,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl From<MandateRow> for Mandate {
    fn from(row: MandateRow) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            neighborhood_id: row.neighborhood_id,
            order_no: row.order_no,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(MandatePage, Mandate);

/// The filter of the list of mandates.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MandateFilter {
    /// Ids of users, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub user_id: Option<AnyOf<Id>>,
    /// Ids of neighbourhoods, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub neighborhood_id: Option<AnyOf<Id>>,
    /// Only those that are valid on this day.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub on: Option<Day>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
