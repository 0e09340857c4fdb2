//! The sort keys of every list (CONTRACT §3), the default first; a test compares them with `Resource::SORTS`.

/// By the list's path.
const SORTS: [(&str, &[&str]); 10] = [
    ("/api/v1/domains", &["position", "code"]),
    ("/api/v1/agencies", &["name", "code", "updated_at"]),
    ("/api/v1/neighborhoods", &["name", "code", "population", "updated_at"]),
    ("/api/v1/users", &["username", "updated_at"]),
    ("/api/v1/mandates", &["valid_from"]),
    ("/api/v1/initiatives", &["code", "title", "due_on", "updated_at", "created_at"]),
    ("/api/v1/responsibilities", &["due_on", "code", "updated_at"]),
    ("/api/v1/deferrals", &["created_at"]),
    ("/api/v1/events", &["seq"]),
    ("/api/v1/reports/neighborhoods", &["gap", "name", "late"]),
];

/// The sort keys of a list; of an export, those of its list.
pub fn of(path: &str) -> &'static [&'static str] {
    let list = path.strip_suffix("/export").unwrap_or(path);
    SORTS.iter().find(|(known, _)| *known == list).map_or(&[], |(_, sorts)| sorts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::page::Resource, neighborhoods::queries::Neighborhoods};

    fn compare<R: Resource>() {
        assert_eq!(of(R::PATH), R::SORTS, "{}", R::PATH);
    }

    #[test]
    fn the_document_has_the_sort_keys_of_the_code() {
        compare::<Neighborhoods>();
    }
}
