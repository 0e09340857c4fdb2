//! A register in use keeps what it holds when its schema changes, and what an earlier schema has no place for is derived anew.

use std::collections::BTreeMap;

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use mahalleh::{
    clock::World,
    db::{self, Conn, Target},
    demo,
};

use super::{POSTGRES, SQLITE};
use crate::support::{Folder, databases};

/// The last migration of the first schema that had all tables with rows of their own.
const FIRST: &str = "20261122000020";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, query: &str) -> Vec<String> {
    let rows: Vec<Line> = sql_query(query).load(conn).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// Every row of every table, written out by the database itself, whatever the order of its columns.
fn rows(conn: &mut Conn) -> BTreeMap<String, Vec<String>> {
    let tables = match conn {
        Conn::Sqlite(_) => {
            "SELECT name AS line FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' \
             UNION ALL SELECT name FROM pragma_table_list WHERE name LIKE '%_search_config'"
        }
        Conn::Postgres(_) => "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let tables = lines(conn, tables).into_iter().filter(|table| !table.starts_with("__diesel"));
    tables.collect::<Vec<_>>().into_iter().map(|table| (table.clone(), rows_of(conn, &table))).collect()
}

fn rows_of(conn: &mut Conn, table: &str) -> Vec<String> {
    let row = match conn {
        Conn::Sqlite(_) => {
            let columns = format!("SELECT '''{{name}}'' || quote(\"{{name}}\")' AS line FROM pragma_table_info('{table}') ORDER BY name");
            let columns = columns.replace("{name}", "' || name || '");
            lines(conn, &columns).join(" || ")
        }
        Conn::Postgres(_) => "to_jsonb(t)::text".to_owned(),
    };
    lines(conn, &format!("SELECT {row} AS line FROM {table} t ORDER BY 1"))
}

/// Takes back all migrations after the first schema.
fn go_back(conn: &mut Conn) -> usize {
    fn all_after_first<H: MigrationHarness<DB>, DB: diesel::backend::Backend>(
        conn: &mut H,
        migrations: fn() -> EmbeddedMigrations,
    ) -> usize {
        let after = conn.applied_migrations().expect("the list").into_iter().filter(|version| version.to_string().as_str() > FIRST).count();
        for _ in 0..after {
            conn.revert_last_migration(migrations()).expect("the down migration runs");
        }
        after
    }
    match conn {
        Conn::Sqlite(sqlite) => all_after_first(sqlite, || SQLITE),
        Conn::Postgres(postgres) => all_after_first(postgres, || POSTGRES),
    }
}

fn a_register_keeps_its_data(target: &Target) {
    db::migrate(target).expect("the migrations run");
    let mut conn = target.connect(true).expect("a connection");
    let world = World::real();
    db::in_transaction(&mut conn, |conn| demo::load(conn, &world, "no password")).expect("the demo loads");
    let before = rows(&mut conn);
    assert!(before["responsibilities"].len() > 100 && before["events"].len() > 500, "{:?}", before.keys());
    let taken_back = go_back(&mut conn);
    assert!(taken_back >= 9, "{taken_back}");
    drop(conn);

    assert_eq!(db::migrate(target).expect("the migrations run").0.len(), taken_back);
    let mut conn = target.connect(true).expect("a connection");
    let after = rows(&mut conn);
    for (table, rows) in &before {
        assert_eq!(Some(rows), after.get(table), "{table}");
    }
    if let Conn::Sqlite(sqlite) = &mut conn {
        for table in ["agencies", "neighborhoods", "users", "initiatives", "responsibilities"] {
            let check = format!("INSERT INTO {table}_search ({table}_search, rank) VALUES ('integrity-check', 1)");
            sqlite.batch_execute(&check).unwrap_or_else(|error| panic!("the search of {table}: {error}"));
        }
        assert_eq!(lines(&mut conn, "SELECT \"table\" || ' ' || parent AS line FROM pragma_foreign_key_check"), Vec::<String>::new());
    }
}

#[test]
fn a_register_of_an_earlier_schema_keeps_its_data_on_sqlite() {
    let folder = Folder::new();
    a_register_keeps_its_data(&databases::empty_sqlite(folder.path()));
}

#[test]
fn a_register_of_an_earlier_schema_keeps_its_data_on_postgresql() {
    if let Some(target) = databases::empty_postgres() {
        a_register_keeps_its_data(&target);
    }
}
