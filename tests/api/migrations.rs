//! The two trees of migrations make one schema: the one in `src/db/schema.rs`.

mod data;

use std::collections::{BTreeMap, BTreeSet};

use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use mahalleh::db::{self, Target};

use crate::support::{Folder, databases};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Table, column, and the type with `?` where it may be null.
type Columns = BTreeMap<String, BTreeMap<String, String>>;

#[derive(diesel::QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    a: String,
    #[diesel(sql_type = Text)]
    b: String,
    #[diesel(sql_type = Text)]
    c: String,
}

/// What neither schema.rs nor the other database has: the row numbers and tables of SQLite's full-text search, which has
/// no counterpart in PostgreSQL's trigram indexes, and diesel's own list of migrations.
fn is_ours(table: &str, column: &str) -> bool {
    column != "row_no" && !table.contains("_search") && !table.starts_with("__diesel") && !table.starts_with("sqlite_")
}

fn sqlite() -> (Folder, SqliteConnection) {
    let folder = Folder::new();
    let target = databases::empty_sqlite(folder.path());
    db::migrate(&target).expect("the migrations run");
    let conn = SqliteConnection::establish(&folder.path().join("mahalleh.db").to_string_lossy()).expect("a connection");
    (folder, conn)
}

fn postgres() -> Option<PgConnection> {
    let target = databases::empty_postgres()?;
    db::migrate(&target).expect("the migrations run");
    let Target::Postgres(url) = target else { return None };
    Some(PgConnection::establish(&url).expect("a connection"))
}

fn load_sqlite(conn: &mut SqliteConnection, query: &str) -> Vec<Words> {
    sql_query(query).load(conn).expect("rows")
}

fn load_postgres(conn: &mut PgConnection, query: &str) -> Vec<Words> {
    sql_query(query).load(conn).expect("rows")
}

fn columns(rows: Vec<Words>) -> Columns {
    let mut tables = Columns::new();
    for Words { a: table, b: column, c: kind } in rows.into_iter().filter(|row| is_ours(&row.a, &row.b)) {
        tables.entry(table).or_default().insert(column, kind);
    }
    tables
}

