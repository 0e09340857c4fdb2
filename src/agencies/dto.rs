//! Bodies and answers.

use deserr::Deserr;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::queries::AgencyRow;
use crate::{
    db::{Id, Timestamp, text_enum},
    http::{
        fields::{Code, Email, Line, Phone, field_from_json},
        page::page_of,
        patch::Patch,
        query::{AnyOf, CodeKey, Flag, Search},
        shape::Faults,
    },
};

text_enum! {
    /// What an agency does. The list may grow, so the OpenAPI document has it as a string.
    #[expect(missing_docs, reason = "the words speak")]
    pub enum AgencyKind {
        Education = "education",
        Sport = "sport",
        Health = "health",
        Labour = "labour",
        Welfare = "welfare",
        Municipality = "municipality",
        Culture = "culture",
        Charity = "charity",
        University = "university",
        Other = "other",
    }
}

field_from_json!(AgencyKind);

/// The writable fields of an agency; changes are found by comparing two of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "documented on the answer")]
pub struct AgencyFields {
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: AgencyKind,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub active: bool,
}

/// A new agency.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewAgency {
    code: Code,
    name: Line<200>,
    #[deserr(default)]
    name_en: Option<Line<200>>,
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("education", "municipality", "other"))]
    kind: AgencyKind,
    #[deserr(default)]
    phone: Option<Phone>,
    #[deserr(default)]
    email: Option<Email>,
    /// Whether it may be given new work; true where nothing is said.
    #[deserr(default)]
    active: Option<bool>,
}

impl From<NewAgency> for AgencyFields {
    fn from(new: NewAgency) -> Self {
        Self {
            code: new.code.0,
            name: new.name.0,
            name_en: new.name_en.map(|text| text.0),
            kind: new.kind,
            phone: new.phone.map(|phone| phone.0),
            email: new.email.map(|email| email.0),
            active: new.active.unwrap_or(true),
        }
    }
}

/// Changes to an agency: an absent field stays as it is, null clears one that may be null.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct AgencyPatch {
    #[deserr(default)]
    #[schema(value_type = Option<Code>, nullable = false)]
    pub(super) code: Patch<Code>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>, nullable = false)]
    pub(super) name: Patch<Line<200>>,
    #[deserr(default)]
    #[schema(value_type = Option<Line<200>>)]
    pub(super) name_en: Patch<Option<Line<200>>>,
    #[deserr(default)]
    #[schema(
        value_type = Option<String>, nullable = false, min_length = 1, max_length = 64, pattern = "^[a-z_]+$",
        examples("education", "municipality", "other")
    )]
    pub(super) kind: Patch<AgencyKind>,
    #[deserr(default)]
    #[schema(value_type = Option<Phone>)]
    pub(super) phone: Patch<Option<Phone>>,
    #[deserr(default)]
    #[schema(value_type = Option<Email>)]
    pub(super) email: Patch<Option<Email>>,
    #[deserr(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub(super) active: Patch<bool>,
}

impl AgencyPatch {
    /// `fields` with these changes made.
    pub fn onto(self, mut fields: AgencyFields) -> AgencyFields {
        self.code.apply(&mut fields.code, |code| code.0);
        self.name.apply(&mut fields.name, |text| text.0);
        self.name_en.apply(&mut fields.name_en, |text| text.map(|text| text.0));
        self.kind.apply(&mut fields.kind, |kind| kind);
        self.phone.apply(&mut fields.phone, |phone| phone.map(|phone| phone.0));
        self.email.apply(&mut fields.email, |email| email.map(|email| email.0));
        self.active.apply(&mut fields.active, |flag| flag);
        fields
    }
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Agency {
    /// Its id.
    pub id: Id,
    /// Its code, unique in the province; case does not count.
    #[schema(value_type = Code)]
    pub code: String,
    /// Its name in Persian.
    #[schema(value_type = Line<200>)]
    pub name: String,
    /// Its name in English; null where none is given.
    #[schema(value_type = Option<Line<200>>)]
    pub name_en: Option<String>,
    /// What it does: `education`, `sport`, `health`, `labour`, `welfare`, `municipality`, `culture`, `charity`,
    /// `university` or `other`; later versions may add words.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z_]+$", examples("education", "municipality", "other"))]
    pub kind: AgencyKind,
    /// The office's telephone number; null where none is given.
    #[schema(value_type = Option<Phone>)]
    pub phone: Option<String>,
    /// The office's e-mail address; null where none is given.
    #[schema(value_type = Option<Email>)]
    pub email: Option<String>,
    /// Whether it may be given new work; a new reference to an inactive agency is refused.
    pub active: bool,
    /// Counts from 1; each change of its own fields adds one.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its own fields last changed.
    pub updated_at: Timestamp,
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            kind: row.kind,
            phone: row.phone,
            email: row.email,
            active: row.active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page_of!(AgencyPage, Agency);

/// The filter of the list of agencies.
#[derive(Debug, Clone, Default, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgencyFilter {
    /// Codes, separated by commas.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub code: Option<AnyOf<CodeKey>>,
    /// Kinds, separated by commas: `education`, `sport`, `health`, `labour`, `welfare`, `municipality`, `culture`, `charity`, `university`,
    /// `other`.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub kind: Option<AnyOf<AgencyKind>>,
    /// Only active ones (`true`) or only inactive ones (`false`).
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    pub active: Option<Flag>,
    /// Words, each of which must occur in the code, the name or the English name.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub q: Option<Search>,
    /// Changed at or after this instant.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    pub updated_since: Option<Timestamp>,
}
