//! Bodies and answers.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::DomainRow;
use crate::{
    db::{Id, Timestamp},
    http::{
        fields::{Code, Line, Whole},
        page::page_of,
        patch::Patch,
        query::Flag,
        shape::Faults,
    },
};

/// A place in the province's own order.
pub type Position = Whole<0, MAX_POSITION>;
/// The greatest position.
pub const MAX_POSITION: i64 = 10_000;

/// The writable fields of a domain; changes are found by comparing two of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainFields {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub position: i32,
    pub active: bool,
}

/// A new domain.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewDomain {
    code: Code,
    name: Line<200>,
    #[deserr(default)]
    name_en: Option<Line<200>>,
    /// Its place in the province's own order; after the last where it is not given.
    #[deserr(default)]
    position: Option<Position>,
    /// Whether new initiatives may belong to it; true where nothing is said.
    #[deserr(default)]
    active: Option<bool>,
}

impl NewDomain {
    /// The fields, at the position `next` unless another was asked for.
    pub fn fields(self, next: i32) -> DomainFields {
        DomainFields {
            code: self.code.0,
            name: self.name.0,
            name_en: self.name_en.map(|text| text.0),
            position: self.position.map_or(next, Whole::small),
            active: self.active.unwrap_or(true),
        }
    }
}

/// Changes to a domain: an absent field stays as it is, null clears one that may be null.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct DomainPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>)]
    name_en: Patch<Option<Line<200>>>,
    #[deserr(default)]
    #[schema(value_type = Option<Position>, nullable = false)]
    position: Patch<Position>,
    #[deserr(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    active: Patch<bool>,
}

impl DomainPatch {
    /// `fields` with these changes made.
    pub fn onto(self, mut fields: DomainFields) -> DomainFields {
        self.code.apply(&mut fields.code, |code| code.0);
        self.name.apply(&mut fields.name, |text| text.0);
        self.name_en.apply(&mut fields.name_en, |text| text.map(|text| text.0));
        self.position.apply(&mut fields.position, Whole::small);
        self.active.apply(&mut fields.active, |flag| flag);
        fields
    }
}

/// A domain: the field that an initiative belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Domain {
    /// Its id.
    pub id: Id,
    /// Its code, unique in the province, by which initiatives name it; case does not count.
    #[schema(value_type = Code)]
    pub code: String,
    /// Its name in Persian.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Its name in English; null where none is given.
    #[schema(value_type = Option<Line<200>>)]
    pub name_en: Option<String>,
    /// Its place in the province's own order.
    #[schema(value_type = Position)]
    pub position: i32,
    /// Whether new initiatives may belong to it.
    pub active: bool,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl From<DomainRow> for Domain {
    fn from(row: DomainRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            position: row.position,
            active: row.active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(DomainPage, Domain);

/// The filter of the list of domains.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DomainFilter {
    /// Only active ones (`true`) or only inactive ones (`false`).
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub active: Option<Flag>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
