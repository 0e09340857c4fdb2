//! What the document says of a list and its export that the annotations cannot: one line a resource.

use crate::{
    agencies::queries::Agencies,
    clients::queries::Clients,
    deferrals::queries::Deferrals,
    domains::queries::Domains,
    events::queries::Events,
    http::{
        export::{Column, Exporting},
        resource::Resource,
    },
    imports::Imports,
    initiatives::queries::Initiatives,
    mandates::queries::Mandates,
    neighborhoods::queries::Neighborhoods,
    reports,
    responsibilities::queries::Responsibilities,
    users::queries::Users,
};

/// A list.
struct List {
    path: &'static str,
    /// The sort keys, the default first.
    sorts: &'static [&'static str],
    /// The columns of the export; none where it has none.
    columns: &'static [Column],
}

const fn list<E: Exporting>() -> List {
    List { path: E::PATH, sorts: E::SORTS, columns: E::COLUMNS }
}

/// A list that has no export.
const fn bare<L: Resource>() -> List {
    List { path: L::PATH, sorts: L::SORTS, columns: &[] }
}

const LISTS: [List; 11] = [
    list::<Agencies>(),
    bare::<Clients>(),
    list::<Deferrals>(),
    list::<Domains>(),
    list::<Events>(),
    bare::<Imports>(),
    list::<Initiatives>(),
    list::<Mandates>(),
    list::<Neighborhoods>(),
    list::<Responsibilities>(),
    list::<Users>(),
];

/// The list of a path; of an export's path, that which it exports.
fn of(path: &str) -> Option<&'static List> {
    let wanted = path.strip_suffix("/export").unwrap_or(path);
    LISTS.iter().find(|list| list.path == wanted)
}

/// The report of an import, which is no list of things: its rows are known by their number.
const IMPORT_ROWS: &str = "/api/v1/imports/{id}/rows";

/// The sort keys of a list or export, the default first.
pub fn sorts(path: &str) -> &'static [&'static str] {
    if path == IMPORT_ROWS { &["row"] } else { of(path).map_or(&[], |list| list.sorts) }
}

/// The columns of an export; none where they are not known.
pub fn columns(path: &str) -> Vec<&'static str> {
    of(path).map_or_else(|| reports::columns(path).to_vec(), |list| list.columns.iter().map(|column| column.name).collect())
}

/// The columns of every export.
#[cfg(test)]
pub fn all_columns() -> impl Iterator<Item = &'static [Column]> {
    LISTS.iter().map(|list| list.columns)
}
