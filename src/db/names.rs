//! Codes of what rows refer to, for exports: one statement a page and kind.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl};

use super::{
    Conn, Id, among,
    schema::{agencies, initiatives, neighborhoods, users},
};
use crate::error::ApiError;

macro_rules! codes_of {
    ($(#[$meta:meta])* $name:ident, $table:ident, $column:ident) => {
        $(#[$meta])*
        ///
        /// # Errors
        /// Those of the database.
        pub fn $name(conn: &mut Conn, province_id: i32, ids: impl Iterator<Item = Id>) -> Result<HashMap<Id, String>, ApiError> {
            let ids: std::collections::BTreeSet<Id> = ids.collect();
            let rows = $table::table
                .filter($table::province_id.eq(province_id).and(among($table::id, ids)))
                .select(($table::id, $table::$column))
                .load::<(Id, String)>(conn)?;
            Ok(rows.into_iter().collect())
        }
    };
}

codes_of!(
    /// Codes of agencies.
    agency_codes, agencies, code
);
codes_of!(
    /// Codes of neighbourhoods.
    neighborhood_codes, neighborhoods, code
);
codes_of!(
    /// Codes of initiatives.
    initiative_codes, initiatives, code
);
codes_of!(
    /// Names of users.
    usernames, users, username
);

/// Codes of the agencies that may be referred to, in their order.
///
/// # Errors
/// Those of the database.
pub fn usable_agencies(conn: &mut Conn, province_id: i32) -> Result<Vec<String>, ApiError> {
    let active = agencies::table.filter(agencies::province_id.eq(province_id).and(agencies::active.eq(true)));
    Ok(active.order(agencies::code_key).select(agencies::code).load(conn)?)
}

/// Codes of the neighbourhoods that are not closed on a day, in their order.
///
/// # Errors
/// Those of the database.
pub fn open_neighborhoods(conn: &mut Conn, province_id: i32, day: NaiveDate) -> Result<Vec<String>, ApiError> {
    let is_open = neighborhoods::closed_on.is_null().or(neighborhoods::closed_on.gt(day).assume_not_null());
    let open = neighborhoods::table.filter(neighborhoods::province_id.eq(province_id).and(is_open));
    Ok(open.order(neighborhoods::code_key).select(neighborhoods::code).load(conn)?)
}
