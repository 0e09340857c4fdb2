//! A row.

use chrono::NaiveDate;
use diesel::{AsChangeset, Insertable, Queryable};

use crate::{
    db::{Id, Timestamp, schema::responsibilities as table, search},
    initiatives::{self, InitiativeStatus},
    persian,
    responsibilities::{
        dto::{Part, ResponsibilityFields, ResponsibilityStatus},
        rules::{self, State},
    },
};

/// A row, in the order of the columns. A change writes all of it but what is skipped: its version and instants, which
/// `update_row!` sets, and the initiative's weight and domain, which follow the initiative alone: its domain may get another code while a
/// responsibility is written.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(province_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct ResponsibilityRow {
    pub province_id: i32,
    pub id: Id,
    pub initiative_id: Id,
    pub neighborhood_id: Id,
    pub initiative_status: InitiativeStatus,
    #[diesel(skip_update)]
    pub initiative_weight: i32,
    #[diesel(skip_update)]
    pub initiative_domain: String,
    pub code: String,
    pub code_key: String,
    pub agency_id: Id,
    pub part: Part,
    pub title: String,
    pub search_key: String,
    pub deliverable: Option<String>,
    pub acceptance_criterion: Option<String>,
    pub weight: i32,
    pub due_on: NaiveDate,
    pub baseline_due_on: Option<NaiveDate>,
    pub status: ResponsibilityStatus,
    pub status_since: Timestamp,
    pub open: bool,
    pub reported_done_on: Option<NaiveDate>,
    pub report_note: Option<String>,
    pub verified_at: Option<Timestamp>,
    pub verified_on: Option<NaiveDate>,
    pub verified_by: Option<Id>,
    pub verification_note: Option<String>,
    pub declined_by: Option<Id>,
    #[diesel(skip_update)]
    pub version: i32,
    #[diesel(skip_update)]
    pub created_at: Timestamp,
    #[diesel(skip_update)]
    pub updated_at: Timestamp,
}

impl ResponsibilityRow {
    /// A new one under an initiative, proposed to its agency.
    pub fn proposed(root: &initiatives::queries::InitiativeRow, id: Id, now: Timestamp, fields: ResponsibilityFields) -> Self {
        Self {
            province_id: root.province_id,
            id,
            initiative_id: root.id,
            neighborhood_id: root.neighborhood_id,
            initiative_status: root.status,
            initiative_weight: root.weight,
            initiative_domain: root.domain.clone(),
            code_key: persian::code_key(&fields.code),
            search_key: search::key(&[Some(&fields.code), Some(&fields.title)]),
            open: rules::is_open(root.status, ResponsibilityStatus::Proposed),
            code: fields.code,
            agency_id: fields.agency_id,
            part: fields.part,
            title: fields.title,
            deliverable: fields.deliverable,
            acceptance_criterion: fields.acceptance_criterion,
            weight: fields.weight,
            due_on: fields.due_on,
            baseline_due_on: None,
            status: ResponsibilityStatus::Proposed,
            status_since: now,
            reported_done_on: None,
            report_note: None,
            verified_at: None,
            verified_on: None,
            verified_by: None,
            verification_note: None,
            declined_by: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its next version, with the keys and `open` that follow from the rest.
    #[must_use]
    pub fn renewed(self, now: Timestamp) -> Self {
        Self {
            code_key: persian::code_key(&self.code),
            search_key: search::key(&[Some(&self.code), Some(&self.title)]),
            open: rules::is_open(self.initiative_status, self.status),
            version: self.version + 1,
            updated_at: now,
            ..self
        }
    }

    /// Its writable fields.
    pub fn fields(&self) -> ResponsibilityFields {
        let row = self.clone();
        ResponsibilityFields {
            code: row.code,
            initiative_id: row.initiative_id,
            agency_id: row.agency_id,
            part: row.part,
            title: row.title,
            deliverable: row.deliverable,
            acceptance_criterion: row.acceptance_criterion,
            weight: row.weight,
            due_on: row.due_on,
        }
    }

    /// What the rules look at.
    pub const fn state(&self) -> State {
        State {
            status: self.status,
            agency_id: self.agency_id,
            declined_by: self.declined_by,
            neighborhood_id: self.neighborhood_id,
            initiative: self.initiative_status,
        }
    }

    /// What its initiative's rules look at.
    pub fn as_child(&self) -> initiatives::rules::Child {
        initiatives::rules::Child {
            code: self.code.clone(),
            agency_id: self.agency_id,
            part: self.part,
            status: self.status,
            due_on: self.due_on,
        }
    }
}
