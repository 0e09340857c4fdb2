//! A row.

use chrono::NaiveDate;
use diesel::{AsChangeset, Insertable, Queryable};

use crate::{
    auth::Actor,
    clients::dto::ClientFields,
    db::{Id, Timestamp, schema::clients as table},
    persian,
    policy::Role,
};

/// A row, in the order of the columns.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns, which the migrations document")]
pub struct ClientRow {
    pub province_id: i32,
    pub id: Id,
    pub name: String,
    pub name_sort: Vec<u8>,
    pub role: Role,
    pub agency_id: Option<Id>,
    pub valid_to: Option<NaiveDate>,
    pub active: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ClientRow {
    /// Its writable fields, with these neighbourhoods.
    pub fn fields(&self, neighborhood_ids: Vec<Id>) -> ClientFields {
        ClientFields {
            name: self.name.clone(),
            role: self.role,
            agency_id: self.agency_id,
            neighborhood_ids,
            valid_to: self.valid_to,
            active: self.active,
        }
    }

    /// Whether it may be used on a day.
    pub fn is_usable(&self, today: NaiveDate) -> bool {
        self.active && self.valid_to.is_none_or(|last| today <= last)
    }

    /// The same as an actor, with the secret that it showed.
    pub fn actor(self, secret: Id, neighborhood_ids: Vec<Id>) -> Actor {
        Actor {
            province_id: self.province_id,
            user_id: self.id,
            username: self.id.to_string(),
            display_name: self.name,
            role: self.role,
            agency_id: self.agency_id,
            neighborhood_ids,
            session_id: secret,
            is_client: true,
        }
    }
}

/// The fields with the key that is derived from them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Columns {
    name: String,
    name_sort: Vec<u8>,
    role: Role,
    agency_id: Option<Id>,
    valid_to: Option<NaiveDate>,
    active: bool,
}

impl Columns {
    /// Of these fields.
    pub fn of(fields: &ClientFields) -> Self {
        Self {
            name_sort: persian::sort_key(&fields.name),
            name: fields.name.clone(),
            role: fields.role,
            agency_id: fields.agency_id,
            valid_to: fields.valid_to,
            active: fields.active,
        }
    }
}
