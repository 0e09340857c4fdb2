//! `sum_by(key, number)` on SQLite: what each key's numbers add up to, as a JSON object, in one pass over rows in any order. `GROUP BY`
//! sorts them there, which takes ten times as long as to read them; PostgreSQL has tables of its own for it.

use std::collections::HashMap;

use diesel::{
    QueryResult, SqliteConnection, declare_sql_function,
    sql_types::{BigInt, Nullable, Text},
    sqlite::SqliteAggregateFunction,
};

use crate::error::ApiError;

#[declare_sql_function]
extern "SQL" {
    /// What each key's numbers add up to.
    #[aggregate]
    fn sum_by(key: Nullable<Text>, number: Nullable<BigInt>) -> Text;
}

/// The sums so far.
#[derive(Default)]
struct Sums(HashMap<String, i64>);

impl SqliteAggregateFunction<(Option<String>, Option<i64>)> for Sums {
    type Output = String;

    fn step(&mut self, (key, number): (Option<String>, Option<i64>)) {
        let Some(number) = number else { return };
        let sum = self.0.entry(key.unwrap_or_default()).or_default();
        *sum = sum.saturating_add(number);
    }

    fn finalize(sums: Option<Self>) -> String {
        serde_json::to_string(&sums.unwrap_or_default().0).unwrap_or_default()
    }
}

/// Makes it known to a connection.
///
/// # Errors
/// Those of the database.
pub(super) fn register(conn: &mut SqliteConnection) -> QueryResult<()> {
    sum_by_utils::register_impl::<Sums, _, _>(conn)
}

/// What [`sum_by`] gave: a key without a number is not there, the rows without a key are under the empty one.
///
/// # Errors
/// `internal` for any other text.
pub fn read(sums: &str) -> Result<HashMap<String, i64>, ApiError> {
    serde_json::from_str(sums).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use diesel::{Connection, RunQueryDsl, dsl::sql, select};

    use super::*;

    #[test]
    fn numbers_are_added_by_their_key() {
        let mut conn = SqliteConnection::establish(":memory:").expect("SQLite");
        register(&mut conn).expect("a function");
        let mut sums = |rows: &str| {
            let found = select(sql::<Text>(&format!("(SELECT sum_by(column1, column2) FROM ({rows}))"))).get_result::<String>(&mut conn);
            read(&found.expect("sums")).expect("what it wrote")
        };
        let added = sums("VALUES ('b', 1), ('a', 20), (NULL, 300), ('b', 4000), (NULL, -1), ('c', NULL), ('a', NULL)");
        assert_eq!(added, HashMap::from([("a".to_owned(), 20), ("b".to_owned(), 4001), (String::new(), 299)]));
        assert_eq!(sums("SELECT 'a' AS column1, 1 AS column2 WHERE 0"), HashMap::new());
    }
}
