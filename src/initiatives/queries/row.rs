//! A row.

use chrono::NaiveDate;
use diesel::{AsChangeset, Insertable, Queryable};

use crate::{
    db::{Id, Timestamp, schema::initiatives as table, search},
    initiatives::{
        dto::{InitiativeFields, InitiativeStatus},
        rules::State,
    },
    persian,
};

/// The date that an initiative without one counts as (CONTRACT §3).
pub const FARTHEST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A row, in the order of the columns. A change of its fields writes all of it but what is skipped: its version and
/// instants, which `update_row!` sets, and where it stands, which `set_status` moves.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(province_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct InitiativeRow {
    pub province_id: i32,
    pub id: Id,
    pub code: String,
    pub code_key: String,
    pub neighborhood_id: Id,
    pub domain: String,
    pub title: String,
    pub title_sort: Vec<u8>,
    pub search_key: String,
    pub description: Option<String>,
    pub objective: Option<String>,
    #[diesel(skip_update)]
    pub status: InitiativeStatus,
    #[diesel(skip_update)]
    pub status_since: Timestamp,
    pub starts_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub due_order: NaiveDate,
    #[diesel(skip_update)]
    pub completed_on: Option<NaiveDate>,
    pub lead_agency_id: Option<Id>,
    pub weight: i32,
    pub budget_planned_rial: Option<i64>,
    pub budget_spent_rial: Option<i64>,
    pub beneficiaries_planned: Option<i64>,
    pub beneficiaries_reached: Option<i64>,
    #[diesel(skip_update)]
    pub version: i32,
    #[diesel(skip_update)]
    pub created_at: Timestamp,
    #[diesel(skip_update)]
    pub updated_at: Timestamp,
}

impl InitiativeRow {
    /// A new draft of these fields.
    pub fn draft(province_id: i32, id: Id, now: Timestamp, fields: InitiativeFields) -> Self {
        let nothing = Self {
            province_id,
            id,
            code: String::new(),
            code_key: String::new(),
            neighborhood_id: Id::NOBODY,
            domain: String::new(),
            title: String::new(),
            title_sort: Vec::new(),
            search_key: String::new(),
            description: None,
            objective: None,
            status: InitiativeStatus::Draft,
            status_since: now,
            starts_on: None,
            due_on: None,
            due_order: FARTHEST,
            completed_on: None,
            lead_agency_id: None,
            weight: 0,
            budget_planned_rial: None,
            budget_spent_rial: None,
            beneficiaries_planned: None,
            beneficiaries_reached: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        nothing.changed(now, fields)
    }

    /// Its next version, with these fields.
    #[must_use]
    pub fn changed(self, now: Timestamp, fields: InitiativeFields) -> Self {
        // Taken apart, so that a new field can't be forgotten here.
        let InitiativeFields {
            code,
            neighborhood_id,
            domain,
            title,
            description,
            objective,
            starts_on,
            due_on,
            lead_agency_id,
            weight,
            budget_planned_rial,
            budget_spent_rial,
            beneficiaries_planned,
            beneficiaries_reached,
        } = fields;
        Self {
            code_key: persian::code_key(&code),
            title_sort: persian::sort_key(&title),
            search_key: search::key(&[Some(&code), Some(&title)]),
            due_order: due_on.unwrap_or(FARTHEST),
            code,
            neighborhood_id,
            domain,
            title,
            description,
            objective,
            starts_on,
            due_on,
            lead_agency_id,
            weight,
            budget_planned_rial,
            budget_spent_rial,
            beneficiaries_planned,
            beneficiaries_reached,
            version: self.version + 1,
            updated_at: now,
            ..self
        }
    }

    /// Whether it is more than a draft, or was before it was sent back.
    pub fn has_left_draft(&self) -> bool {
        self.status != InitiativeStatus::Draft || self.status_since != self.created_at
    }

    /// Its writable fields.
    pub fn fields(&self) -> InitiativeFields {
        let row = self.clone();
        InitiativeFields {
            code: row.code,
            neighborhood_id: row.neighborhood_id,
            domain: row.domain,
            title: row.title,
            description: row.description,
            objective: row.objective,
            starts_on: row.starts_on,
            due_on: row.due_on,
            lead_agency_id: row.lead_agency_id,
            weight: row.weight,
            budget_planned_rial: row.budget_planned_rial,
            budget_spent_rial: row.budget_spent_rial,
            beneficiaries_planned: row.beneficiaries_planned,
            beneficiaries_reached: row.beneficiaries_reached,
        }
    }

    /// What the rules look at.
    pub const fn state(&self) -> State {
        State { status: self.status, neighborhood_id: self.neighborhood_id, lead_agency_id: self.lead_agency_id }
    }
}
