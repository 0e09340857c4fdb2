//! What the document says of a list and its export that the annotations cannot: one line a resource.

use crate::{
    agencies::queries::Agencies, clients::queries::Clients, deferrals::queries::Deferrals, domains::queries::Domains,
    events::queries::Events, http::resource::Resource, imports::Imports, initiatives::queries::Initiatives, mandates::queries::Mandates,
    neighborhoods::queries::Neighborhoods, responsibilities::queries::Responsibilities, users::queries::Users,
};

/// A list.
struct List {
    path: &'static str,
    /// The sort keys, the default first.
    sorts: &'static [&'static str],
}

const fn list<L: Resource>() -> List {
    List { path: L::PATH, sorts: L::SORTS }
}

const LISTS: [List; 11] = [
    list::<Agencies>(),
    list::<Clients>(),
    list::<Deferrals>(),
    list::<Domains>(),
    list::<Events>(),
    list::<Imports>(),
    list::<Initiatives>(),
    list::<Mandates>(),
    list::<Neighborhoods>(),
    list::<Responsibilities>(),
    list::<Users>(),
];

/// The report of an import, which is no list of things: its rows are known by their number.
const IMPORT_ROWS: &str = "/api/v1/imports/{id}/rows";

/// The sort keys of a list or export, the default first.
pub fn sorts(path: &str) -> &'static [&'static str] {
    let wanted = path.strip_suffix("/export").unwrap_or(path);
    if path == IMPORT_ROWS { &["row"] } else { LISTS.iter().find(|list| list.path == wanted).map_or(&[], |list| list.sorts) }
}
