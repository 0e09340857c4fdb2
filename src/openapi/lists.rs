//! What the document says of a list and its export that the annotations cannot: one line a resource.

use crate::{
    agencies::queries::Agencies, clients::queries::Clients, deferrals::queries::Deferrals, domains::queries::Domains,
    events::queries::Events, http::resource::Resource, imports::Imports, initiatives::queries::Initiatives, mandates::queries::Mandates,
    neighborhoods::queries::Neighborhoods, policy::Kind, responsibilities::queries::Responsibilities, users::queries::Users,
};

/// A list.
struct List {
    path: &'static str,
    /// The sort keys, the default first.
    sorts: &'static [&'static str],
    kind: Kind,
    has_map: bool,
}

const fn list<L: Resource>() -> List {
    List { path: L::PATH, sorts: L::SORTS, kind: L::KIND, has_map: L::HAS_MAP }
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

/// The list to which an operation's path belongs.
fn of(path: &str) -> Option<&'static List> {
    LISTS.iter().find(|list| path.strip_prefix(list.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The kind of thing that a path is about; none where it is no resource's.
pub fn kind(path: &str) -> Option<Kind> {
    if path.starts_with("/api/v1/reports/") { Some(Kind::Report) } else { of(path).map(|list| list.kind) }
}

/// Whether the things of a path have a GeoJSON form.
pub fn has_map(path: &str) -> bool {
    of(path).is_some_and(|list| list.has_map)
}
