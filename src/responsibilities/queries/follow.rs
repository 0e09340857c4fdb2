//! What the responsibilities of an initiative do when it moves or changes.

use std::collections::BTreeSet;

use diesel::{BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl};

use super::ResponsibilityRow;
use crate::{
    db::{
        Id, among,
        schema::{initiatives as works, responsibilities as table, responsibilities::dsl},
    },
    error::ApiError,
    initiatives::InitiativeStatus,
    responsibilities::{dto::ResponsibilityStatus, rules},
    tx::Tx,
};

/// Has the agencies asked from now on: of a draft they knew nothing.
///
/// # Errors
/// Those of the database.
pub fn ask(tx: &mut Tx<'_>, initiative: Id) -> Result<(), ApiError> {
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)));
    let proposed = below.filter(dsl::status.eq(ResponsibilityStatus::Proposed));
    diesel::update(proposed).set(dsl::status_since.eq(tx.now())).execute(tx.conn)?;
    Ok(())
}

/// Takes back what agencies have answered to an initiative that is a draft again; the rows as they are now.
///
/// # Errors
/// Those of the database.
pub fn take_back_answers(tx: &mut Tx<'_>, initiative: Id) -> Result<Vec<ResponsibilityRow>, ApiError> {
    let answered = among(dsl::status, [ResponsibilityStatus::Accepted, ResponsibilityStatus::Declined]);
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)).and(answered));
    let asked = (dsl::status.eq(ResponsibilityStatus::Proposed), dsl::status_since.eq(tx.now()));
    let moved = (dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(tx.now()));
    Ok(diesel::update(below).set((asked, moved)).returning(table::all_columns).get_results(tx.conn)?)
}

/// Makes the deadlines of an initiative that was approved the baseline; the rows as they are now.
///
/// # Errors
/// Those of the database.
pub fn freeze_baselines(tx: &mut Tx<'_>, initiative: Id) -> Result<Vec<ResponsibilityRow>, ApiError> {
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)));
    let frozen = dsl::baseline_due_on.eq(dsl::due_on.nullable());
    let moved = (dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(tx.now()));
    Ok(diesel::update(below).set((frozen, moved)).returning(table::all_columns).get_results(tx.conn)?)
}

/// Copies the initiative's new status to its responsibilities; it is no field of their own, so their versions stay.
///
/// # Errors
/// Those of the database.
pub fn follow_status(tx: &mut Tx<'_>, initiative: Id, status: InitiativeStatus) -> Result<(), ApiError> {
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(dsl::initiative_id.eq(initiative)));
    let open = ResponsibilityStatus::ALL.iter().copied().filter(|own| rules::is_open(status, *own));
    diesel::update(below).set((dsl::initiative_status.eq(status), dsl::open.eq(among(dsl::status, open)))).execute(tx.conn)?;
    Ok(())
}

/// Copies the neighbourhoods, weights and domains of changed initiatives to their responsibilities, whose versions stay.
///
/// # Errors
/// Those of the database.
pub fn follow_fields(tx: &mut Tx<'_>, changed: BTreeSet<Id>) -> Result<(), ApiError> {
    if changed.is_empty() {
        return Ok(());
    }
    let of = works::table.filter(works::province_id.eq(dsl::province_id).and(works::id.eq(dsl::initiative_id)));
    let copied = (
        dsl::neighborhood_id.eq(of.select(works::neighborhood_id).single_value().assume_not_null()),
        dsl::initiative_weight.eq(of.select(works::weight).single_value().assume_not_null()),
        dsl::initiative_domain.eq(of.select(works::domain).single_value().assume_not_null()),
    );
    let below = table::table.filter(dsl::province_id.eq(tx.province_id()).and(among(dsl::initiative_id, changed)));
    diesel::update(below).set(copied).execute(tx.conn)?;
    Ok(())
}

/// Copies a domain's new code to the responsibilities of its initiatives, which have it already.
///
/// # Errors
/// Those of the database.
pub fn follow_domain(tx: &mut Tx<'_>, code: &str) -> Result<(), ApiError> {
    let province = tx.province_id();
    let of_domain = works::table.filter(works::province_id.eq(province).and(works::domain.eq(code))).select(works::id);
    let below = table::table.filter(dsl::province_id.eq(province).and(dsl::initiative_id.eq_any(of_domain)));
    diesel::update(below).set(dsl::initiative_domain.eq(code)).execute(tx.conn)?;
    Ok(())
}
