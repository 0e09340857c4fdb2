//! Many rows at once, as imports write them.

use std::collections::BTreeMap;

use super::{
    InitiativeRow,
    participants::{Participant, sync_all_participants},
};
use crate::{
    db::{
        Id, insert_all,
        schema::{initiative_agencies, initiatives},
        update_all,
    },
    error::ApiError,
    tx::Tx,
};

/// Inserts drafts that have no responsibilities yet, and who takes part in them.
///
/// # Errors
/// Those of the database.
pub fn insert_drafts(tx: &mut Tx<'_>, rows: &[InitiativeRow]) -> Result<(), ApiError> {
    insert_all!(tx.conn, initiatives::table, rows);
    let lead = |row: &InitiativeRow| {
        row.lead_agency_id.map(|agency_id| Participant { province_id: row.province_id, initiative_id: row.id, agency_id })
    };
    let leads: Vec<Participant> = rows.iter().filter_map(lead).collect();
    insert_all!(tx.conn, initiative_agencies::table, &leads[..]);
    Ok(())
}

/// Writes changed rows, which the transaction has locked, and updates who takes part in the initiatives of `leads`.
///
/// # Errors
/// Those of the database.
pub fn update_changed(tx: &mut Tx<'_>, rows: &[InitiativeRow], leads: &BTreeMap<Id, Option<Id>>) -> Result<(), ApiError> {
    update_all!(
        tx.conn,
        initiatives,
        rows,
        (
            code,
            code_key,
            neighborhood_id,
            domain,
            title,
            title_sort,
            search_key,
            description,
            objective,
            starts_on,
            due_on,
            due_order,
            lead_agency_id,
            weight,
            budget_planned_rial,
            budget_spent_rial,
            beneficiaries_planned,
            beneficiaries_reached,
            version,
            updated_at,
        )
    );
    sync_all_participants(tx, leads)
}
