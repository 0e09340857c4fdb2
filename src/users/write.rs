//! The writes, with their rules and events; requests, imports, the command line and the demo all go through here.

use serde::Serialize;

use super::{
    dto::UserFields,
    queries::{self, UserRow, Users},
    rules,
};
use crate::{
    agencies, auth,
    db::{Id, Root},
    error::{ApiError, Code},
    events::{self, Changes, Deed, Subject},
    fault::Fault,
    http::conditional::Seen,
    tx::{Effect, Tx},
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

/// Adds a user; one without a password can't log in until the province gives him one.
///
/// # Errors
/// 403 `forbidden_field`, 409 `already_exists`, 422, in this order.
pub fn create(tx: &mut Tx<'_>, fields: UserFields, password_hash: Option<String>, must_change: bool) -> Result<UserRow, ApiError> {
    tx.lock(Root::Province)?;
    let changes = Changes::created(&Told::new(&fields, password_hash.as_ref()))?;
    rules::writable(tx.actor().machine, true).check(&changes)?;
    queries::check_username(tx.conn, tx.province_id(), &fields.username, None)?;
    check_agency(tx, &fields, true)?;
    let row = queries::insert(tx, fields, password_hash, must_change)?;
    events::record(tx, Deed::Created, &subject(&row), &changes, None)?;
    Ok(row)
}

/// Changes a user: what `patch` makes of his fields, and a password that the province gives him.
///
/// # Errors
/// 404, 403, 412, 409, 422, in this order.
pub fn update(
    tx: &mut Tx<'_>,
    id: Id,
    seen: &Seen,
    patch: impl FnOnce(UserFields) -> UserFields,
    password_hash: Option<String>,
) -> Result<UserRow, ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Users>(id)?;
    let old = row.fields();
    let new = patch(old.clone());
    let changes = Changes::between(&Told::new(&old, None), &Told::new(&new, password_hash.as_ref()))?;
    rules::writable(tx.actor().machine, false).check(&changes)?;
    seen.check(row.version)?;
    if changes.is_empty() {
        return Ok(row);
    }
    queries::check_username(tx.conn, row.province_id, &new.username, Some(row.id))?;
    if !rules::administers(&new) {
        keep_administrator(tx, &row)?;
    }
    check_agency(tx, &new, new.agency_id != old.agency_id)?;
    let let_out = password_hash.is_some() || rules::ends_sessions(&old, &new);
    let row = queries::update(tx, &row, new, password_hash)?;
    events::record(tx, Deed::Updated, &subject(&row), &changes, None)?;
    if let_out {
        let now = tx.now();
        auth::queries::revoke_sessions(tx.conn, row.province_id, row.id, None, now)?;
    }
    tx.after_commit(Effect::ForgetUser(row.id));
    Ok(row)
}

/// Removes a user who has done nothing.
///
/// # Errors
/// 404, 412, 409 `last_administrator`, `in_use`.
pub fn delete(tx: &mut Tx<'_>, id: Id, seen: &Seen) -> Result<(), ApiError> {
    tx.lock(Root::Province)?;
    let row = tx.find::<Users>(id)?;
    seen.check(row.version)?;
    keep_administrator(tx, &row)?;
    queries::delete(tx, &row)?;
    events::record(tx, Deed::Deleted, &subject(&row), &Changes::deleted(&row.fields())?, None)?;
    tx.after_commit(Effect::ForgetUser(row.id));
    Ok(())
}

/// Refuses to lose the last user who leads the province's register.
fn keep_administrator(tx: &mut Tx<'_>, row: &UserRow) -> Result<(), ApiError> {
    if rules::administers(&row.fields()) && !queries::has_other_administrator(tx.conn, row)? {
        return Err(ApiError::new(Code::LastAdministrator));
    }
    Ok(())
}

/// Whether role and agency go together, and whether an agency that was not his before can be referred to.
fn check_agency(tx: &mut Tx<'_>, fields: &UserFields, is_new: bool) -> Result<(), ApiError> {
    let mut faults: Vec<Fault> = rules::agency_fault(fields).into_iter().collect();
    if let Some(id) = fields.agency_id.filter(|_| is_new) {
        let (conn, scope) = tx.split();
        let agency = agencies::queries::get_optional(conn, &scope.actor, id)?;
        faults.extend(Fault::reference("/agency_id", agency.map(|agency| agency.active)));
    }
    ApiError::refuse(faults)
}

fn subject(row: &UserRow) -> Subject {
    Subject::user(row.id, Some(row.version))
}
