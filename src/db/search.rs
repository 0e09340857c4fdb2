//! Substring search over folded keys: `pg_trgm` on PostgreSQL, FTS5 trigrams on SQLite (DESIGN §4, decision 9).

use std::collections::BTreeSet;

use diesel::{
    QueryDsl, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::{AsExprOf, sql},
    expression::{SqlLiteral, UncheckedBind},
    sql_types::{Bool, Text},
};

use super::Conn;
use crate::persian;

/// Stands before each part of a key: the same character twice, so that the beginning of a part, be it one letter, is a substring of
/// three characters or more. No text holds it, since control characters are refused.
const BEGIN: &str = "\u{1f}\u{1f}";

/// The stored key of a thing: its folded, blank-free code, name and English name.
pub fn key(parts: &[Option<&str>]) -> String {
    parts.iter().flatten().flat_map(|part| [BEGIN.to_owned(), persian::search_key(part)]).collect()
}

/// A condition with one bound word.
pub type Condition = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

/// The fewest letters of a word that the index finds anywhere.
const TRIGRAM: usize = 3;

/// The conditions that a table's key holds each word. A word too short for the index must begin a part; beside a longer one, which the
/// index narrows the rows down by, it may stand anywhere, so that a thing is found by the whole of its name.
pub fn contains(conn: &Conn, table: &'static str, words: &[String]) -> Vec<Condition> {
    let is_short = |word: &str| word.chars().count() < TRIGRAM;
    let narrowed = words.iter().any(|word| !is_short(word));
    let condition = |word: &String| {
        if !is_short(word) {
            indexed(conn, table, word)
        } else if narrowed {
            looked_at(conn, table, word)
        } else {
            indexed(conn, table, &format!("{BEGIN}{word}"))
        }
    };
    words.iter().map(condition).collect()
}

