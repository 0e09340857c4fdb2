//! The SQL function `tally(key, a, b, c, d)` on SQLite: counts the rows of each key and adds up their numbers, as JSON, in one pass
//! over rows in any order. SQLite's `GROUP BY` sorts the rows, which takes many times as long as to read them; PostgreSQL groups in
//! memory.

use std::collections::HashMap;

use diesel::{
    QueryResult, SqliteConnection, declare_sql_function,
    sql_types::{BigInt, Nullable, Text},
    sqlite::SqliteAggregateFunction,
};

use crate::error::ApiError;

#[declare_sql_function]
extern "SQL" {
    /// How many rows each key has, and what their numbers add up to.
    #[aggregate]
    fn tally(key: Nullable<Text>, a: Nullable<BigInt>, b: Nullable<BigInt>, c: Nullable<BigInt>, d: Nullable<BigInt>) -> Text;
}

/// How many rows there are, and the sum of each number; none where no row has it.
pub type Line = (i64, [Option<i64>; 4]);

/// The lines so far.
#[derive(Default)]
struct Tally(HashMap<String, Line>);

type Row = (Option<String>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

impl SqliteAggregateFunction<Row> for Tally {
    type Output = String;

    fn step(&mut self, (key, a, b, c, d): Row) {
        let (rows, sums) = self.0.entry(key.unwrap_or_default()).or_default();
        *rows += 1;
        for (sum, number) in sums.iter_mut().zip([a, b, c, d]) {
            *sum = sum.map_or(number, |sum| Some(sum.saturating_add(number.unwrap_or(0))));
        }
    }

    fn finalize(tally: Option<Self>) -> String {
        serde_json::to_string(&tally.unwrap_or_default().0).unwrap_or_default()
    }
}

/// Registers the function with a connection.
///
/// # Errors
/// Those of the database.
pub(super) fn register(conn: &mut SqliteConnection) -> QueryResult<()> {
    tally_utils::register_impl::<Tally, _, _, _, _, _>(conn)
}

/// Reads what [`tally()`] gave; rows without a key are under the empty one.
///
/// # Errors
/// `internal` for any other text.
pub fn read(tally: &str) -> Result<HashMap<String, Line>, ApiError> {
    serde_json::from_str(tally).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use diesel::{Connection, RunQueryDsl, dsl::sql, select};

    use super::*;

    #[test]
    fn rows_are_counted_and_numbers_added_by_their_key() {
        let mut conn = SqliteConnection::establish(":memory:").expect("SQLite");
        register(&mut conn).expect("a function");
        let mut tally = |rows: &str| {
            let all = format!("(SELECT tally(column1, column2, column3, NULL, 1) FROM ({rows}))");
            let found = select(sql::<Text>(&all)).get_result::<String>(&mut conn);
            read(&found.expect("a tally")).expect("what it wrote")
        };
        let lines = tally("VALUES ('b', 1, NULL), ('a', 20, NULL), (NULL, 300, 5), ('b', 4000, 7), (NULL, -1, NULL), ('c', NULL, NULL)");
        let line = |rows, a, b| (rows, [a, b, None, Some(rows)]);
        assert_eq!(lines["a"], line(1, Some(20), None));
        assert_eq!(lines["b"], line(2, Some(4001), Some(7)));
        assert_eq!(lines["c"], line(1, None, None));
        assert_eq!(lines[""], line(2, Some(299), Some(5)));
        assert_eq!(lines.len(), 4);
        assert_eq!(tally("SELECT 'a' AS column1, 1 AS column2, 1 AS column3 WHERE 0"), HashMap::new());
    }
}
