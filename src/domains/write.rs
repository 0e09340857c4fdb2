//! The writes, with their rules and events; requests and the demo all go through here.

use super::{
    dto::DomainFields,
    queries::{self, DomainRow, Domains},
};
use crate::{
    clock::World,
    db::{Conn, Id, Root, Timestamp},
    error::ApiError,
    events::{self, Changes, EventAction, Subject},
    http::conditional::IfMatch,
    policy::Kind,
    responsibilities,
    tx::Tx,
};

/// The domains that every province begins with: code, name in Persian, name in English.
const BUILT_IN: [(&str, &str, &str); 6] = [
    ("education", "آموزش", "Education"),
    ("sport", "ورزش", "Sport"),
    ("health", "بهداشت", "Health"),
    ("employment", "اشتغال", "Employment"),
    ("women_heads_of_household", "بانوان سرپرست خانوار", "Women heads of household"),
    ("culture", "فرهنگی", "Culture"),
];

/// Gives a new province its built-in domains; they come with the province and have no events of their own.
///
/// # Errors
/// Those of the database.
pub fn insert_built_in(conn: &mut Conn, province_id: i32, world: &World, now: Timestamp) -> Result<(), ApiError> {
    for ((code, name, name_en), position) in BUILT_IN.into_iter().zip(1..) {
        let fields = DomainFields { code: code.into(), name: name.into(), name_en: Some(name_en.into()), position, active: true };
        queries::insert(conn, province_id, world.new_id(), now, fields)?;
    }
    Ok(())
}

/// Adds a domain; `new` makes its fields, given the position after the last.
///
/// # Errors
/// 409 `already_exists`.
pub fn create(tx: &mut Tx<'_>, new: impl FnOnce(i32) -> DomainFields) -> Result<DomainRow, ApiError> {
    tx.lock(Root::Province)?;
    let (province, id, now) = (tx.province_id(), tx.new_id(), tx.now());
    let fields = new(queries::next_position(tx.conn, province)?);
    let changes = Changes::created(&fields)?;
    let row = queries::insert(tx.conn, province, id, now, fields)?;
    events::record(tx, EventAction::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes a domain; `patch` makes the new fields from the old ones.
///
/// # Errors
/// 404, 412, 409, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(DomainFields) -> DomainFields,
) -> Result<DomainRow, ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Domains>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    let changes = Changes::between(&old, &new)?;
    if_match.check(row.version)?;
    if changes.is_empty() {
        return Ok(row);
    }
    if old.active && !new.active {
        tx.lock_ending()?;
    }
    let row = queries::update(tx, &row, new)?;
    if row.code != old.code {
        responsibilities::queries::follow_domain(tx, &row.code)?;
    }
    events::record(tx, EventAction::Updated, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Removes a domain that no initiative is in.
///
/// # Errors
/// 404, 412, 409 `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Domains>(id)?;
    if_match.check(row.version)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)
}

fn subject(row: &DomainRow) -> Subject {
    Subject::new(Kind::Domain, row.id, row.version)
}
