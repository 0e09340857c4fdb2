//! The writes, with their rules and events; requests, imports, the command line and the demo all go through here.

use serde::Serialize;

use super::{
    dto::UserFields,
    queries::{self, UserRow, Users},
    rules::{self, References},
};
use crate::{
    agencies, auth,
    db::{Id, Root},
    error::{ApiError, ProblemCode},
    events::{self, Changes, EventAction, Subject},
    fault::Referent,
    http::conditional::IfMatch,
    tx::Tx,
};

/// The fields as an event tells of them: that there is a new password, never what it is.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    fields: &'a UserFields,
    password: Option<&'static str>,
}

impl<'a> Told<'a> {
    fn new(fields: &'a UserFields, password_hash: Option<&String>) -> Self {
        Self { fields, password: password_hash.map(|_| "set") }
    }
}

/// Adds a user; one without a password can't log in until the province gives one.
///
/// # Errors
/// 403 `forbidden_field`, 409 `already_exists`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: UserFields, password_hash: Option<String>, must_change: bool) -> Result<UserRow, ApiError> {
    tx.lock(Root::Province)?;
    let taken = queries::is_taken(tx.conn, tx.province_id(), &fields.username, None)?;
    let references = References { agency: look_up(tx, fields.agency_id)?, taken, last: false };
    let changes = Changes::created(&Told::new(&fields, password_hash.as_ref()))?;
    rules::judge(tx.actor().is_client, None, &fields, &changes, references).refuse(|| Ok(()))?;
    insert(tx, fields, password_hash, must_change, &changes)
}

/// Inserts a user who has been judged, with the event.
///
/// # Errors
/// Those of the database.
pub fn insert(
    tx: &mut Tx<'_>,
    fields: UserFields,
    password_hash: Option<String>,
    must_change: bool,
    changes: &Changes,
) -> Result<UserRow, ApiError> {
    let row = queries::insert(tx, fields, password_hash, must_change)?;
    events::record(tx, EventAction::Created, &subject(&row), changes, None)?;
    Ok(row)
}

/// Changes a user; `patch` makes the new fields from the old ones, and the province may give a new password.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    if_match: &IfMatch,
    patch: impl FnOnce(UserFields) -> UserFields,
    password_hash: Option<String>,
) -> Result<UserRow, ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Users>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    let references = References {
        agency: if new.agency_id == old.agency_id { Referent::Usable } else { look_up(tx, new.agency_id)? },
        taken: new.username != old.username && queries::is_taken(tx.conn, row.province_id, &new.username, Some(row.id))?,
        last: rules::administers(old.role, old.active) && is_last(tx, &row)?,
    };
    let changes = Changes::between(&Told::new(&old, None), &Told::new(&new, password_hash.as_ref()))?;
    rules::judge(tx.actor().is_client, Some(&old), &new, &changes, references).refuse(|| if_match.check(row.version))?;
    if changes.is_empty() { Ok(row) } else { change(tx, row, new, password_hash, &changes) }
}

/// Writes a change that has been judged, with its event and what follows from it.
///
/// # Errors
/// `stale_version` where the row has changed since it was read.
pub fn change(
    tx: &mut Tx<'_>,
    row: UserRow,
    new: UserFields,
    password_hash: Option<String>,
    changes: &Changes,
) -> Result<UserRow, ApiError> {
    let let_out = password_hash.is_some() || row.fields().grant().ends_with(new.grant());
    let row = queries::update(tx, &row, new, password_hash)?;
    events::record(tx, EventAction::Updated, &subject(&row), changes, None)?;
    if let_out {
        let now = tx.now();
        auth::queries::revoke_sessions(tx.conn, row.province_id, row.id, None, now)?;
    }
    tx.invalidate_user(row.id);
    Ok(row)
}

/// Removes a user who has done nothing.
///
/// # Errors
/// 404, 412, 409 `last_administrator`, `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: &IfMatch) -> Result<(), ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Users>(id)?;
    if_match.check(row.version)?;
    keep_administrator(tx, &row)?;
    queries::delete(tx, &row)?;
    events::record(tx, EventAction::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)?;
    tx.invalidate_user(row.id);
    Ok(())
}

/// Refuses to remove the province's last administrator.
fn keep_administrator(tx: &mut Tx<'_>, row: &UserRow) -> Result<(), ApiError> {
    if rules::administers(row.role, row.active) && is_last(tx, row)? {
        return Err(ApiError::new(ProblemCode::LastAdministrator));
    }
    Ok(())
}

/// Whether the province has no administrator beside this one who can log in.
fn is_last(tx: &mut Tx<'_>, row: &UserRow) -> Result<bool, ApiError> {
    Ok(queries::administrators(tx.conn, row.province_id)? <= i64::from(row.can_administer()))
}

/// Whether an agency may be referred to.
fn look_up(tx: &mut Tx<'_>, agency: Option<Id>) -> Result<Referent, ApiError> {
    agency.map_or(Ok(Referent::Usable), |id| agencies::write::refer_to(tx, id))
}

fn subject(row: &UserRow) -> Subject {
    Subject::user(row.id, Some(row.version))
}
