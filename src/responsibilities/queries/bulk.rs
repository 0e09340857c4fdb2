//! Many rows at once, as imports write them.

use std::collections::BTreeMap;

use super::ResponsibilityRow;
use crate::{
    db::{Id, insert_all, schema::responsibilities, update_all},
    error::ApiError,
    initiatives,
    tx::Tx,
};

/// Inserts new responsibilities, and who takes part by them.
///
/// # Errors
/// Those of the database.
pub fn insert_proposed(tx: &mut Tx<'_>, rows: &[ResponsibilityRow]) -> Result<(), ApiError> {
    insert_all!(tx.conn, responsibilities::table, rows);
    initiatives::queries::add_participants(tx, &rows.iter().map(|row| (row.initiative_id, row.agency_id)).collect())
}

/// Writes changed rows, whose initiatives the transaction has locked, and updates who takes part in the initiatives of `leads`.
///
/// # Errors
/// Those of the database.
pub fn update_changed(tx: &mut Tx<'_>, rows: &[ResponsibilityRow], leads: &BTreeMap<Id, Option<Id>>) -> Result<(), ApiError> {
    update_all!(
        tx.conn,
        responsibilities,
        rows,
        (
            code,
            code_key,
            agency_id,
            part,
            title,
            search_key,
            deliverable,
            acceptance_criterion,
            weight,
            due_on,
            status,
            status_since,
            open,
            version,
            updated_at,
        )
    );
    initiatives::queries::sync_all_participants(tx, leads)
}
