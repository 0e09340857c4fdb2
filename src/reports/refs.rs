//! The names that rows refer to: all places and agencies of a province, which are few.

use std::collections::HashMap;

use diesel::{QueryDsl, RunQueryDsl};

use super::{dto::NamedRef, scope::View};
use crate::{
    agencies,
    db::{
        Conn, Id,
        schema::{agencies as agency, domains as domain, neighborhoods as place},
    },
    domains,
    error::ApiError,
    neighborhoods,
};

type Named = (Id, String, String, Option<String>);

fn named((id, code, name, name_en): Named) -> (Id, NamedRef) {
    (id, NamedRef { id, code, name, name_en })
}

/// Every neighbourhood in reach.
///
/// # Errors
/// Those of the database.
pub fn places(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<Id, NamedRef>, ApiError> {
    let all = neighborhoods::queries::visible(&view.scope.actor);
    let rows: Vec<Named> = all.select((place::id, place::code, place::name, place::name_en)).load(conn)?;
    Ok(rows.into_iter().map(named).collect())
}

/// Every agency in reach.
///
/// # Errors
/// Those of the database.
pub fn agencies(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<Id, NamedRef>, ApiError> {
    let all = agencies::queries::visible(&view.scope.actor);
    let rows: Vec<Named> = all.select((agency::id, agency::code, agency::name, agency::name_en)).load(conn)?;
    Ok(rows.into_iter().map(named).collect())
}

/// Every domain in reach, by its code, in their order.
///
/// # Errors
/// Those of the database.
pub fn domains(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<String, NamedRef>, ApiError> {
    let all = domains::queries::visible(&view.scope.actor).order((domain::position, domain::id));
    let rows: Vec<Named> = all.select((domain::id, domain::code, domain::name, domain::name_en)).load(conn)?;
    Ok(rows.into_iter().map(|row| named(row).1).map(|named| (named.code.clone(), named)).collect())
}

/// The one of an id; what is not there, which no foreign key allows, has no name.
pub fn of(all: &HashMap<Id, NamedRef>, id: Id) -> NamedRef {
    all.get(&id).cloned().unwrap_or_else(|| NamedRef { id, code: String::new(), name: String::new(), name_en: None })
}