fn indexed(conn: &Conn, table: &'static str, needle: &str) -> Condition {
    if conn.is_postgres() {
        let pattern = format!("%{}%", needle.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        return sql::<Bool>(&format!("({table}.search_key LIKE ")).bind::<Text, _>(pattern).sql(")");
    }
    let phrase = format!("\"{}\"", needle.replace('"', "\"\""));
    let rows = format!("({table}.row_no IN (SELECT rowid FROM {table}_search WHERE search_key MATCH ");
    sql::<Bool>(&rows).bind::<Text, _>(phrase).sql("))")
}

/// By no index: PostgreSQL would read all of it for a word without trigrams.
fn looked_at(conn: &Conn, table: &'static str, word: &str) -> Condition {
    let position = if conn.is_postgres() { "strpos" } else { "instr" };
    sql::<Bool>(&format!("({position}({table}.search_key, ")).bind::<Text, _>(word.to_owned()).sql(") > 0)")
}

/// What a transaction has added, changed and removed and SQLite's search does not know yet; triggers keep it.
mod pending {
    #![allow(missing_docs, reason = "the migration documents the columns")]

    diesel::table! {
        changed_search (name, row_no) {
            name -> Text,
            row_no -> BigInt,
        }
    }
    diesel::table! {
        waiting_search (name) {
            name -> Text,
        }
    }
}

/// Pages of a search that a commit may write anew to merge what earlier commits have left: as much as a busy second needs, so that no
/// commit has to do it for many.
const MERGED_PAGES: u32 = 8;

/// Puts what the transaction has added, changed and removed into the search, before it is committed. SQLite's search takes many rows at
/// once ten times as fast as one by one, since each statement makes it write out what it holds, and merge it later. What no
/// transaction has put in, the next one does. Nothing on PostgreSQL, whose search is an index.
///
/// # Errors
/// Those of the database.
pub(super) fn gather(conn: &mut Conn) -> QueryResult<()> {
    let Conn::Sqlite(sqlite) = conn else { return Ok(()) };
    // Triggers put each row in that is deleted here; what was changed goes first, since a new row may have the number of an old one.
    // Asked for by itself, since a large import would have its table's name returned for each row.
    let changed: Vec<String> = pending::changed_search::table.select(pending::changed_search::name).distinct().load(sqlite)?;
    diesel::delete(pending::changed_search::table).execute(sqlite)?;
    let waiting: Vec<String> = diesel::delete(pending::waiting_search::table).returning(pending::waiting_search::name).load(sqlite)?;
    for table in changed.into_iter().chain(waiting).collect::<BTreeSet<_>>() {
        sqlite.batch_execute(&format!("INSERT INTO {table}_search ({table}_search, rank) VALUES ('merge', {MERGED_PAGES})"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use diesel::{RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::BigInt};
    use proptest::{collection::vec, prelude::*};

    use crate::db::{Conn, Target, in_transaction, migrate};

    /// What a write does: to the row whose number is that much below the greatest, or to none that is there.
    #[derive(Debug, Clone)]
    enum Deed {
        Insert(u8),
        Rename(i64, u8),
        Remove(i64),
        /// Does all that, and is refused: only its savepoint is rolled back.
        Refused(Vec<Deed>),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        let simple = prop_oneof![
            3 => any::<u8>().prop_map(Deed::Insert),
            2 => (0..6_i64, any::<u8>()).prop_map(|(below, key)| Deed::Rename(below, key)),
            2 => (0..6_i64).prop_map(Deed::Remove),
        ];
        prop_oneof![6 => simple.clone(), 1 => vec(simple, 1..4).prop_map(Deed::Refused)]
    }

    fn statement(deed: &Deed, number: &mut u32) -> String {
        *number += 1;
        let row = |below: &i64| format!("row_no = (SELECT max(row_no) FROM agencies) - {below}");
        match deed {
            Deed::Insert(key) => format!(
                "INSERT INTO agencies (province_id, id, code, code_key, name, name_sort, search_key, kind, active, version, created_at, updated_at) \
                 VALUES (1, randomblob(16), 'c{number}', 'c{number}', 'n', x'00', 'key{key}', 'other', 1, 1, 0, 0);"
            ),
            Deed::Rename(below, key) => format!("UPDATE agencies SET search_key = 'key{key}' WHERE {};", row(below)),
            Deed::Remove(below) => format!("DELETE FROM agencies WHERE {};", row(below)),
            Deed::Refused(all) => {
                let all: String = all.iter().map(|deed| statement(deed, number)).collect();
                format!("SAVEPOINT refused; {all} ROLLBACK TO refused; RELEASE refused;")
            }
        }
    }

    fn empty_register(folder: &Path) -> Conn {
        let target = Target::Sqlite(folder.join("search.db"));
        migrate(&target).expect("the migrations run");
        let mut conn = target.connect(true).expect("a connection");
        let province = "INSERT INTO provinces (id, code, code_key, name, name_en, created_at) VALUES (1, 'qom', 'qom', 'قم', 'Qom', 0)";
        commit(&mut conn, province);
        conn
    }

    fn commit(conn: &mut Conn, statements: &str) {
        let committed = in_transaction(conn, |conn| match conn {
            Conn::Sqlite(sqlite) => Ok(sqlite.batch_execute(statements)?),
            Conn::Postgres(_) => Err(crate::error::ApiError::internal("SQLite alone")),
        });
        committed.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    #[test]
    fn merging_keeps_up_with_commits() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut conn = empty_register(folder.path());
        for mut number in 0..600 {
            commit(&mut conn, &statement(&Deed::Insert(7), &mut number));
            let Conn::Sqlite(sqlite) = &mut conn else { return };
            let pieces = sql::<BigInt>("(SELECT COUNT(DISTINCT segid) FROM agencies_search_idx)");
            let left: i64 = diesel::select(pieces).get_result(sqlite).expect("a count");
            // Left alone they would grow to fifteen; the next one would have FTS5 merge all of them at once, while every write waits.
            assert!((1..12).contains(&left), "{left} pieces after {number} commits");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_search_knows_the_rows_as_they_are_after_each_commit(commits in vec(vec(deed(), 1..8), 1..8)) {
            let folder = tempfile::tempdir().expect("a folder");
            let mut conn = empty_register(folder.path());
            let mut number = 0;
            for deeds in &commits {
                commit(&mut conn, &deeds.iter().map(|deed| statement(deed, &mut number)).collect::<String>());
                // 1: against the rows themselves.
                commit(&mut conn, "INSERT INTO agencies_search (agencies_search, rank) VALUES ('integrity-check', 1)");
                commit(&mut conn, "CREATE TEMP TABLE nothing_waits (n INTEGER CHECK (n = 0)); INSERT INTO nothing_waits \
                     SELECT (SELECT COUNT(*) FROM changed_search) + (SELECT COUNT(*) FROM waiting_search); DROP TABLE nothing_waits");
            }
        }
    }
}
