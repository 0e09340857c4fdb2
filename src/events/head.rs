//! The end of a province's record: what was sealed last, and how many changes of the register were.

use diesel::{AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};

use super::queries::EventRow;
use crate::{
    db::{Conn, Id, schema::event_heads as table},
    error::ApiError,
};

/// The hash before the first event.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a province's chain has come to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = table)]
pub struct Head {
    /// The last `seq` that was given; 0 before the first.
    pub seq: i64,
    /// The hash of that event, from which the next one follows.
    pub hash: String,
    /// How many sealed events changed the register.
    pub changes: i64,
    /// The greatest of their ids.
    pub last_change_id: Option<Id>,
}

impl Head {
    /// Before the first event.
    pub fn genesis() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned(), changes: 0, last_change_id: None }
    }

    /// The head of a province; genesis where nothing was sealed yet, and so no row is there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(conn: &mut Conn, province_id: i32) -> Result<Self, ApiError> {
        let columns = (table::seq, table::hash, table::changes, table::last_change_id);
        Ok(table::table.find(province_id).select(columns).first(conn).optional()?.unwrap_or_else(Self::genesis))
    }

    /// Goes on to the next event with its hash, and gives the hash that was the last one.
    pub fn follow(&mut self, event: &EventRow, hash: String) -> String {
        self.seq += 1;
        if event.register {
            self.changes += 1;
            self.last_change_id = self.last_change_id.max(Some(event.id));
        }
        std::mem::replace(&mut self.hash, hash)
    }

    /// Stores the head of a province; `is_first` where it was genesis.
    ///
    /// # Errors
    /// Those of the database.
    pub fn store(self, conn: &mut Conn, province_id: i32, is_first: bool) -> Result<(), ApiError> {
        if is_first {
            diesel::insert_into(table::table).values((table::province_id.eq(province_id), self)).execute(conn)?;
        } else {
            diesel::update(table::table.find(province_id)).set(self).execute(conn)?;
        }
        Ok(())
    }
}
