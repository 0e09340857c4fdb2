//! Codes of the things that exported rows refer to: one statement a page and kind.

use std::collections::HashMap;

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};

use super::{
    Conn, Id, among,
    schema::{agencies, initiatives, neighborhoods},
};
use crate::error::ApiError;

macro_rules! codes_of {
    ($(#[$meta:meta])* $name:ident, $table:ident) => {
        $(#[$meta])*
        ///
        /// # Errors
        /// Those of the database.
        pub fn $name(conn: &mut Conn, province_id: i32, ids: impl Iterator<Item = Id>) -> Result<HashMap<Id, String>, ApiError> {
            let ids: std::collections::BTreeSet<Id> = ids.collect();
            let rows = $table::table
                .filter($table::province_id.eq(province_id).and(among($table::id, ids)))
                .select(($table::id, $table::code))
                .load::<(Id, String)>(conn)?;
            Ok(rows.into_iter().collect())
        }
    };
}

codes_of!(
    /// Codes of agencies.
    agency_codes, agencies
);
codes_of!(
    /// Codes of neighbourhoods.
    neighborhood_codes, neighborhoods
);
codes_of!(
    /// Codes of initiatives.
    initiative_codes, initiatives
);
