//! Columns of files: one table a resource, for the export that writes them and the import that knows them again.

use crate::persian;

/// A column of a resource's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The field's name: the heading in CSV, the key in NDJSON.
    pub name: &'static str,
    /// The Persian heading, which stands in spreadsheets.
    pub heading: &'static str,
    /// Whether an import writes it; it takes and ignores the others (CONTRACT §4).
    pub writable: bool,
}

impl Column {
    /// A column that an import writes.
    pub const fn writable(name: &'static str, heading: &'static str) -> Self {
        Self { name, heading, writable: true }
    }

    /// A column that is exported alone.
    pub const fn read_only(name: &'static str, heading: &'static str) -> Self {
        Self { name, heading, writable: false }
    }

    /// Whether a heading of a file, folded and without blanks, means this column.
    fn is_called(&self, key: &str) -> bool {
        persian::search_key(self.name) == key || persian::search_key(self.heading) == key
    }
}

/// The column that a file's heading means: by the field's name or the Persian heading, compared folded (DESIGN §5).
pub fn called(columns: &'static [Column], heading: &str) -> Option<&'static Column> {
    let key = persian::search_key(heading);
    columns.iter().find(|column| column.is_called(&key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agencies::queries::Agencies, deferrals::queries::Deferrals, domains::queries::Domains, events::queries::Events,
        http::export::Exporting, initiatives::queries::Initiatives, mandates::queries::Mandates, neighborhoods::queries::Neighborhoods,
        responsibilities::queries::Responsibilities, users::queries::Users,
    };

    const ALL: [&[Column]; 9] = [
        Agencies::COLUMNS,
        Deferrals::COLUMNS,
        Domains::COLUMNS,
        Events::COLUMNS,
        Initiatives::COLUMNS,
        Mandates::COLUMNS,
        Neighborhoods::COLUMNS,
        Responsibilities::COLUMNS,
        Users::COLUMNS,
    ];

    #[test]
    fn every_heading_means_one_column() {
        for columns in ALL {
            for column in columns {
                for heading in [column.name, column.heading] {
                    let key = persian::search_key(heading);
                    let meant: Vec<_> = columns.iter().filter(|other| other.is_called(&key)).collect();
                    assert_eq!(meant, [column], "{heading}");
                }
            }
            let first_read_only = columns.iter().position(|column| !column.writable).unwrap_or(columns.len());
            assert!(columns.iter().skip(first_read_only).all(|column| !column.writable), "the import's columns come first");
        }
    }

    #[test]
    fn a_heading_is_known_as_offices_write_it() {
        const COLUMNS: &[Column] = &[Column::writable("name_en", "نام انگلیسی"), Column::read_only("id", "شناسه")];
        for heading in ["name_en", " Name_EN ", "نام انگلیسی", "نام‌انگليسي", "نام  انگلیسی "] {
            assert_eq!(called(COLUMNS, heading).map(|column| column.name), Some("name_en"), "{heading}");
        }
        assert_eq!(called(COLUMNS, "نام"), None);
        assert_eq!(called(COLUMNS, ""), None);
    }
}