/// The tables as schema.rs declares them, in a database's own types.
fn declared(types: &[(&str, &str)]) -> Columns {
    let mut tables = Columns::new();
    let mut table = String::new();
    for line in include_str!("../../src/db/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(" {").and_then(|head| head.split_once(" (")) {
            name.clone_into(&mut table);
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let wanted = inner.unwrap_or(kind);
            let (_, native) = types.iter().find(|(sql, _)| *sql == wanted).unwrap_or_else(|| panic!("no type for {wanted}"));
            let null = if inner.is_some() { "?" } else { "" };
            tables.entry(table.clone()).or_default().insert(column.to_owned(), format!("{native}{null}"));
        }
    }
    assert!(tables.len() > 15, "{:?}", tables.keys());
    tables
}

const SQLITE_COLUMNS: &str = "SELECT t.name AS a, c.name AS b, c.type || CASE WHEN c.\"notnull\" = 1 THEN '' ELSE '?' END AS c \
     FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS a, column_name::text AS b, data_type::text || CASE WHEN is_nullable = 'YES' THEN '?' ELSE '' END AS c \
     FROM information_schema.columns WHERE table_schema = 'public'";

#[test]
fn both_trees_have_the_same_names() {
    let names = |tree: &str| -> BTreeSet<String> {
        let folder = format!("{}/migrations/{tree}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
        entries
            .map(|entry| {
                assert!(entry.path().join("up.sql").exists() && entry.path().join("down.sql").exists(), "{:?}", entry.path());
                entry.file_name().into_string().expect("a name")
            })
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn sqlite_has_the_tables_of_the_schema() {
    let (_folder, mut conn) = sqlite();
    let types = [
        ("Uid", "BLOB"),
        ("Instant", "INTEGER"),
        ("Document", "TEXT"),
        ("Text", "TEXT"),
        ("Integer", "INTEGER"),
        ("BigInt", "INTEGER"),
        ("Bool", "INTEGER"),
        ("Date", "TEXT"),
        ("Binary", "BLOB"),
        ("Double", "REAL"),
    ];
    let mut found = columns(load_sqlite(&mut conn, SQLITE_COLUMNS));
    // An INTEGER PRIMARY KEY is never null, whatever the pragma says.
    if let Some(intake) = found.get_mut("events").and_then(|events| events.get_mut("intake")) {
        "INTEGER".clone_into(intake);
    }
    assert_eq!(found, declared(&types));
}

#[test]
fn every_table_of_sqlite_is_strict() {
    let (_folder, mut conn) = sqlite();
    let lax = load_sqlite(
        &mut conn,
        "SELECT name AS a, type AS b, CAST(strict AS TEXT) AS c FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0",
    );
    let lax: Vec<_> = lax.into_iter().filter(|row| is_ours(&row.a, "")).map(|row| row.a).collect();
    assert_eq!(lax, Vec::<String>::new());
}

#[test]
fn postgres_has_the_tables_of_the_schema() {
    let Some(mut conn) = postgres() else { return };
    let types = [
        ("Uid", "uuid"),
        ("Instant", "timestamp with time zone"),
        ("Document", "jsonb"),
        ("Text", "text"),
        ("Integer", "integer"),
        ("BigInt", "bigint"),
        ("Bool", "boolean"),
        ("Date", "date"),
        ("Binary", "bytea"),
        ("Double", "double precision"),
    ];
    assert_eq!(columns(load_postgres(&mut conn, POSTGRES_COLUMNS)), declared(&types));
}

#[test]
fn both_databases_have_the_same_keys() {
    let Some(mut pg) = postgres() else { return };
    let (_folder, mut lite) = sqlite();
    let key = |rows: Vec<Words>| -> BTreeSet<(String, BTreeSet<String>, String)> {
        let rows = rows.into_iter().filter(|row| is_ours(&row.a, &row.b));
        rows.map(|row| (row.a, row.b.split(',').map(str::to_owned).collect(), row.c)).collect()
    };
    let unique_lite = "SELECT a, group_concat(b) AS b, c FROM (SELECT t.name AS a, i.name AS index_name, k.name AS b, CASE i.partial WHEN 1 THEN 'partial' ELSE '' END AS c \
         FROM sqlite_master t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) k WHERE t.type = 'table' AND i.\"unique\" = 1) GROUP BY a, index_name, c";
    let unique_pg = "SELECT t.relname::text AS a, string_agg(k.attname::text, ',') AS b, CASE WHEN i.indpred IS NULL THEN '' ELSE 'partial' END AS c \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public' \
         JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1]) WHERE i.indisunique GROUP BY i.indexrelid, a, c";
    let mut unique = key(load_sqlite(&mut lite, unique_lite));
    // A lone INTEGER PRIMARY KEY is SQLite's own row number and has no index.
    unique.insert(("provinces".into(), BTreeSet::from(["id".into()]), String::new()));
    unique.insert(("event_heads".into(), BTreeSet::from(["province_id".into()]), String::new()));
    let in_postgres = key(load_postgres(&mut pg, unique_pg));
    assert_eq!(
        unique,
        in_postgres,
        "unique keys; only in PostgreSQL: {:?}; only in SQLite: {:?}",
        in_postgres.difference(&unique),
        unique.difference(&in_postgres)
    );
    let references_lite = "SELECT a, group_concat(b) AS b, c FROM (SELECT t.name AS a, f.id AS number, f.\"from\" AS b, f.\"table\" || ' ' || f.on_delete || ' ' || f.on_update AS c \
         FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table') GROUP BY a, number, c";
    let rule = |column: &str| format!("CASE {column} WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' ELSE {column}::text END");
    let references_pg = format!(
        "SELECT t.relname::text AS a, string_agg(k.attname::text, ',') AS b, p.relname::text || ' ' || {} || ' ' || {} AS c \
         FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid \
         JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = ANY(f.conkey) WHERE f.contype = 'f' GROUP BY f.oid, a, c, p.relname, f.confdeltype, f.confupdtype",
        rule("f.confdeltype"),
        rule("f.confupdtype"),
    );
    assert_eq!(key(load_sqlite(&mut lite, references_lite)), key(load_postgres(&mut pg, &references_pg)), "references");
}

#[test]
fn both_databases_have_the_same_indexes() {
    let Some(mut pg) = postgres() else { return };
    let (_folder, mut lite) = sqlite();
    let names = |rows: Vec<Words>| -> BTreeSet<String> { rows.into_iter().map(|row| row.a).filter(|name| is_ours(name, "")).collect() };
    let lite =
        names(load_sqlite(&mut lite, "SELECT name AS a, '' AS b, '' AS c FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"));
    let own = "SELECT i.relname::text AS a, '' AS b, '' AS c FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace \
         WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))";
    assert_eq!(lite, names(load_postgres(&mut pg, own)));
}

/// SQLite tells which columns a violated key has, PostgreSQL its name: it must be `table.column` (DESIGN §4).
#[test]
fn postgres_names_its_unique_keys_by_table_and_column() {
    let Some(mut pg) = postgres() else { return };
    let names = load_postgres(
        &mut pg,
        "SELECT c.conname::text AS a, t.relname::text AS b, '' AS c FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype = 'u' AND c.connamespace = 'public'::regnamespace",
    );
    assert!(names.len() > 5);
    for name in names {
        assert!(name.a.starts_with(&format!("{}.", name.b)), "{} of {}", name.a, name.b);
    }
}

#[test]
fn what_was_migrated_can_be_reverted_and_migrated_again() {
    let left = |rows: Vec<Words>| -> Vec<String> { columns(rows).into_keys().collect() };
    let (_folder, mut lite) = sqlite();
    let before = columns(load_sqlite(&mut lite, SQLITE_COLUMNS));
    lite.batch_execute("PRAGMA foreign_keys = ON").expect("a pragma");
    lite.revert_all_migrations(SQLITE).expect("the down migrations run");
    assert_eq!(left(load_sqlite(&mut lite, SQLITE_COLUMNS)), Vec::<String>::new());
    lite.run_pending_migrations(SQLITE).expect("the migrations run");
    assert_eq!(columns(load_sqlite(&mut lite, SQLITE_COLUMNS)), before);
    let Some(mut pg) = postgres() else { return };
    let before = columns(load_postgres(&mut pg, POSTGRES_COLUMNS));
    pg.revert_all_migrations(POSTGRES).expect("the down migrations run");
    assert_eq!(left(load_postgres(&mut pg, POSTGRES_COLUMNS)), Vec::<String>::new());
    pg.run_pending_migrations(POSTGRES).expect("the migrations run");
    assert_eq!(columns(load_postgres(&mut pg, POSTGRES_COLUMNS)), before);
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    for target in [Some(databases::empty_sqlite(Folder::new().path())), databases::empty_postgres()].into_iter().flatten() {
        let first = db::migrate(&target).expect("the migrations run");
        assert!(!first.0.is_empty());
        assert_eq!(db::migrate(&target).expect("the migrations run").0, Vec::<String>::new());
    }
}

#[test]
fn servers_that_migrate_at_the_same_time_all_succeed() {
    let folder = Folder::new();
    for target in [Some(databases::empty_sqlite(folder.path())), databases::empty_postgres()].into_iter().flatten() {
        let servers: Vec<_> = (0..6)
            .map(|_| {
                let target = target.clone();
                std::thread::spawn(move || db::migrate(&target))
            })
            .collect();
        let run: Vec<_> = servers.into_iter().map(|server| server.join().expect("no panic").expect("the migrations run").0.len()).collect();
        assert_eq!(run.iter().filter(|count| **count > 0).count(), 1, "{target:?} {run:?}");
    }
}
