//! The names that rows refer to: all neighbourhoods and agencies of a province, which are few.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{QueryDsl, Queryable, RunQueryDsl};

use super::{dto::NamedRef, scope::View};
use crate::{
    agencies,
    db::{
        Conn, Id,
        schema::{agencies as agency, domains as domain, neighborhoods as neighborhood},
    },
    domains,
    error::ApiError,
    neighborhoods::{self, Designation},
};

type Named = (Id, String, String, Option<String>);

fn named((id, code, name, name_en): Named) -> (Id, NamedRef) {
    (id, NamedRef { id, code, name, name_en })
}

/// A neighbourhood as rows of reports need it: without its boundary, which may be larger than the report.
#[derive(Debug, Clone, Queryable)]
pub struct NeighborhoodRow {
    pub id: Id,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub name_sort: Vec<u8>,
    pub designation: Designation,
    pub closed_on: Option<NaiveDate>,
}

/// The neighbourhoods that the filter names, closed ones too, in no order.
///
/// # Errors
/// Those of the database.
pub fn neighborhood_rows(conn: &mut Conn, view: &View<'_>) -> Result<Vec<NeighborhoodRow>, ApiError> {
    let columns = (
        neighborhood::id,
        neighborhood::code,
        neighborhood::name,
        neighborhood::name_en,
        neighborhood::name_sort,
        neighborhood::designation,
        neighborhood::closed_on,
    );
    Ok(view.neighborhoods().select(columns).load(conn)?)
}

/// Every neighbourhood in reach.
///
/// # Errors
/// Those of the database.
pub fn neighborhoods(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<Id, NamedRef>, ApiError> {
    let all = neighborhoods::queries::visible(&view.scope.actor);
    let rows: Vec<Named> = all.select((neighborhood::id, neighborhood::code, neighborhood::name, neighborhood::name_en)).load(conn)?;
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

/// Every domain in reach, by its code.
///
/// # Errors
/// Those of the database.
pub fn domains(conn: &mut Conn, view: &View<'_>) -> Result<HashMap<String, NamedRef>, ApiError> {
    let all = domains::queries::visible(&view.scope.actor);
    let rows: Vec<Named> = all.select((domain::id, domain::code, domain::name, domain::name_en)).load(conn)?;
    Ok(rows.into_iter().map(|row| named(row).1).map(|named| (named.code.clone(), named)).collect())
}

/// The thing of an id; one that is absent, which no foreign key allows, has no code and no name.
pub fn of(all: &HashMap<Id, NamedRef>, id: Id) -> NamedRef {
    all.get(&id).cloned().unwrap_or_else(|| NamedRef { id, code: String::new(), name: String::new(), name_en: None })
}

/// The names of neighbourhoods and agencies.
pub struct Names {
    neighborhoods: HashMap<Id, NamedRef>,
    agencies: HashMap<Id, NamedRef>,
}

impl Names {
    /// The names of all in reach.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Conn, view: &View<'_>) -> Result<Self, ApiError> {
        Ok(Self { neighborhoods: neighborhoods(conn, view)?, agencies: agencies(conn, view)? })
    }

    /// A neighbourhood's.
    pub fn neighborhood(&self, id: Id) -> NamedRef {
        of(&self.neighborhoods, id)
    }

    /// An agency's.
    pub fn agency(&self, id: Id) -> NamedRef {
        of(&self.agencies, id)
    }
}
