//! What the document says of a list and its export that the annotations cannot: one line a resource.

use crate::{
    agencies::queries::Agencies,
    deferrals::queries::Deferrals,
    domains::queries::Domains,
    events::queries::Events,
    http::{
        export::{Column, Exporting},
        page::Resource,
    },
    imports::Imports,
    initiatives::queries::Initiatives,
    mandates::queries::Mandates,
    neighborhoods::queries::Neighborhoods,
    reports,
    responsibilities::queries::Responsibilities,
    users::queries::Users,
};

/// A list that can be exported.
struct List {
    path: &'static str,
    /// The sort keys, the default first.
    sorts: &'static [&'static str],
    /// The columns of the export.
    columns: &'static [Column],
}

const fn list<E: Exporting>() -> List {
    List { path: E::PATH, sorts: E::SORTS, columns: E::COLUMNS }
}

const LISTS: [List; 10] = [
    list::<Agencies>(),
    list::<Deferrals>(),
    list::<Domains>(),
    list::<Events>(),
    list::<Initiatives>(),
    list::<Mandates>(),
    list::<Neighborhoods>(),
    list::<Responsibilities>(),
    list::<Users>(),
    List { path: Imports::PATH, sorts: Imports::SORTS, columns: &[] },
];

/// The list of a path; of an export's path, that which it exports.
fn of(path: &str) -> Option<&'static List> {
    let wanted = path.strip_suffix("/export").unwrap_or(path);
    LISTS.iter().find(|list| list.path == wanted)
}

/// The sort keys of a list or export, the default first.
pub fn sorts(path: &str) -> &'static [&'static str] {
    of(path).map_or(&[], |list| list.sorts)
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
